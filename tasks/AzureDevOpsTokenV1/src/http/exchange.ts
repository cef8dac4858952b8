import type { PipelineRequest, PipelineResponse, SendRequest } from '@azure/core-rest-pipeline';
import { mayGetToken } from '../hosts';
import { sendOnce } from './attempt';
import type { Connections } from './connections';
import { isSafe } from './method';
import { findProxy, type ProxyOptions } from './proxy';
import { asksForJson, authorize, type HttpRequest, makeBareRequest, makeRequest } from './request';
import { type HttpResponse, isSignIn, readRedirect } from './response';
import { NO_BODY, receiveBody, type ReceivedBody, MESSAGE_ONLY } from './response-body';
import { Timeout, type Limit } from './timeouts';

export interface ExchangeOptions extends ProxyOptions {
  readonly allowedHosts: readonly string[];
  readonly sessionId: string;
  readonly limit: Limit;
  readonly connections?: Connections | undefined;
}

/** The last answer of an attempt. */
export interface Received {
  readonly pipelineResponse: PipelineResponse;
  readonly response: HttpResponse;
}

/**
 * One attempt at a call: its request, and those to which the answers redirect. The token and what the author says go to
 * hosts only that may get them, and to none after the first that may not: who redirects from there is not Azure DevOps.
 * @throws {AttemptFailure}
 * @throws {Failure}
 */
export async function exchange(
  call: HttpRequest,
  first: { readonly request: PipelineRequest; readonly next: SendRequest },
  options: ExchangeOptions,
): Promise<Received> {
  let { request } = first;
  let tokenWithheldFrom: string | undefined;
  for (let redirects = 0; ; redirects += 1) {
    const receive = (deadline: Timeout) => async (pipelineResponse: PipelineResponse) => {
      const head = toHttpResponse(call, pipelineResponse, NO_BODY);
      const target = redirects < MAX_REDIRECTS ? findNextHop(call, head) : undefined;
      const reception = target === undefined ? (call.reception ?? MESSAGE_ONLY) : MESSAGE_ONLY;
      const body = await receiveBody(pipelineResponse, reception, () => {
        deadline.postpone();
      });
      const response = toHttpResponse(call, pipelineResponse, body);
      return { pipelineResponse, response, target };
    };
    const url = new URL(request.url);
    tokenWithheldFrom ??= mayGetToken(url, options.allowedHosts) ? undefined : url.host;
    if (tokenWithheldFrom === undefined) {
      await authorize(request, call);
    }
    const { target, ...received } = await sendTo(request, { ...options, call, ...first, receive });
    if (target === undefined) {
      return { ...received, response: { ...received.response, tokenWithheldFrom } };
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
  readonly receive: (deadline: Timeout) => (pipelineResponse: PipelineResponse) => Promise<T>;
}

function sendTo<T>(request: PipelineRequest, exchange: Exchange<T>): Promise<T> {
  const { call, next, limit, receive, connections } = exchange;
  const proxy = findProxy(new URL(request.url), exchange);
  const body = typeof call.body === 'string' ? undefined : call.body;
  const deadline = new Timeout(limit);
  const route = { deadline, proxy, connections };
  return sendOnce(request, next, { ...route, body, receive: receive(deadline) });
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
/** Rule: so many redirects are followed. */
export const MAX_REDIRECTS = 5;

/** Where a call goes on to; nothing where the answer is the last one, or its redirect must not be followed. */
export function findNextHop(call: HttpRequest, response: HttpResponse): URL | undefined {
  const { method, followsRedirect = () => false } = call;
  const { status } = response;
  if (!FOLLOWED.has(status) || !isSafe(method) || !followsRedirect(status) || isSignIn(response)) {
    return undefined;
  }
  const target = readRedirect(response);
  return target?.protocol === 'https:' ? target : undefined;
}
