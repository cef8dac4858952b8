import type { EventEmitter } from 'node:events';
import { RestError } from '@azure/core-rest-pipeline';
import type { PipelineRequest, PipelineResponse, SendRequest } from '@azure/core-rest-pipeline';

/** A proxy answered in place of the server: it does not let the request through. */
export const PROXY_REFUSES = 'PROXY_REFUSES';
/** The time for the attempt was over. */
export const SILENT = 'SILENT';

const LARGEST_BODY = 1024 * 1024;

/** The agent by which the pipeline reaches a proxy (https-proxy-agent). */
type ProxyAgent = EventEmitter & { readonly proxy: URL };

/** The proxy through which the pipeline sends a request. */
export function proxyOf({ agent }: PipelineRequest): ProxyAgent | undefined {
  return agent !== undefined && 'proxy' in agent && agent.proxy instanceof URL
    ? (agent as unknown as ProxyAgent)
    : undefined;
}

/**
 * Sends a request once and reads the answer, its body up to 1 MiB.
 * @param timeoutMs for all of it
 * @throws {RestError} whose code is that of the failure, SILENT or PROXY_REFUSES (`statusCode` says how)
 */
export async function sendOnce(
  request: PipelineRequest,
  next: SendRequest,
  timeoutMs: number,
): Promise<PipelineResponse> {
  const aborting = new AbortController();
  request.abortSignal = aborting.signal;
  // All come as streams, so that a body without end does no harm.
  request.streamResponseStatusCodes = new Set([Number.POSITIVE_INFINITY]);
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new RestError('The time is over', { code: SILENT }));
    }, timeoutMs);
  });
  try {
    return await Promise.race([expired, receive(request, next)]);
  } catch (error) {
    // Ends what is still under way, such as a connection that hangs.
    aborting.abort();
    throw toRestError(error);
  } finally {
    clearTimeout(timer);
    // The pipeline would take the signal of this attempt for that of all.
    delete request.abortSignal;
  }
}

async function receive(request: PipelineRequest, next: SendRequest): Promise<PipelineResponse> {
  let refusal: number | undefined;
  // A proxy that refuses to connect has its answer taken for that of the server, and no TLS vouches for it.
  const notice = ({ statusCode }: { statusCode: number }) => {
    refusal = statusCode === 200 ? undefined : statusCode;
  };
  const proxy = proxyOf(request);
  proxy?.on('proxyConnect', notice);
  try {
    const response = await next(request);
    if (refusal !== undefined) {
      throw new RestError('The proxy refuses', { code: PROXY_REFUSES, statusCode: refusal });
    }
    return { ...response, bodyAsText: await readBody(response) };
  } finally {
    proxy?.off('proxyConnect', notice);
  }
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

/** What the pipeline can repeat: the code of an error and nothing else of it. */
function toRestError(error: unknown): RestError {
  if (error instanceof RestError) {
    return error;
  }
  const code =
    error instanceof Error && 'code' in error && typeof error.code === 'string'
      ? error.code
      : 'UNKNOWN';
  return new RestError(code, { code });
}
