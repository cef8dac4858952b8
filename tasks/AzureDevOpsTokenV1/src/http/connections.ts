import { Agent, type RequestOptions } from 'node:https';
import { isIP } from 'node:net';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import type { PipelineRequest } from '@azure/core-rest-pipeline';
import type { NetworkSettings } from './network-settings';
import type { Clock } from '../clock';
import { MAX_IDLE_MS, RECEIVE_BUFFER_BYTES } from '../limits';
import { findProxy, type ProxyOptions } from './proxy';
import { checkIdentityOf, hostOf } from './server-identity';

type Connect = Agent['createConnection'];

interface EarlyConnection {
  /** The name that `https.Agent` gives to connections that can serve the same requests. */
  readonly name: string;
  readonly socket: TLSSocket;
  readonly startedAt: number;
}

export interface ConnectionsOptions extends ProxyOptions {
  readonly clock: Clock;
}

/** An agent of https-proxy-agent, with a field that Node.js has and its types do not declare. */
type ProxyAgent = Agent & { keepAlive: boolean };

/** The TLS connections to Azure DevOps. Each is kept for later requests. */
export class Connections extends Agent {
  readonly #clock: Clock;
  #early: EarlyConnection | undefined;
  #proxied: ProxyAgent | undefined;

  constructor(clock: Clock) {
    // Node.js does not check the certificate if it resumes a TLS session, so sessions are not resumed.
    super({ keepAlive: true, maxCachedSessions: 0 });
    this.#clock = clock;
  }

  /**
   * Begins to connect to the host of a URL, for a later request. An error is ignored, because the request then makes its own
   * connection and reports the error of that one.
   */
  open(url: URL, tls: NetworkSettings['tls'] = {}): void {
    const options = { ...tls, ...checkIdentityOf(url), ...placeOf(url) };
    // The types of Node.js do not declare this option of streams.
    const buffer: object = { highWaterMark: RECEIVE_BUFFER_BYTES };
    const socket = connect({ ...(options as ConnectionOptions), ...buffer });
    socket.on('error', () => undefined);
    socket.setNoDelay(true);
    const name = this.getName(options as RequestOptions);
    this.#early = { name, socket, startedAt: this.#clock.elapsed() };
  }

  /** Called by Node.js for a request without a free connection. */
  override createConnection(...[options, callback]: Parameters<Connect>): ReturnType<Connect> {
    const { name, socket, startedAt = 0 } = this.#early ?? {};
    if (socket === undefined || name !== this.getName(options)) {
      return super.createConnection(options, callback);
    }
    this.#early = undefined;
    if (!socket.destroyed && this.#clock.elapsed() - startedAt < MAX_IDLE_MS) {
      return socket;
    }
    socket.destroy();
    return super.createConnection(options, callback);
  }

  /**
   * Makes a request through a proxy reuse the connection of an earlier request.
   * @returns whether there is one; otherwise the request makes its own, which is kept
   */
  reuse(request: PipelineRequest): boolean {
    const { agent, url } = request;
    if (agent === undefined || !('proxy' in agent)) {
      return false;
    }
    // Without this option, agent-base 7.1.4 keeps a free connection under a name by which it does not find it again.
    request.requestOverrides = { ...request.requestOverrides, secureEndpoint: true };
    const options = { ...request.requestOverrides, ...placeOf(new URL(url)) };
    const free = this.#proxied?.freeSockets[this.#proxied.getName(options)] ?? [];
    // A closed connection would be replaced unobserved, and an error response of the proxy would be taken for the response of the server.
    if (this.#proxied !== undefined && free.some(({ destroyed }) => !destroyed)) {
      request.agent = this.#proxied;
      return true;
    }
    this.#proxied = agent as unknown as ProxyAgent;
    this.#proxied.keepAlive = true;
    return false;
  }

  override destroy(): void {
    this.#early?.socket.destroy();
    this.#proxied?.destroy();
    super.destroy();
  }
}

/** The target of a connection in the form that `https.Agent` uses in its name. SNI does not support IP addresses. */
function placeOf(url: URL) {
  const host = hostOf(url);
  return { host, port: Number(url.port || '443'), servername: isIP(host) === 0 ? host : '' };
}

/** Begins to connect to the host of the first request. Behind a proxy, the request itself connects. */
export function connectEarly(url: URL, options: ConnectionsOptions): Connections {
  const connections = new Connections(options.clock);
  if (url.protocol === 'https:' && isDirect(url, options)) {
    connections.open(url, options.network?.tls);
  }
  return connections;
}

function isDirect(url: URL, options: ProxyOptions): boolean {
  try {
    return findProxy(url, options) === undefined;
  } catch {
    // The request will report the invalid proxy.
    return false;
  }
}
