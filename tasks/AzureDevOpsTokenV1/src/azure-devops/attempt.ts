import type { EventEmitter } from 'node:events';
import { proxyPolicy, RestError } from '@azure/core-rest-pipeline';
import type {
  PipelineRequest,
  PipelineResponse,
  ProxySettings,
  SendRequest,
} from '@azure/core-rest-pipeline';

/** The proxy answered in place of the server: it does not let the request through. */
export const PROXY_REFUSES = 'PROXY_REFUSES';
/** The time for the attempt was over. */
const SILENT = 'SILENT';

const LARGEST_BODY = 1024 * 1024;

/** Whom a failure concerns: the server, or the proxy on the way to it. */
export type Whom = 'server' | 'proxy';

/** Why an attempt failed: its code, and of a proxy that refuses, its status. Nothing else is kept of an error. */
export type AttemptFailure = RestError & { readonly whom: Whom };

export interface AttemptOptions {
  /** For all of the attempt. */
  readonly timeoutMs: number;
  readonly proxy: ProxySettings | undefined;
}

/**
 * Sends a request once and reads the answer, its body up to 1 MiB.
 * @throws {AttemptFailure} whose code is an errno, one of OpenSSL or Node.js, SILENT or PROXY_REFUSES
 */
export async function sendOnce(
  request: PipelineRequest,
  next: SendRequest,
  { timeoutMs, proxy }: AttemptOptions,
): Promise<PipelineResponse> {
  const way = new Way();
  const aborting = new AbortController();
  request.abortSignal = aborting.signal;
  // Each attempt has an agent of its own for the proxy: what a late answer to an earlier one says is not about this one.
  delete request.agent;
  // All come as streams, so that a body without end does no harm.
  request.streamResponseStatusCodes = new Set([Number.POSITIVE_INFINITY]);
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new RestError('The time is over', { code: SILENT }));
    }, timeoutMs);
  });
  const send: SendRequest = (prepared) => {
    way.follow(prepared);
    return next(prepared);
  };
  const sending =
    proxy === undefined ? send(request) : proxyPolicy(proxy).sendRequest(request, send);
  try {
    return await Promise.race([expired, receive(sending, way)]);
  } catch (error) {
    // Ends what is still under way, such as a connection that hangs.
    aborting.abort();
    throw toFailure(error, way);
  } finally {
    clearTimeout(timer);
    // The pipeline would take the signal of this attempt for that of all.
    delete request.abortSignal;
  }
}

/** How far a request has come. */
class Way {
  whom: Whom = 'server';
  /** The status of a proxy that does not connect. */
  refusal: number | undefined;

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
        this.refusal = answer.statusCode;
      }
    });
  }
}

async function receive(sending: Promise<PipelineResponse>, way: Way): Promise<PipelineResponse> {
  const response = await sending;
  if (way.refusal !== undefined) {
    // The library takes this answer for that of the server, and no TLS vouches for it.
    throw new RestError('The proxy refuses', { code: PROXY_REFUSES, statusCode: way.refusal });
  }
  return { ...response, bodyAsText: await readBody(response) };
}

async function readBody({ status, readableStreamBody }: PipelineResponse): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of readableStreamBody ?? []) {
      chunks.push(Buffer.from(chunk));
      size += chunk.length;
      if (size > LARGEST_BODY) {
        break;
      }
    }
  } catch (error) {
    // A refusal that breaks off is told by its status.
    if (status === 200) {
      throw error;
    }
  }
  return new TextDecoder().decode(Buffer.concat(chunks).subarray(0, LARGEST_BODY));
}

function toFailure(error: unknown, { whom }: Way): AttemptFailure {
  const { code = 'UNKNOWN', statusCode } = error as { code?: unknown; statusCode?: number };
  const text = typeof code === 'string' ? code : 'UNKNOWN';
  const options = statusCode === undefined ? { code: text } : { code: text, statusCode };
  // The class sets its own prototype, so that none can be derived from it.
  return Object.assign(new RestError(text, options), { whom });
}
