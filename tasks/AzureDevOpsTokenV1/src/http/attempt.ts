import { RestError } from '@azure/core-rest-pipeline';
import type { PipelineRequest, PipelineResponse, SendRequest } from '@azure/core-rest-pipeline';
import { TaskError } from '../errors/task-error';
import type { StreamedBody } from './response-body';
import type { Timeout } from './timeouts';
import { UploadStream } from './upload-stream';
import { ProxyRoute, type FailurePoint, type ProxyRouteOptions } from './proxy-route';

/**
 * Why an attempt failed: its code, the host that was asked, and of a proxy that refuses, its status. Nothing else is kept
 * of an error.
 */
export type AttemptFailure = RestError & { readonly failedAt: FailurePoint; readonly host: string };

export interface AttemptOptions<Received> extends ProxyRouteOptions {
  readonly deadline: Timeout;
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
  { deadline, proxy, connections, body, receive }: AttemptOptions<Received>,
): Promise<Received> {
  const route = new ProxyRoute({ proxy, connections });
  const aborting = new AbortController();
  request.abortSignal = aborting.signal;
  // All come as streams, so that a body without end does no harm.
  request.streamResponseStatusCodes = new Set([Number.POSITIVE_INFINITY]);
  request.onUploadProgress = () => {
    deadline.postpone();
  };
  const upload = new UploadStream(request, body);
  const exchange = async () => receive(await route.send(request, next));
  try {
    return await Promise.race([deadline.expired, upload.failed, exchange()]);
  } catch (error) {
    // Ends what is still under way, such as a connection that hangs.
    aborting.abort();
    throw error instanceof TaskError ? error : toFailure(error, route, new URL(request.url).host);
  } finally {
    deadline.clear();
    upload.close();
    // The pipeline would take the signal of this attempt for that of all.
    delete request.abortSignal;
  }
}

function toFailure(error: unknown, { failedAt }: ProxyRoute, host: string): AttemptFailure {
  const { code = 'UNKNOWN', statusCode } = error as { code?: unknown; statusCode?: number };
  const text = typeof code === 'string' ? code : 'UNKNOWN';
  const options = statusCode === undefined ? { code: text } : { code: text, statusCode };
  // The class sets its own prototype, so that none can be derived from it.
  return Object.assign(new RestError(text, options), { failedAt, host });
}
