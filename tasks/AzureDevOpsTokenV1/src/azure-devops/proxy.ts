import type { ProxySettings } from '@azure/core-rest-pipeline';
import type { Environment } from '../environment';
import { NoAnswer } from './no-answer';

/** Each in capitals, or else not: as curl and the libraries of Azure read them. */
const VARIABLES = ['HTTPS_PROXY', 'ALL_PROXY', 'HTTP_PROXY'];

/**
 * The proxy that the environment of the agent names for Azure DevOps. Which hosts do without it is in NO_PROXY, which
 * the library reads.
 * @throws {NoAnswer} where it names one by something that is no URL
 */
export function readProxy({ get }: Environment): ProxySettings | undefined {
  const name = VARIABLES.flatMap((variable) => [variable, variable.toLowerCase()]).find(
    (variable) => get(variable) !== undefined,
  );
  if (name === undefined) {
    return undefined;
  }
  try {
    const { protocol, hostname, port, username, password } = new URL(get(name) ?? '');
    if (!/^https?:$/.test(protocol)) {
      // `proxy:3128` is a URL to the parser, too.
      throw new TypeError('not a proxy');
    }
    return {
      host: `${protocol}//${hostname}`,
      port: Number(port || (protocol === 'https:' ? 443 : 80)),
      username: decodeURIComponent(username),
      password: decodeURIComponent(password),
    };
  } catch {
    const reason = 'its address is not a URL such as http://proxy.example.com:3128';
    throw new NoAnswer({ kind: 'proxy', host: `in ${name}`, reason, attempts: 0, elapsedMs: 0 });
  }
}
