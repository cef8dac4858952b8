import type { PipelineRequest, PipelineResponse, SendRequest } from '@azure/core-rest-pipeline';
import { mayGetToken } from '../hosts';
import { IDLE, sendOnce } from './attempt';
import type { Connections } from './connections';
import { isSafe } from './method';
import { findProxy, type ProxyOptions } from './proxy';
import { asksForJson, authorize, type HttpRequest, makeBareRequest, makeRequest } from './request';
import { type HttpResponse, isSignIn, readRedirect, type ReceivedBody } from './response';
import { MESSAGE_ONLY, NO_BODY, receiveBody } from './response-body';
import { Timers } from './timeouts';
import { MAX_REDIRECTS } from '../limits';

export interface ExchangeOptions extends ProxyOptions {
  readonly allowedHosts: readonly string[];
  readonly sessionId: string;
  /** The time limit of this attempt, in milliseconds. */
  readonly attemptMs: number;
  readonly connections?: Connections | undefined;
}

/**
 * Makes one attempt: sends a request and follows its redirects. The token and the headers of the author are sent only to hosts
 * that may get the token. After the first other host they are sent to no host, because that host chooses all later URLs.
 * @throws {AttemptError}
 * @throws {TaskError} if the body to send cannot be read, or the response cannot be written
 */
export async function exchange(
  call: HttpRequest,
  first: { readonly request: PipelineRequest; readonly next: SendRequest },
  options: ExchangeOptions,
): Promise<HttpResponse> {
  let { request } = first;
  let tokenWithheldFrom: string | undefined;
  for (let redirects = 0; ; redirects += 1) {
    const receive = (timers: Timers) => async (pipelineResponse: PipelineResponse) => {
      const head = toHttpResponse(call, pipelineResponse, NO_BODY);
      const target = redirects < MAX_REDIRECTS ? findNextHop(call, head) : undefined;
      const reception = target === undefined ? (call.reception ?? MESSAGE_ONLY) : MESSAGE_ONLY;
      const body = await receiveBody(pipelineResponse, reception, () => {
        timers.refresh(IDLE);
      });
      return { response: toHttpResponse(call, pipelineResponse, body), target };
    };
    const url = new URL(request.url);
    tokenWithheldFrom ??= mayGetToken(url, options.allowedHosts) ? undefined : url.host;
    if (tokenWithheldFrom === undefined) {
      await authorize(request, call);
    }
    const { target, response } = await sendTo(request, { ...options, call, ...first, receive });
    if (target === undefined) {
      return { ...response, tokenWithheldFrom };
    }
    request =
      tokenWithheldFrom === undefined && mayGetToken(target, options.allowedHosts)
        ? makeRequest(call, target, options)
        : makeBareRequest(call.method, target, { ca: options.network?.tls.ca });
  }
}

interface Exchange<T> extends ExchangeOptions {
  readonly call: HttpRequest;
  readonly next: SendRequest;
  readonly receive: (timers: Timers) => (pipelineResponse: PipelineResponse) => Promise<T>;
}

function sendTo<T>(request: PipelineRequest, exchange: Exchange<T>): Promise<T> {
  const { call, next, attemptMs, receive, connections } = exchange;
  const proxy = findProxy(new URL(request.url), exchange);
  const body = typeof call.body === 'string' ? undefined : call.body;
  const timers = new Timers();
  timers.start(IDLE, call.limits.idleMs, 'RESPONSE_TIMEOUT');
  timers.start('attempt', attemptMs, 'RESPONSE_TIMEOUT');
  const route = { timers, proxy, connections };
  return sendOnce(request, next, { ...route, body, receive: receive(timers) });
}

function toHttpResponse(
  call: HttpRequest,
  { status, headers, request }: PipelineResponse,
  body: ReceivedBody,
) {
  return {
    url: new URL(request.url),
    status,
    header: (name: string) => headers.get(name),
    headers: headers.toJSON(),
    ...body,
    text: new TextDecoder().decode(body.bytes.subarray(0, MESSAGE_ONLY.keptBytes)),
    isJsonWanted: asksForJson(call),
    isRetried: false,
  };
}

const FOLLOWED = new Set([301, 302, 303, 307, 308]);

/** The URL to which a response redirects; undefined if it does not redirect, or the redirect must not be followed. */
export function findNextHop(call: HttpRequest, response: HttpResponse): URL | undefined {
  const { method, followsRedirect = () => false } = call;
  const { status } = response;
  if (!FOLLOWED.has(status) || !isSafe(method) || !followsRedirect(status) || isSignIn(response)) {
    return undefined;
  }
  const target = readRedirect(response);
  return target?.protocol === 'https:' ? target : undefined;
}
