// What an organization of the emulator holds, as the REST API shows it.
// https://learn.microsoft.com/rest/api/azure/devops/core/projects/list
// https://learn.microsoft.com/rest/api/azure/devops/git/repositories/list

export interface Member {
  readonly objectId: string;
  readonly displayName: string;
}

export const PROJECT = { id: '6ce954b1-ce1f-45d1-b94d-e6bf2464ba2c', name: 'SecretSauce' };
export const REPOSITORIES = [
  { id: '5febef5a-833d-4e14-b9c0-14cb638f91e6', name: 'app' },
  { id: '278d5cd2-584d-4b63-824a-2ba458937249', name: 'library' },
  { id: 'b1b3f9a4-2f7c-4c43-9d0a-6b7e3c5d8f10', name: 'media' },
] as const;
/** The anonymous user, whose requests Azure DevOps accepts for public projects. */
export const ANONYMOUS = 'aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa';

export interface Caller {
  readonly origin: string;
  readonly organization: string;
  readonly tenantId: string;
  /** Undefined: an anonymous user. */
  readonly member: Member | undefined;
}

type Resource = (caller: Caller) => unknown;

/** By path below the organization, in lower case. */
export const RESOURCES: Readonly<Record<string, Resource>> = {
  '_apis/connectiondata': describeConnection,
  '_apis/resourceareas': () => listOf([]),
  '_apis/projects': ({ origin, organization }) =>
    listOf([
      {
        ...PROJECT,
        url: `${origin}/${organization}/_apis/projects/${PROJECT.id}`,
        state: 'wellFormed',
        revision: 11,
        visibility: 'private',
        lastUpdateTime: '2026-01-31T12:00:00.000Z',
      },
    ]),
  '_apis/git/repositories': listRepositories,
  [`${PROJECT.name}/_apis/git/repositories`.toLowerCase()]: listRepositories,
};

/** Where the resources of an area are, by which Microsoft's clients find them: `OPTIONS {organization}/_apis/{area}`. */
export const LOCATIONS: Readonly<Record<string, readonly unknown[]>> = {
  location: [
    locate('00d9565f-ed9c-4a06-9a50-00e7896ccab4', 'Location/ConnectionData', '_apis/{resource}'),
    locate('e81700f7-3be2-46de-8624-2eb35882fcaa', 'Location/ResourceAreas', '_apis/{resource}'),
  ],
  core: [locate('603fe2ac-9723-48b9-88ad-09305aa6c6e1', 'core/projects', '_apis/{resource}')],
  git: [
    locate(
      '225f7195-f9c7-4d14-ab28-a83f7ff77e1f',
      'git/repositories',
      '{project}/_apis/{area}/{resource}',
    ),
  ],
};

/** @param name area and resource */
function locate(id: string, name: string, routeTemplate: string) {
  const [area, resourceName] = name.split('/');
  const versions = { minVersion: '1.0', maxVersion: '7.2', releasedVersion: '7.1' };
  return { id, area, resourceName, routeTemplate, resourceVersion: 1, ...versions };
}

export function listOf(value: readonly unknown[]) {
  return { count: value.length, value };
}

function describeConnection({ member, tenantId }: Caller) {
  const kind = 'Microsoft.VisualStudio.Services.Claims.AadServicePrincipal';
  const user =
    member === undefined
      ? {
          id: ANONYMOUS,
          descriptor: `System:PublicAccess;${ANONYMOUS}`,
          providerDisplayName: 'Anonymous',
        }
      : {
          id: member.objectId.replace(/^.{8}/, '4f7a1c20'),
          descriptor: `${kind};${tenantId}\\${member.objectId}`,
          subjectDescriptor: `aadsp.${Buffer.from(member.objectId).toString('base64url')}`,
          providerDisplayName: member.displayName,
          isActive: true,
          properties: { Account: { $type: 'System.String', $value: member.objectId } },
          resourceVersion: 2,
          metaTypeId: 2,
        };
  return {
    authenticatedUser: user,
    authorizedUser: user,
    instanceId: '9b9f7d3e-4f0a-4b1c-8a57-3d2c1b0a9f8e',
    deploymentId: '3c7a5e1d-8b2f-4d6e-9a01-5f4e3d2c1b0a',
    deploymentType: 'hosted',
    locationServiceData: {
      serviceOwner: '00025394-6065-48ca-87d9-7f5672854ef7',
      defaultAccessMappingMoniker: 'PublicAccessMapping',
      lastChangeId: 62_693_399,
      lastChangeId64: 62_693_399,
    },
  };
}

function listRepositories({ origin, organization }: Caller) {
  return listOf(
    REPOSITORIES.map(({ id, name }) => ({
      id,
      name,
      url: `${origin}/${organization}/${PROJECT.id}/_apis/git/repositories/${id}`,
      project: { ...PROJECT, state: 'wellFormed', visibility: 'private' },
      defaultBranch: 'refs/heads/main',
      remoteUrl: `${origin}/${organization}/${PROJECT.name}/_git/${name}`,
      isDisabled: false,
    })),
  );
}
