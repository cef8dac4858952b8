import type { EventEmitter } from 'node:events';
import { proxyPolicy } from '@azure/core-rest-pipeline';
import type { PipelineRequest, PipelineResponse, SendRequest } from '@azure/core-rest-pipeline';
import type { Connections } from './connections';
import { AttemptError, PROXY_REFUSES, type FailurePoint } from './connection-error';
import type { Proxy } from './proxy';

export interface ProxyRouteOptions {
  readonly proxy: Proxy | undefined;
  /** Connections to reuse; absent: the HTTP client makes its own. */
  readonly connections?: Connections | undefined;
}

/** The route of a request to its server, direct or through a proxy, and how far the request has come. */
export class ProxyRoute {
  /** What has failed if the request fails now. */
  failedAt: FailurePoint = 'server';
  /** The status that a proxy returned instead of a connection. */
  #proxyStatus: number | undefined;
  readonly #options: ProxyRouteOptions;

  constructor(options: ProxyRouteOptions) {
    this.#options = options;
  }

  async send(request: PipelineRequest, next: SendRequest): Promise<PipelineResponse> {
    const { proxy, connections } = this.#options;
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
    // If a proxy refuses to connect, the library returns its response as if the server had sent it, although no TLS protects it.
    if (this.#proxyStatus !== undefined) {
      const details = { host: new URL(request.url).host, failedAt: this.failedAt };
      throw new AttemptError(PROXY_REFUSES, { ...details, proxyStatus: this.#proxyStatus });
    }
    return response;
  }

  /**
   * Listens to the agent of https-proxy-agent that the policy has set. Each attempt has its own agent, so that a late response to
   * an earlier attempt does not count for this one.
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
        this.#proxyStatus = response.statusCode;
      }
    });
  }
}

/** The proxy of the agent has its own list of exceptions, which findProxy has applied already. NO_PROXY does not count for it. */
function findExceptions({ source }: Proxy): { customNoProxyList?: string[] } {
  return source === 'agent' ? { customNoProxyList: [] } : {};
}
