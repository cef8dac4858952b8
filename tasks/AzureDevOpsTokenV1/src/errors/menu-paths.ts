// Places in the web portals that several messages name.

/** In Azure DevOps. */
export const CONNECTIONS = 'Project settings > Service connections';
export const ADD_USERS = 'Organization settings > Users > Add users';

/** In the Azure portal. */
export const FEDERATED_CREDENTIALS =
  'open its application (Certificates & secrets > Federated credentials) or managed identity (Settings > Federated credentials)';
