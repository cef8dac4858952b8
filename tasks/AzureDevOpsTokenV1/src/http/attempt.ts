import { RestError } from '@azure/core-rest-pipeline';
import type { PipelineRequest, PipelineResponse, SendRequest } from '@azure/core-rest-pipeline';
import { Failure } from '../errors/task-error';
import type { StreamedBody } from './response-body';
import type { Deadline } from './timeouts';
import { Sending } from './upload-stream';
import { Way, type Whom, type WayOptions } from './proxy-route';

/**
 * Why an attempt failed: its code, the host that was asked, and of a proxy that refuses, its status. Nothing else is kept
 * of an error.
 */
export type AttemptFailure = RestError & { readonly whom: Whom; readonly host: string };

export interface AttemptOptions<Received> extends WayOptions {
  readonly deadline: Deadline;
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
  const way = new Way({ proxy, connections });
  const aborting = new AbortController();
  request.abortSignal = aborting.signal;
  // All come as streams, so that a body without end does no harm.
  request.streamResponseStatusCodes = new Set([Number.POSITIVE_INFINITY]);
  request.onUploadProgress = () => {
    deadline.postpone();
  };
  const sending = new Sending(request, body);
  const exchange = async () => receive(await way.send(request, next));
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

function toFailure(error: unknown, { whom }: Way, host: string): AttemptFailure {
  const { code = 'UNKNOWN', statusCode } = error as { code?: unknown; statusCode?: number };
  const text = typeof code === 'string' ? code : 'UNKNOWN';
  const options = statusCode === undefined ? { code: text } : { code: text, statusCode };
  // The class sets its own prototype, so that none can be derived from it.
  return Object.assign(new RestError(text, options), { whom, host });
}
