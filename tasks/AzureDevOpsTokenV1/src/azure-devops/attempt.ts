import type { EventEmitter } from 'node:events';
import { proxyPolicy, RestError } from '@azure/core-rest-pipeline';
import type { PipelineRequest, PipelineResponse, SendRequest } from '@azure/core-rest-pipeline';
import { Failure } from '../errors/failure';
import type { StreamedBody } from './body';
import type { Deadline } from './deadline';
import type { Proxy } from './proxy';
import { Sending } from './sending';

/** The proxy answered in place of the server: it does not let the request through. */
export const PROXY_REFUSES = 'PROXY_REFUSES';

/** Whom a failure concerns: the server, or the proxy on the way to it. */
export type Whom = 'server' | 'proxy';

/**
 * Why an attempt failed: its code, the host that was asked, and of a proxy that refuses, its status. Nothing else is kept
 * of an error.
 */
export type AttemptFailure = RestError & { readonly whom: Whom; readonly host: string };

export interface AttemptOptions<Received> {
  readonly deadline: Deadline;
  readonly proxy: Proxy | undefined;
  readonly body: StreamedBody | undefined;
  readonly receive: (response: PipelineResponse) => Promise<Received>;
}

/**
 * Sends a request once and receives the answer.
 * @throws {AttemptFailure} whose code is an errno, one of OpenSSL or Node.js, SILENT or PROXY_REFUSES
 * @throws {Failure} of the body that is sent, or of the place where the answer goes
 */
export async function sendOnce<Received>(
  request: PipelineRequest,
  next: SendRequest,
  { deadline, proxy, body, receive }: AttemptOptions<Received>,
): Promise<Received> {
  const way = new Way();
  const aborting = new AbortController();
  request.abortSignal = aborting.signal;
  // Each attempt has an agent of its own for the proxy: what a late answer to an earlier one says is not about this one.
  delete request.agent;
  // All come as streams, so that a body without end does no harm.
  request.streamResponseStatusCodes = new Set([Number.POSITIVE_INFINITY]);
  request.onUploadProgress = () => {
    deadline.postpone();
  };
  const sending = new Sending(request, body);
  const send: SendRequest = (prepared) => {
    way.follow(prepared);
    return next(prepared);
  };
  const exchange = async () => {
    const response = await (proxy === undefined
      ? send(request)
      : proxyPolicy(proxy, findExceptions(proxy)).sendRequest(request, send));
    way.check();
    return receive(response);
  };
  try {
    return await Promise.race([deadline.expired, sending.failed, exchange()]);
  } catch (error) {
    // Ends what is still under way, such as a connection that hangs.
    aborting.abort();
    throw error instanceof Failure ? error : toFailure(error, way, new URL(request.url).host);
  } finally {
    deadline.clear();
    sending.close();
    // The pipeline would take the signal of this attempt for that of all.
    delete request.abortSignal;
  }
}

/** The agent has its own list of hosts without a proxy, which was looked at before. */
function findExceptions({ source }: Proxy): { customNoProxyList?: string[] } {
  return source === 'agent' ? { customNoProxyList: [] } : {};
}

/** How far a request has come. */
class Way {
  whom: Whom = 'server';
  /** The status of a proxy that does not connect. */
  #refusal: number | undefined;

  /** Watches the agent of https-proxy-agent, where the pipeline has given the request one. */
  follow({ agent }: PipelineRequest): void {
    if (agent === undefined || !('proxy' in agent)) {
      return;
    }
    this.whom = 'proxy';
    (agent as unknown as EventEmitter).on('proxyConnect', (answer: { statusCode: number }) => {
      if (answer.statusCode === 200) {
        this.whom = 'server';
      } else {
        this.#refusal = answer.statusCode;
      }
    });
  }

  /** The library takes the answer of a proxy that refuses for that of the server, and no TLS vouches for it. */
  check(): void {
    if (this.#refusal !== undefined) {
      throw new RestError('The proxy refuses', { code: PROXY_REFUSES, statusCode: this.#refusal });
    }
  }
}

function toFailure(error: unknown, { whom }: Way, host: string): AttemptFailure {
  const { code = 'UNKNOWN', statusCode } = error as { code?: unknown; statusCode?: number };
  const text = typeof code === 'string' ? code : 'UNKNOWN';
  const options = statusCode === undefined ? { code: text } : { code: text, statusCode };
  // The class sets its own prototype, so that none can be derived from it.
  return Object.assign(new RestError(text, options), { whom, host });
}
