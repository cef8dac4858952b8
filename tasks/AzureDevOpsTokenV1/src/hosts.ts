/** The host under which every organization of Azure DevOps Services stands: `https://dev.azure.com/{organization}`. */
export const AZURE_DEVOPS_HOST = 'dev.azure.com';

const FEEDS = 'feeds.dev.azure.com';
const PACKAGES = 'pkgs.dev.azure.com';
const ANALYTICS = 'analytics.dev.azure.com';

/**
 * The hosts that serve an area of the REST API, the segment after `_apis/`, in lower case. What is not listed is served
 * by dev.azure.com. Source: the published REST specifications (MicrosoftDocs/vsts-rest-api-specs, version 7.2).
 */
const AREAS: Readonly<Record<string, readonly string[]>> = {
  'vssps.dev.azure.com': ['delegatedauth', 'graph', 'identities', 'tokenadmin', 'tokens'],
  'vsaex.dev.azure.com': [
    'groupentitlements',
    'memberentitlements',
    'serviceprincipalentitlements',
    'userentitlements',
    'userentitlementsummary',
  ],
  'vsrm.dev.azure.com': ['release'],
  'vstmr.dev.azure.com': ['testresults'],
  [FEEDS]: ['packaging'],
  [PACKAGES]: ['provenance'],
  'almsearch.dev.azure.com': ['search'],
  'auditservice.dev.azure.com': ['audit'],
  'extmgmt.dev.azure.com': ['extensionmanagement'],
  'advsec.dev.azure.com': ['alert', 'management', 'reporting'],
  'artifacts.dev.azure.com': ['symbol'],
};
/** The same of the hosts that have no organization in their paths. */
const AREAS_OUTSIDE: Readonly<Record<string, readonly string[]>> = {
  'status.dev.azure.com': ['status'],
  'app.vssps.visualstudio.com': ['accounts', 'profile'],
};

const ON_AZURE = new Set([
  AZURE_DEVOPS_HOST,
  ANALYTICS,
  ...Object.keys(AREAS),
  ...Object.keys(AREAS_OUTSIDE),
]);
// {organization}.visualstudio.com and {organization}.{service}.visualstudio.com
const LEGACY_HOST = /^[a-z0-9-]+(?:\.[a-z0-9-]+)?\.visualstudio\.com$/;
const PROTOCOLS = new Set(['cargo', 'maven', 'npm', 'nuget', 'pypi', 'upack']);

/** Whether a host (with its port, where that is not of its scheme) is one of Azure DevOps Services. */
export function isAzureDevOpsHost(host: string): boolean {
  return ON_AZURE.has(host) || LEGACY_HOST.test(host);
}

/** Where a path below an organization is served. */
export interface Service {
  readonly host: string;
  /** Its paths begin with the organization. */
  readonly isInOrganization: boolean;
}

/** @param segments of a path below an organization, decoded */
export function findService(segments: readonly string[]): Service {
  const path = segments.map((segment) => segment.toLowerCase());
  if (path.includes('_packaging')) {
    return { host: PACKAGES, isInOrganization: true };
  }
  if (path.includes('_odata')) {
    return { host: ANALYTICS, isInOrganization: true };
  }
  const start = path.indexOf('_apis');
  const [area = '', ...rest] = start < 0 ? [] : path.slice(start + 1);
  const outside = findHost(AREAS_OUTSIDE, area);
  if (outside !== undefined) {
    return { host: outside, isInOrganization: false };
  }
  return { host: findHostOfArea(area, rest), isInOrganization: true };
}

function findHostOfArea(area: string, rest: readonly string[]): string {
  if (area === 'public' && rest[0] === 'packaging') {
    return FEEDS;
  }
  if (area === 'packaging' && isOfProtocol(rest)) {
    return PACKAGES;
  }
  return findHost(AREAS, area) ?? AZURE_DEVOPS_HOST;
}

function findHost(
  areas: Readonly<Record<string, readonly string[]>>,
  area: string,
): string | undefined {
  return Object.keys(areas).find((host) => areas[host]?.includes(area));
}

/** Whether this speaks of the packages of one kind: `feeds/{feed}/npm/…`, `npm/…`. */
function isOfProtocol([first = '', , third = '']: readonly string[]): boolean {
  return PROTOCOLS.has(first === 'feeds' ? third : first);
}

/** Whether this is a path of the REST API, at Azure DevOps or at the address under which the step has an organization. */
export function isBelowOrganization(url: URL, organizationUrl: string | undefined): boolean {
  const isThere = organizationUrl !== undefined && url.href.startsWith(`${organizationUrl}/`);
  return (isThere || isAzureDevOpsHost(url.host)) && /\/_apis\//i.test(url.pathname);
}

/** The name of the organization that a URL is of; undefined where it is of none. */
export function readOrganizationName({ host, pathname }: URL): string | undefined {
  const legacy = LEGACY_HOST.test(host) ? host.split('.')[0] : undefined;
  const [, first = ''] = pathname.split('/');
  const isInPath = isAzureDevOpsHost(host) && !first.startsWith('_') && first !== '';
  return host in AREAS_OUTSIDE ? undefined : (legacy ?? (isInPath ? first : undefined));
}

/** Of a URL that may not get the token, what a user is told. */
export const WHO_MAY_GET_TOKEN =
  'Only Azure DevOps may, and https hosts that allowedHosts names; without TLS only a loopback address that it names.';

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;
const DEFAULT_PORTS: Readonly<Record<string, string>> = { 'https:': '443', 'http:': '80' };

/**
 * Whether the token may be sent to a URL: to Azure DevOps and to the hosts that the step names, over TLS; without it
 * only to a loopback address that the step names, for trying things out.
 * @param allowedHosts each `host` (its scheme's port) or `host:port`, in lower case
 */
export function mayGetToken(url: URL, allowedHosts: readonly string[]): boolean {
  const { protocol, hostname, host, port, username, password } = url;
  if (username !== '' || password !== '') {
    return false;
  }
  const isNamed =
    allowedHosts.includes(host) ||
    allowedHosts.includes(`${hostname}:${port || (DEFAULT_PORTS[protocol] ?? '')}`);
  return (
    (protocol === 'https:' && (isNamed || isAzureDevOpsHost(host))) ||
    (protocol === 'http:' && isNamed && LOOPBACK.test(hostname))
  );
}
