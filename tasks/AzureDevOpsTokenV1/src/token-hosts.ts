import { isAzureDevOpsHost } from './service-hosts';

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
