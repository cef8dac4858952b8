// What to do about a server that responds in place of the identity service.

/** An address that is always of the machine itself. */
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/**
 * Says which server probably responded, and how to find it.
 * @param endpoint an origin
 */
export function describeOtherServer(endpoint: string): string {
  const { host, hostname } = new URL(endpoint);
  return isOfMachine(hostname)
    ? `Another program probably responded in place of the identity service. ${describeListener(endpoint)}`
    : `Another server probably responded in place of ${host}. Check the proxy and the DNS of the agent machine.`;
}

/**
 * Says who can find the program that responds at an address of the agent machine, and with which commands.
 * @param endpoint an origin
 */
export function describeListener(endpoint: string): string {
  const { host, hostname } = new URL(endpoint);
  return (
    `Ask the administrator of the agent machine which program responds at ${host}. ` +
    'To list the programs that listen, run "ss -ltnp" (Linux) or "netstat -ano" (Windows).' +
    (LOOPBACK.test(hostname)
      ? ''
      : ' If none listens at this address, a proxy or a firewall responds.')
  );
}

/** The identity endpoints of Azure are IP addresses or `localhost`. Microsoft Entra is neither. */
function isOfMachine(hostname: string): boolean {
  return LOOPBACK.test(hostname) || /^(?:[\d.]+|\[.*\])$/.test(hostname);
}
