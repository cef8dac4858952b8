import { createHttpHeaders, createPipelineRequest } from '@azure/core-rest-pipeline';
import type { PipelineRequest } from '@azure/core-rest-pipeline';
import { version } from '../../task.json';
import { RECEIVE_BUFFER_BYTES } from '../limits';
import type { Method } from './method';
import type { HttpResponse } from './response';
import type { Reception, StreamedBody } from './response-body';
import type { RetryOptions } from './retry';
import { checkIdentityOf, hostOf } from './server-identity';

/** An administrator finds the requests of the task in the logs of an organization by this header. */
export const USER_AGENT = `AzureDevOpsToken/${version.Major}.${version.Minor}.${version.Patch}`;
const JSON_TYPE = 'application/json';

/** How long a request may take, in milliseconds. */
export interface RequestLimits {
  /** For one attempt. */
  readonly attemptMs: number;
  /** Within an attempt, for the time without a byte sent or received. */
  readonly idleMs: number;
  /** For all attempts and pauses. */
  readonly totalMs: number;
  readonly retry: RetryOptions;
}

/** A request to Azure DevOps or Microsoft Entra. */
export interface HttpRequest {
  readonly method: Method;
  readonly url: URL;
  /**
   * Called before each request with a token, because a token can expire between the attempts. Absent: the request has no token,
   * and may be sent to any host.
   */
  readonly getToken?: () => Promise<string>;
  /** Whether a retry does no harm. Absent: the method decides. */
  readonly isHarmless?: boolean;
  /** Names the error in a response that passes although its status does not say so; undefined if there is none. */
  readonly findPassingError?: (response: HttpResponse) => string | undefined;
  readonly limits: RequestLimits;
  /** The headers of the author, by name in lower case. They are sent only to hosts that may get the token. */
  readonly headers?: ReadonlyMap<string, string>;
  readonly body?: string | StreamedBody | undefined;
  /** Whether a redirect with this status is followed. Absent: none is. */
  readonly followsRedirect?: (status: number) => boolean;
  /** How to receive the body. Absent: `MESSAGE_ONLY`. */
  readonly reception?: Reception;
}

export interface RequestOptions {
  /** The same for all requests of one client. */
  readonly sessionId: string;
  readonly tls?: Readonly<Record<string, unknown>> | undefined;
}

/** Makes a request with the headers and the body of the author. The token is added by authorize() later. */
export function makeRequest(
  request: HttpRequest,
  url: URL,
  { sessionId, tls }: RequestOptions,
): PipelineRequest {
  const { method, headers = new Map<string, string>(), body } = request;
  const made = makeBareRequest(method, url, tls);
  const own = [
    // Otherwise Azure DevOps redirects to a sign-in page if it does not accept the token.
    ['x-tfs-fedauthredirect', 'Suppress'],
    // Groups the requests of a step in the logs of Azure DevOps.
    ['x-tfs-session', sessionId],
  ] as const;
  for (const [name, value] of [
    ['accept', JSON_TYPE] as const,
    ...headers,
    ...(request.getToken === undefined ? [] : own),
  ]) {
    made.headers.set(name, value);
  }
  if (typeof body === 'string') {
    made.body = body;
    made.headers.set('content-length', Buffer.byteLength(body));
  } else if (body !== undefined) {
    // Otherwise a stream is sent in chunks, which not every service of Azure DevOps supports.
    made.headers.set('content-length', body.size);
  }
  return made;
}

/** Adds the token to a request, if it has one. */
export async function authorize(
  request: PipelineRequest,
  { getToken }: HttpRequest,
): Promise<void> {
  if (getToken !== undefined) {
    request.headers.set('authorization', `Bearer ${await getToken()}`);
  }
}

/** The library would decode what the author requested in an encoded form: it reads Accept-Encoding, which it does not see now. */
export function hideAcceptEncoding(request: PipelineRequest): PipelineRequest {
  const headers = request.headers.toJSON({ preserveCase: true });
  request.requestOverrides = { ...request.requestOverrides, headers };
  request.headers.delete('accept-encoding');
  return request;
}

/** Makes a request without the token and without the headers of the author. */
export function makeBareRequest(
  method: Method,
  url: URL,
  tls: Readonly<Record<string, unknown>> = {},
): PipelineRequest {
  return createPipelineRequest({
    method,
    url: url.href,
    // The library would pass an IPv6 address with its brackets to the DNS lookup.
    requestOverrides: {
      ...tls,
      ...checkIdentityOf(url),
      highWaterMark: RECEIVE_BUFFER_BYTES,
      hostname: hostOf(url),
    },
    allowInsecureConnection: url.protocol === 'http:',
    headers: createHttpHeaders({
      accept: '*/*',
      // Without this header, a server may choose any coding (RFC 9110, 12.5.3).
      'accept-encoding': 'identity',
      'user-agent': USER_AGENT,
    }),
  });
}

/** Whether a request accepts JSON. A web page is then not the requested response. */
export function acceptsJson({ headers }: Pick<HttpRequest, 'headers'>): boolean {
  return (headers?.get('accept') ?? JSON_TYPE).toLowerCase().startsWith(JSON_TYPE);
}
