import type { ProxySettings } from '@azure/core-rest-pipeline';
import type { NetworkSettings, AgentProxy } from './network-settings';
import type { Environment } from '../environment';
import { ConnectionError } from './connection-error';

/** The proxy of a request. Its user and password are encoded as in a URL. */
export interface Proxy extends ProxySettings {
  /** Who configured the proxy. */
  readonly source: 'agent' | 'environment';
}

/** The sources of the proxy configuration. */
export interface ProxyOptions {
  readonly environment: Environment;
  readonly network?: NetworkSettings | undefined;
}

/** Each name is read in capitals or else in lower case, as curl and the Azure libraries do. */
const VARIABLES = ['HTTPS_PROXY', 'ALL_PROXY', 'HTTP_PROXY'];

/**
 * Finds the proxy for a URL: the proxy of the agent, or else the proxy in its environment. The library reads the exceptions of
 * the latter from NO_PROXY.
 * @throws {ConnectionError} if the proxy in the environment is not a URL
 */
export function findProxy(url: URL, { environment, network }: ProxyOptions): Proxy | undefined {
  // Without TLS the token is sent to this machine only, and a proxy could read it.
  if (url.protocol !== 'https:') {
    return undefined;
  }
  const own = network?.proxy;
  if (own === undefined) {
    return readProxy(environment);
  }
  // As in the agent: scheme, host, and a port that is not the default of the scheme (AgentWebProxy.IsMatchInBypassList).
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
      // The URL parser accepts `proxy:3128`, too, as a URL with the scheme `proxy`.
      throw new TypeError('not a proxy');
    }
    // The library would fail later on escapes that it cannot decode.
    [username, password].forEach(decodeURIComponent);
    return { ...locate(url), username, password, source: 'environment' };
  } catch {
    const reason = 'its address must be a URL such as http://proxy.example.com:3128';
    throw new ConnectionError({
      kind: 'proxy',
      host: `in ${name}`,
      reason,
      variable: name,
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
