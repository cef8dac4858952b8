// Places in the web portals that several messages name.

/** In Azure DevOps. */
export const CONNECTIONS = 'Project settings > Service connections';
export const ADD_USERS = 'Organization settings > Users > Add users';
