import type { EventEmitter } from 'node:events';
import { proxyPolicy, RestError } from '@azure/core-rest-pipeline';
import type { PipelineRequest, PipelineResponse, SendRequest } from '@azure/core-rest-pipeline';
import type { Connections } from './connections';
import { PROXY_REFUSES } from './connection-error';
import type { Proxy } from './proxy';

/** Whom a failure concerns: the server, or the proxy on the way to it. */
export type FailurePoint = 'server' | 'proxy';

export interface ProxyRouteOptions {
  readonly proxy: Proxy | undefined;
  /** Those of the step; absent: those of the HTTP client. */
  readonly connections?: Connections | undefined;
}

/** The way of a request to its server, straight or through a proxy, and how far it has come. */
export class ProxyRoute {
  failedAt: FailurePoint = 'server';
  /** The status of a proxy that does not connect. */
  #refusal: number | undefined;
  readonly #options: ProxyRouteOptions;

  constructor(options: ProxyRouteOptions) {
    this.#options = options;
  }

  async send(request: PipelineRequest, next: SendRequest): Promise<PipelineResponse> {
    const { proxy, connections } = this.#options;
    // An earlier attempt may have left one.
    delete request.agent;
    if (proxy === undefined) {
      if (connections !== undefined && request.url.startsWith('https:')) {
        request.agent = connections;
      }
      return next(request);
    }
    const policy = proxyPolicy(proxy, findExceptions(proxy));
    const response = await policy.sendRequest(request, (prepared) => {
      if (connections?.reuse(prepared) !== true) {
        this.#follow(prepared);
      }
      return next(prepared);
    });
    // The library takes the answer of a proxy that refuses for that of the server, and no TLS vouches for it.
    if (this.#refusal !== undefined) {
      throw new RestError('The proxy refuses', { code: PROXY_REFUSES, statusCode: this.#refusal });
    }
    return response;
  }

  /**
   * Watches the agent of https-proxy-agent, where the pipeline has given the request one: one of its own, so that what a late answer to
   * an earlier attempt says is not about this one.
   */
  #follow({ agent }: PipelineRequest): void {
    if (agent === undefined || !('proxy' in agent)) {
      return;
    }
    this.failedAt = 'proxy';
    (agent as unknown as EventEmitter).on('proxyConnect', (response: { statusCode: number }) => {
      if (response.statusCode === 200) {
        this.failedAt = 'server';
      } else {
        this.#refusal = response.statusCode;
      }
    });
  }
}

/** The agent has its own list of hosts without a proxy, which was looked at before. */
function findExceptions({ source }: Proxy): { customNoProxyList?: string[] } {
  return source === 'agent' ? { customNoProxyList: [] } : {};
}
