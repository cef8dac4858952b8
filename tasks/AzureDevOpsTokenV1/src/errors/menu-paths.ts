// Places in the web portals and on the agent machine that several messages name.

/** In Azure DevOps. */
export const CONNECTIONS = 'Project settings > Service connections';
export const ADD_USERS = 'Organization settings > Users > Add users';

/** On the agent machine. */
export const AGENT_ENVIRONMENT =
  'the environment of the agent (its service, container or .env file)';

/** In the Azure portal. */
export const FEDERATED_CREDENTIALS =
  'open the application (Certificates & secrets > Federated credentials) or the managed identity (Settings > Federated credentials) of the connection';

/** Who receives the report of a defect. Each extension of the Marketplace has a publisher, and its page names the publisher. */
export const PUBLISHER =
  'the publisher of the extension, whose name is on its page in the Visual Studio Marketplace';
