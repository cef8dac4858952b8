/** The host of every organization of Azure DevOps Services: `https://dev.azure.com/{organization}`. */
export const AZURE_DEVOPS_HOST = 'dev.azure.com';
/** Azure DevOps Services accepts only tokens of this authority of Microsoft Entra. */
export const ENTRA_AUTHORITY = 'https://login.microsoftonline.com';

const FEEDS = 'feeds.dev.azure.com';
const PACKAGES = 'pkgs.dev.azure.com';
const ANALYTICS = 'analytics.dev.azure.com';

/**
 * The hosts and the areas of the REST API that they serve. An area is the segment after `_apis/`, in lower case. Areas that
 * are not listed are served by dev.azure.com.
 * Source: the published REST specifications (MicrosoftDocs/vsts-rest-api-specs, version 7.2).
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
/** The hosts that have no organization in their paths, and the areas that they serve. */
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
const LEGACY_HOST = /^([a-z0-9-]+)(?:\.([a-z0-9-]+))?\.visualstudio\.com$/;
const PROTOCOLS = new Set(['cargo', 'maven', 'npm', 'nuget', 'pypi', 'upack']);

/** Whether a host belongs to Azure DevOps Services. The host includes a port that is not the default of its scheme. */
export function isAzureDevOpsHost(host: string): boolean {
  return ON_AZURE.has(host) || parseLegacyHost(host) !== undefined;
}

/** The parts of an older host of Azure DevOps: `{organization}.visualstudio.com` or `{organization}.{service}.visualstudio.com`. */
export function parseLegacyHost(
  host: string,
): { readonly organization: string; readonly service: string | undefined } | undefined {
  const [, organization, service] = LEGACY_HOST.exec(host) ?? [];
  return organization === undefined ? undefined : { organization, service };
}

/** The host that serves a path below an organization. */
export interface Service {
  readonly host: string;
  /** Whether its paths begin with the organization. */
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

/** Whether a path is about packages of one protocol: `feeds/{feed}/npm/…`, `npm/…`. */
function isOfProtocol([first = '', , third = '']: readonly string[]): boolean {
  return PROTOCOLS.has(first === 'feeds' ? third : first);
}

/** Whether a URL is of the REST API of Azure DevOps, or below the URL of the organization that the step names. */
export function isBelowOrganization(url: URL, organizationUrl: string | undefined): boolean {
  const isThere = organizationUrl !== undefined && url.href.startsWith(`${organizationUrl}/`);
  return (isThere || isAzureDevOpsHost(url.host)) && /\/_apis\//i.test(url.pathname);
}

/** The name of the organization in a URL; undefined if the URL contains none. */
export function readOrganizationName({ host, pathname }: URL): string | undefined {
  const legacy = parseLegacyHost(host)?.organization;
  const [, first = ''] = pathname.split('/');
  const isInPath = isAzureDevOpsHost(host) && !first.startsWith('_') && first !== '';
  return host in AREAS_OUTSIDE ? undefined : (legacy ?? (isInPath ? first : undefined));
}

/** Explains to a user which hosts may get the token. */
export const TOKEN_RECIPIENTS =
  'The task sends the token to Azure DevOps and to the https hosts in allowedHosts only. ' +
  'If this host is yours, add it to allowedHosts. A URL that begins with http:// is accepted only for a loopback address.';

/** An address of the machine itself. */
export const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;
const DEFAULT_PORTS: Readonly<Record<string, string>> = { 'https:': '443', 'http:': '80' };

/**
 * Whether the token may be sent to a URL. Over TLS, Azure DevOps and the hosts that the step names may get it. Without TLS,
 * only a loopback address that the step names may get it, for experiments.
 * @param allowedHosts each `host` (with the default port of the scheme) or `host:port`, in lower case
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
