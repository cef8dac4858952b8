import type { ProxySettings } from '@azure/core-rest-pipeline';
import type { NetworkSettings, AgentProxy } from './network-settings';
import type { Environment } from '../environment';
import { ConnectionError } from './connection-error';

/** A proxy to go through; its user and password as they stand in a URL. */
export interface Proxy extends ProxySettings {
  /** Who names it. */
  readonly source: 'agent' | 'environment';
}

/** What says which proxies there are. */
export interface ProxyOptions {
  readonly environment: Environment;
  readonly network?: NetworkSettings | undefined;
}

/** Each in capitals, or else not: as curl and the libraries of Azure read them. */
const VARIABLES = ['HTTPS_PROXY', 'ALL_PROXY', 'HTTP_PROXY'];

/**
 * The proxy for an address: that of the agent, else the one that its environment names. Which hosts do without the
 * latter is in NO_PROXY, which the library reads.
 * @throws {ConnectionError} where the environment names one by something that is no URL
 */
export function findProxy(url: URL, { environment, network }: ProxyOptions): Proxy | undefined {
  // Without TLS the token goes to this machine only, and would stand in plain text before a proxy.
  if (url.protocol !== 'https:') {
    return undefined;
  }
  const own = network?.proxy;
  if (own === undefined) {
    return readProxy(environment);
  }
  // As the agent: scheme, host, and a port that is not the scheme's own (AgentWebProxy.IsMatchInBypassList).
  return own.bypass.some((pattern) => pattern.test(url.origin)) ? undefined : toSettings(own);
}

function toSettings({ url, username, password }: AgentProxy): Proxy {
  return {
    ...locate(url),
    username: encodeURIComponent(username),
    password: encodeURIComponent(password),
    source: 'agent',
  };
}

function readProxy({ get }: Environment): Proxy | undefined {
  const name = VARIABLES.flatMap((variable) => [variable, variable.toLowerCase()]).find(
    (variable) => get(variable) !== undefined,
  );
  if (name === undefined) {
    return undefined;
  }
  try {
    const url = new URL(get(name) ?? '');
    const { protocol, username, password } = url;
    if (!/^https?:$/.test(protocol)) {
      // `proxy:3128` is a URL to the parser, too.
      throw new TypeError('not a proxy');
    }
    // The library decodes them, and fails on what it cannot.
    [username, password].forEach(decodeURIComponent);
    return { ...locate(url), username, password, source: 'environment' };
  } catch {
    const reason = 'its address is not a URL such as http://proxy.example.com:3128';
    throw new ConnectionError({
      kind: 'proxy',
      host: `in ${name}`,
      reason,
      attempts: 0,
      elapsedMs: 0,
    });
  }
}

function locate({ protocol, hostname, port }: URL): Pick<ProxySettings, 'host' | 'port'> {
  return {
    host: `${protocol}//${hostname}`,
    port: Number(port || (protocol === 'https:' ? 443 : 80)),
  };
}
