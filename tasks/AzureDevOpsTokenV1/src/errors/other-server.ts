// What to do about a server that responds in place of another one.
import { LOOPBACK } from '../hosts';
import { AGENT_ENVIRONMENT } from './menu-paths';

/** An address of an identity service: where it is, and what names it. */
export interface EndpointAddress {
  /** An origin. */
  readonly endpoint: string;
  /** A variable, or the path of a file. Absent: the address of IMDS is fixed. */
  readonly namedBy?: string | undefined;
}

/** Says which server probably responded, and how to remove it. */
export function describeOtherServer({ endpoint, namedBy }: EndpointAddress): string {
  const { host, hostname } = new URL(endpoint);
  return isOfMachine(hostname)
    ? `Another program probably responded in place of the identity service. ${describeListener({ endpoint, namedBy })}`
    : describeOtherHost(host);
}

/** Says that another server probably responded in place of a host on the internet. */
export function describeOtherHost(host: string): string {
  return `Another server probably responded in place of ${host}. ${describeNetworkFix(host)}`;
}

/** What makes the server of a host respond itself. */
export function describeNetworkFix(host: string): string {
  return `Ask the administrator of your network to exempt ${host} from the proxy or, if there is no proxy, to correct its DNS entry.`;
}

/** Says who can find the program that responds at an address of the agent machine, with which commands, and what to do then. */
export function describeListener({ endpoint, namedBy = '' }: EndpointAddress): string {
  const { host, hostname } = new URL(endpoint);
  return (
    `Ask the administrator of the agent machine to find out which program responds at ${host}. ` +
    'On the agent machine, "ss -ltnp" (Linux) or "netstat -ano" (Windows) lists the programs that listen. ' +
    'If it is not the identity service of Azure, stop it' +
    (isVariable(namedBy)
      ? `, or correct ${namedBy} in ${AGENT_ENVIRONMENT} and restart the agent.`
      : '.') +
    (LOOPBACK.test(hostname)
      ? ''
      : ' If no program listens at this address, a proxy or a firewall responds: exempt the address from it.')
  );
}

/** Whether a variable, not a file, names an endpoint. */
export function isVariable(name: string): boolean {
  return /^\w+$/.test(name);
}

/** The identity endpoints of Azure are IP addresses or `localhost`. Microsoft Entra is neither. */
function isOfMachine(hostname: string): boolean {
  return LOOPBACK.test(hostname) || /^(?:[\d.]+|\[.*\])$/.test(hostname);
}
