// Places in the web portals and on the agent machine that several messages name.

/** In Azure DevOps. */
export const CONNECTIONS = 'Project settings > Service connections';
export const ADD_USERS = 'Organization settings > Users > Add users';

/** On the agent machine. */
export const AGENT_ENVIRONMENT =
  'the environment of the agent (its service, container or .env file)';

/** In the Azure portal. */
export const FEDERATED_CREDENTIALS =
  'open its application (Certificates & secrets > Federated credentials) or managed identity (Settings > Federated credentials)';
