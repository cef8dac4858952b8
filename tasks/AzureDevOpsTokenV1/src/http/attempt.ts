import type { PipelineRequest, PipelineResponse, SendRequest } from '@azure/core-rest-pipeline';
import { TaskError } from '../errors/task-error';
import type { StreamedBody } from './response-body';
import { toAttemptError } from './connection-error';
import type { Timers } from './timeouts';
import { UploadStream } from './upload-stream';
import { ProxyRoute, type ProxyRouteOptions } from './proxy-route';

/** The name of the timer that each sent or received piece restarts. */
export const IDLE = 'idle';

export interface AttemptOptions<Received> extends ProxyRouteOptions {
  readonly timers: Timers;
  readonly body: StreamedBody | undefined;
  readonly receive: (response: PipelineResponse) => Promise<Received>;
}

/**
 * Sends a request once and receives the response.
 * @throws {AttemptError}
 * @throws {TaskError} if the body to send cannot be read, or the response cannot be written
 */
export async function sendOnce<Received>(
  request: PipelineRequest,
  next: SendRequest,
  { timers, proxy, connections, body, receive }: AttemptOptions<Received>,
): Promise<Received> {
  const route = new ProxyRoute({ proxy, connections });
  const aborting = new AbortController();
  request.abortSignal = aborting.signal;
  // Every response is received as a stream, so that an endless body does no harm.
  request.streamResponseStatusCodes = new Set([Number.POSITIVE_INFINITY]);
  request.onUploadProgress = () => {
    timers.refresh(IDLE);
  };
  const upload = new UploadStream(request, body);
  const exchange = async () => receive(await route.send(request, next));
  try {
    return await Promise.race([timers.expired, upload.failed, exchange()]);
  } catch (error) {
    // Ends what is still in progress, such as a connection that hangs.
    aborting.abort();
    throw error instanceof TaskError
      ? error
      : toAttemptError(error, { host: new URL(request.url).host, failedAt: route.failedAt });
  } finally {
    timers.stopAll();
    upload.close();
    // The pipeline would use the signal of this attempt for later attempts, too.
    delete request.abortSignal;
  }
}
