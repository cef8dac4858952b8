import { untrustedText } from '../untrusted-text';
import { AZURE_DEVOPS_HOST, mayGetToken, parseLegacyHost } from '../hosts';
import type { InputReader } from './input-reader';
import { COLLECTION_VARIABLES } from './read-organization';

/** The variable with the URL at which Azure DevOps issues the OIDC token of a job. */
export const OIDC_VARIABLE = 'System.OidcRequestUri';

/**
 * Reads the URL at which Azure DevOps issues the OIDC token of this job. The request carries the access token of the job, so
 * the URL has to be of the organization of the pipeline, and of a host that runs jobs. `allowedHosts` adds none.
 */
export function readOidcUrl({ agent, problems }: InputReader): URL | undefined {
  const text = agent.getVariable(OIDC_VARIABLE) ?? '';
  if (!URL.canParse(text)) {
    problems.push(
      `${OIDC_VARIABLE} is not set, so Azure DevOps issues no OIDC token for this job. ` +
        'Service connections with workload identity federation cannot be used here. ' +
        'Run the job with Azure DevOps Services.',
    );
    return undefined;
  }
  const url = new URL(text);
  const [own] = COLLECTION_VARIABLES.map((name) => agent.getVariable(name) ?? '').filter((other) =>
    URL.canParse(other),
  );
  const organization = findOrganization(url);
  const isOwn =
    organization !== '' && own !== undefined && findOrganization(new URL(own)) === organization;
  if (isOwn && mayGetToken(url, [])) {
    return url;
  }
  problems.push(
    `${OIDC_VARIABLE} points to ${untrustedText(url.host)}, but it is not a URL of ${isOwn ? 'Azure DevOps with https' : 'the organization of the pipeline'}. ` +
      'The access token of the job is not sent there. If a pipeline variable has that name, remove it.',
  );
  return undefined;
}

/** The hosts that run jobs: of builds, and of classic releases. Their paths begin with the organization. */
const JOB_HOSTS = new Set([AZURE_DEVOPS_HOST, 'vsrm.dev.azure.com']);

/** The name of the organization in the URL of a host that runs jobs; empty for another URL. */
function findOrganization({ host, pathname }: URL): string {
  const legacy = parseLegacyHost(host);
  const [, first = ''] = pathname.split('/');
  const isOfJobs = legacy?.service === undefined || legacy.service === 'vsrm';
  const organization = isOfJobs ? legacy?.organization : undefined;
  return (organization ?? (JOB_HOSTS.has(host) ? first : '')).toLowerCase();
}
