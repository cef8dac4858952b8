import type { IdentityDetails, AzureDevOpsProblem } from './happening';

/** The tenant id of an organization that is connected to none. */
const NO_TENANT = '00000000-0000-0000-0000-000000000000';

export const THROTTLED =
  'Azure DevOps asks to wait before the next request: run the job again later. Where this identity asks too much in too short a ' +
  'time (429), let fewer jobs ask at once.';
export const FOREIGN_PAGE =
  'Azure DevOps has no such page: a proxy or a firewall in between seems to answer in its place. Let this machine reach the ' +
  'organization.';

type Why = Extract<AzureDevOpsProblem, { kind: 'no-answer' }>['why'];

const CONNECTION_HINTS = {
  certificate: ({ reason }: Why) =>
    describeDefect(reason) +
    "Where the network inspects TLS, or the server has a certificate of a private authority: add that authority's certificate to the " +
    'file that NODE_EXTRA_CA_CERTS names in the environment of the agent, or to the one of the CA setting of the agent itself ' +
    '(config --sslcacert), and start the agent anew.',
  proxy: ({ source }: Why) =>
    source === 'agent'
      ? 'It is the proxy that the agent was configured with (config --proxyurl, or the file .proxy in its folder): correct its address, its ' +
        'user and password, or its rules, or name the host in .proxybypass; then start the agent anew.'
      : 'It is the proxy that HTTPS_PROXY, ALL_PROXY or HTTP_PROXY names in the environment of the agent or among the variables of the ' +
        'pipeline: correct its address, its user and password, or its rules, or name the host in NO_PROXY.',
  wait: () => THROTTLED,
  connection: () =>
    'See whether a firewall, the name service or a missing proxy (HTTPS_PROXY in the environment of the agent) stands between this ' +
    'machine and that host.',
} as const;

/** What to do where no answer came. */
export function findConnectionHint(why: Why): string {
  return CONNECTION_HINTS[why.kind](why);
}

interface Unknown {
  readonly identityDetails: IdentityDetails;
  /** Of the organization, where it tells. */
  readonly organizationTenantId?: string | undefined;
}

/** Whether the organization cannot know the identity, because it belongs to another tenant. */
export function isOfOtherTenant({ identityDetails, organizationTenantId }: Unknown): boolean {
  return (
    organizationTenantId === NO_TENANT || differs(organizationTenantId, identityDetails.tenantId)
  );
}

/** Whether both are known, and are not the same. */
function differs(one: string | undefined, other: string | undefined): boolean {
  return one !== undefined && other !== undefined && one.toLowerCase() !== other.toLowerCase();
}

/** What to do where an organization does not know the identity. */
export function describeUnknownIdentity(problem: Unknown, organization: string): string {
  const { identityDetails } = problem;
  return (
    describeTenants(problem) +
    `The organization does not know the identity ${describeIdentityDetails(identityDetails)}. ` +
    describeOwnTenant(problem) +
    'It is ' +
    `added under Organization settings > Users of ${organization}, with an access level that fits its work (Basic for ` +
    'repositories). If the token is meant for another organization, name that one in the input organization.'
  );
}

/** Of a service connection the agent masks the client id. */
function describeIdentityDetails({
  clientId,
  objectId,
  tenantId,
  connectionId,
}: IdentityDetails): string {
  const ofObject = objectId === undefined ? [] : [`the object id ${objectId}`];
  if (connectionId === undefined) {
    const ofClient = clientId === undefined ? [] : [`the client id ${clientId}`];
    const ids = [...ofClient, ...ofObject];
    return ids.length === 0
      ? 'of the token, which does not say whose it is'
      : `with ${ids.join(' and ')}`;
  }
  const ids = ofObject.map((id) => `, with ${id}`).join('');
  const tenant = tenantId === undefined ? '' : ` in the tenant ${tenantId}`;
  return `of the service connection ${connectionId}${ids}${tenant}`;
}

/** For a token of which the tenant is not known, so that nothing can be said of it. */
function describeOwnTenant({ identityDetails, organizationTenantId }: Unknown): string {
  return identityDetails.tenantId !== undefined ||
    organizationTenantId === undefined ||
    organizationTenantId === NO_TENANT
    ? ''
    : `It has to be of the tenant ${organizationTenantId}, to which the organization is connected. `;
}

function describeTenants(problem: Unknown): string {
  if (!isOfOtherTenant(problem)) {
    return '';
  }
  const { identityDetails, organizationTenantId = '' } = problem;
  const whose =
    organizationTenantId === NO_TENANT
      ? `The organization is connected to no Microsoft Entra tenant (${NO_TENANT})`
      : `The organization belongs to the tenant ${organizationTenantId}`;
  const token =
    identityDetails.tenantId === undefined
      ? ''
      : `, and the token is of the tenant ${identityDetails.tenantId}`;
  return `${whose}${token}: an organization takes only identities of its own tenant. `;
}

/** What is wrong with a certificate, where its code says so. */
function describeDefect(code: string): string {
  if (/EXPIRED|NOT_YET_VALID/.test(code)) {
    return 'It is not valid at this time: see the clock of this machine; if that is right, the certificate has to be renewed. ';
  }
  return /ALTNAME|HOSTNAME/.test(code)
    ? 'It is for another host: something else answers at this address. '
    : '';
}
