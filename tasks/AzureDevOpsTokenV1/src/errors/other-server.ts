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
function describeListener(endpoint: string): string {
  const { host, hostname } = new URL(endpoint);
  return (
    `Ask the administrator of the agent machine which program responds at ${host}. ` +
    'On the agent machine, run "ss -ltnp" (Linux) or "netstat -ano" (Windows) to list the programs that listen.' +
    (LOOPBACK.test(hostname)
      ? ''
      : ' If none of them listens at this address, a proxy or a firewall responds.')
  );
}

/** Matches the message of Azure Cloud Shell, which supports few services: "Audience … is not a supported MSI token audience". */
const OTHER_AUDIENCE = /\baudience\b.{0,200}\bnot (?:a )?supported\b/i;

/** What to do if a server refuses the request for a token. It can be the identity service or another program. */
export function describeEndpointFix(endpoint: string, serverMessage = ''): string {
  return OTHER_AUDIENCE.test(serverMessage)
    ? 'The server message says that this identity service issues no tokens for the audience of Azure DevOps. Run the job on another agent, or use ' +
        'a service connection (connectionType: azureDevOps).'
    : `1. ${describeListener(endpoint)} A proxy, a firewall or Docker Desktop (which returns 403) must not respond in ` +
        'place of the identity service.\n2. If the VM uses the Metadata Security Protocol, ask the administrator of the VM to add the process and the ' +
        'user of the agent to its allowlist (resource InVMAccessControlProfile).';
}

/** The identity endpoints of Azure are IP addresses or `localhost`. Microsoft Entra is neither. */
function isOfMachine(hostname: string): boolean {
  return LOOPBACK.test(hostname) || /^(?:[\d.]+|\[.*\])$/.test(hostname);
}
