import { Agent, type RequestOptions } from 'node:https';
import { isIP } from 'node:net';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import type { PipelineRequest } from '@azure/core-rest-pipeline';
import type { NetworkSettings } from './network-settings';
import type { Clock } from '../clock';
import { findProxy, type ProxyOptions } from './proxy';
import { checkIdentityOf, hostOf } from './server-identity';

/** An older one may have been forgotten by whoever is on the way, or by the server. */
export const MAX_IDLE_MS = 15_000;

type Connect = Agent['createConnection'];

interface EarlyConnection {
  /** As an agent of Node.js names connections that serve the same requests. */
  readonly name: string;
  readonly socket: TLSSocket;
  readonly startedAt: number;
}

export interface ConnectionsOptions extends ProxyOptions {
  readonly clock: Clock;
}

/** An agent of https-proxy-agent, with what Node.js has of every agent and does not say. */
type ProxyAgent = Agent & { keepAlive: boolean };

/** The connections over TLS to Azure DevOps. Each is kept for the requests that follow. */
export class Connections extends Agent {
  readonly #clock: Clock;
  #early: EarlyConnection | undefined;
  #proxied: ProxyAgent | undefined;

  constructor(clock: Clock) {
    // Of a session that is resumed, Node.js does not check the certificate: each connection makes its own.
    super({ keepAlive: true, maxCachedSessions: 0 });
    this.#clock = clock;
  }

  /**
   * Begins to connect to the host of a URL, for a request that comes later. Where that goes wrong, nothing is said of it: the request
   * makes a connection of its own then.
   */
  open(url: URL, tls: NetworkSettings['tls'] = {}): void {
    const options = { ...tls, ...checkIdentityOf(url), ...placeOf(url) };
    const socket = connect(options as ConnectionOptions);
    socket.on('error', () => undefined);
    socket.setNoDelay(true);
    const name = this.getName(options as RequestOptions);
    this.#early = { name, socket, startedAt: this.#clock.elapsed() };
  }

  /** Called by Node.js for a request that finds no connection which it could use. */
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
   * Has a request that would go through a proxy take a connection that an earlier one has left.
   * @returns whether there is one; otherwise the request makes its own, which is kept
   */
  reuse(request: PipelineRequest): boolean {
    const { agent, url } = request;
    if (agent === undefined || !('proxy' in agent)) {
      return false;
    }
    // Otherwise the agent puts a connection that is free again where it does not look for one (agent-base 7.1.4).
    request.requestOverrides = { ...request.requestOverrides, secureEndpoint: true };
    const options = { ...request.requestOverrides, ...placeOf(new URL(url)) };
    const free = this.#proxied?.freeSockets[this.#proxied.getName(options)] ?? [];
    // One that is closed would be replaced, and what the proxy says to that would pass for the response of the server.
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

/** Where a connection goes, as Node.js has it in the name of a connection: an IP address is no name for SNI. */
function placeOf(url: URL) {
  const host = hostOf(url);
  return { host, port: Number(url.port || '443'), servername: isIP(host) === 0 ? host : '' };
}

/** Begins to connect to where the first request will go. Through a proxy, that is left to the request. */
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
    // The request will say what is wrong with it.
    return false;
  }
}
