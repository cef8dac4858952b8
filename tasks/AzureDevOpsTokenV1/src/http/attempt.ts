import type { PipelineRequest, PipelineResponse, SendRequest } from '@azure/core-rest-pipeline';
import { TaskError } from '../errors/task-error';
import { mayGetToken } from '../hosts';
import { MAX_REDIRECTS } from '../limits';
import { toAttemptError } from './connection-error';
import type { Connections } from './connections';
import { isDecoded } from './content-coding';
import { isSafe } from './method';
import { findProxy, type ProxyOptions } from './proxy';
import { ProxyRoute } from './proxy-route';
import {
  acceptsJson,
  authorize,
  hideAcceptEncoding,
  type HttpRequest,
  makeBareRequest,
  makeRequest,
} from './request';
import { type HttpResponse, isSignIn, readRedirect, type ReceivedBody } from './response';
import { discardBody, MESSAGE_ONLY, NO_BODY, receiveBody } from './response-body';
import { Timers } from './timeouts';
import { UploadStream } from './upload-stream';

/** The name of the timer that each sent or received piece restarts. */
const IDLE = 'idle';
/** The name of the timer of a whole attempt. */
const ATTEMPT = 'attempt';

export interface AttemptOptions extends ProxyOptions {
  readonly allowedHosts: readonly string[];
  readonly sessionId: string;
  /** The time limit of this attempt with its redirects, in milliseconds. */
  readonly attemptMs: number;
  readonly connections?: Connections | undefined;
  /** Sends a request by the HTTP client of the pipeline. */
  readonly send: SendRequest;
}

/**
 * Makes one attempt: sends a request and follows its redirects. The token and the headers of the author are sent only to hosts
 * that may get the token. After the first other host they are sent to no host, because that host chooses all later URLs.
 * @throws {AttemptError}
 * @throws {TaskError} if the body to send cannot be read, or the response cannot be written
 */
export async function attempt(
  request: HttpRequest,
  options: AttemptOptions,
): Promise<HttpResponse> {
  const timers = new Timers();
  try {
    return await followRedirects(request, options, timers);
  } finally {
    timers.stopAll();
  }
}

async function followRedirects(
  request: HttpRequest,
  options: AttemptOptions,
  timers: Timers,
): Promise<HttpResponse> {
  const { allowedHosts, sessionId, network } = options;
  // The client certificate names the machine, so that it is for the same hosts as the token.
  const bareTls = { ca: network?.tls.ca };
  const tls = mayGetToken(request.url, allowedHosts) ? network?.tls : bareTls;
  let hop = makeRequest(request, request.url, { sessionId, tls });
  let tokenWithheldFrom: string | undefined;
  for (let redirects = 0; ; redirects += 1) {
    const url = new URL(hop.url);
    tokenWithheldFrom ??= mayGetToken(url, allowedHosts) ? undefined : url.host;
    if (tokenWithheldFrom === undefined) {
      await authorize(hop, request);
    }
    if (redirects === 0) {
      startAttempt(timers, request, options);
    }
    const isLast = redirects === MAX_REDIRECTS;
    const { response, target } = await sendOnce(hop, request, { ...options, isLast, timers });
    if (target === undefined) {
      return { ...response, tokenWithheldFrom };
    }
    hop =
      tokenWithheldFrom === undefined && mayGetToken(target, allowedHosts)
        ? makeRequest(request, target, { sessionId, tls: network?.tls })
        : makeBareRequest(request.method, target, bareTls);
  }
}

function startAttempt(
  timers: Timers,
  { limits }: HttpRequest,
  { attemptMs }: AttemptOptions,
): void {
  // An attempt that is not silent for that long has begun to receive its response.
  const isLonger = attemptMs >= limits.idleMs;
  timers.start(ATTEMPT, attemptMs, isLonger ? 'IDLE_TIMEOUT' : 'RESPONSE_TIMEOUT');
}

interface HopOptions extends AttemptOptions {
  readonly isLast: boolean;
  readonly timers: Timers;
}

interface Hop {
  readonly response: HttpResponse;
  /** The URL to which the response redirects, if the redirect is followed. */
  readonly target: URL | undefined;
}

/** Sends one request of an attempt and receives its response. */
async function sendOnce(
  hop: PipelineRequest,
  request: HttpRequest,
  { isLast, timers, send, ...options }: HopOptions,
): Promise<Hop> {
  const url = new URL(hop.url);
  const route = new ProxyRoute({ ...options, proxy: findProxy(url, options) });
  timers.start(IDLE, request.limits.idleMs, 'RESPONSE_TIMEOUT');
  const onProgress = () => {
    timers.refresh(IDLE);
  };
  const aborting = new AbortController();
  hop.abortSignal = aborting.signal;
  // Every response is received as a stream, so that an endless body does no harm.
  hop.streamResponseStatusCodes = new Set([Number.POSITIVE_INFINITY]);
  hop.onUploadProgress = onProgress;
  const upload = new UploadStream(hop, typeof request.body === 'string' ? undefined : request.body);
  const sendAsGiven = (one: PipelineRequest) => send(hideAcceptEncoding(one));
  const exchange = async () =>
    receive(await route.send(hop, sendAsGiven), request, { isLast, onProgress });
  try {
    return await Promise.race([timers.expired, upload.failed, exchange()]);
  } catch (error) {
    // Ends what still runs, such as a connection that hangs.
    aborting.abort();
    throw error instanceof TaskError
      ? error
      : toAttemptError(error, { host: url.host, failedAt: route.failedAt });
  } finally {
    timers.stop(IDLE);
    upload.close();
  }
}

async function receive(
  received: PipelineResponse,
  request: HttpRequest,
  { isLast, onProgress }: { readonly isLast: boolean; readonly onProgress: () => void },
): Promise<Hop> {
  const head = toHttpResponse(request, received, NO_BODY);
  const target = isLast ? undefined : findNextHop(request, head);
  if (target !== undefined) {
    await discardBody(received);
    return { response: head, target };
  }
  const { reception = MESSAGE_ONLY, headers } = request;
  const encoded = { ...reception, isEncoded: !isDecoded(headers) };
  const body = await receiveBody(received, encoded, onProgress);
  return { response: toHttpResponse(request, received, body), target };
}

function toHttpResponse(
  request: HttpRequest,
  { status, headers, request: { url } }: PipelineResponse,
  body: ReceivedBody,
) {
  return {
    url: new URL(url),
    status,
    header: (name: string) => headers.get(name),
    headers: headers.toJSON(),
    ...body,
    text: new TextDecoder().decode(body.bytes.subarray(0, MESSAGE_ONLY.keptBytes)),
    isJsonWanted: acceptsJson(request),
    isRetried: false,
    isAfterSuccess: false,
  };
}

const FOLLOWED = new Set([301, 302, 303, 307, 308]);

/** The URL to which a response redirects; undefined if it does not redirect, or the redirect must not be followed. */
export function findNextHop(request: HttpRequest, response: HttpResponse): URL | undefined {
  const { method, followsRedirect = () => false } = request;
  const { status } = response;
  if (!FOLLOWED.has(status) || !isSafe(method) || !followsRedirect(status) || isSignIn(response)) {
    return undefined;
  }
  const target = readRedirect(response);
  return target?.protocol === 'https:' ? target : undefined;
}
