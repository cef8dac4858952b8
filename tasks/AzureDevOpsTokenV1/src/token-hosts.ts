/** The host under which every organization of Azure DevOps Services stands: `https://dev.azure.com/{organization}`. */
export const AZURE_DEVOPS_HOST = 'dev.azure.com';

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
    (protocol === 'https:' && (isNamed || host === AZURE_DEVOPS_HOST)) ||
    (protocol === 'http:' && isNamed && LOOPBACK.test(hostname))
  );
}
