import { AZURE_DEVOPS_HOST } from '../hosts';
import type { InputReader } from './input-reader';
import type { GitAddress, GitInputs, Organization } from './task-inputs';

export const GIT_CREDENTIALS = 'gitCredentials';

/**
 * Which git requests get credentials. Other servers than the organization's and those of `allowedHosts` get none.
 * @param organization undefined if that is reported already
 */
export function readGit(
  { problems }: InputReader,
  organization: Organization | undefined,
  allowedHosts: readonly string[],
): GitInputs | undefined {
  if (organization === undefined) {
    return undefined;
  }
  if (organization.url.startsWith('http:')) {
    problems.push(
      `${GIT_CREDENTIALS} is true, and git gets credentials for https only: organization is ${organization.url}.`,
    );
  }
  return { organization, addresses: listAddresses(organization, allowedHosts) };
}

function listAddresses(
  { name, url }: Organization,
  allowedHosts: readonly string[],
): readonly GitAddress[] {
  const { host, pathname } = new URL(url);
  const legacy = host === AZURE_DEVOPS_HOST ? [`${name.toLowerCase()}.visualstudio.com`] : [];
  // Without the port that is the default of https.
  const named = allowedHosts.map((allowed) => new URL(`https://${allowed}`).host);
  const others = new Set([...legacy, ...named]);
  others.delete(host);
  return [
    { host, path: pathname.slice(1) },
    ...[...others].map((other) => ({ host: other, path: '' })),
  ];
}
