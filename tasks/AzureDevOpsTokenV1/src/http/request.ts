import { createHttpHeaders, createPipelineRequest } from '@azure/core-rest-pipeline';
import type { PipelineRequest } from '@azure/core-rest-pipeline';
import { version } from '../../task.json';
import type { NetworkSettings } from './network-settings';
import type { Method } from './method';
import type { Reception, StreamedBody } from './response-body';
import type { RetryOptions } from './retry';
import { checkIdentityOf, hostOf } from './server-identity';

/** By this, an administrator finds the calls of the task in the logs of an organization. */
export const USER_AGENT = `AzureDevOpsToken/${version.Major}.${version.Minor}.${version.Patch}`;
const JSON_TYPE = 'application/json';

/** How long a request may take, in milliseconds. */
export interface RequestLimits {
  /** One attempt. */
  readonly attemptMs: number;
  /** Within an attempt, without a byte sent or received. */
  readonly idleMs: number;
  /** All attempts and pauses. */
  readonly totalMs: number;
  readonly retry: RetryOptions;
}

/** One request, to Azure DevOps if nothing else is said. */
export interface HttpRequest {
  readonly method: Method;
  readonly url: URL;
  /**
   * Called before each request that shows the token: a call with its pauses may outlive one. Absent: the call shows none, and
   * may go to somebody else.
   */
  readonly getToken?: () => Promise<string>;
  /** A retry does no harm, whatever the method. */
  readonly isHarmless?: boolean;
  readonly limits: RequestLimits;
  /** Those of the author, by name in lower case; for hosts only that may get the token. */
  readonly headers?: ReadonlyMap<string, string>;
  readonly body?: string | StreamedBody | undefined;
  /** Whether an answer that redirects is followed; otherwise none is. */
  readonly followsRedirect?: (status: number) => boolean;
  /** Otherwise as much of the body as an answer says of itself. */
  readonly reception?: Reception;
}

/** What surrounds the calls of a step. */
export interface RequestOptions {
  readonly sessionId: string;
  readonly network?: NetworkSettings | undefined;
}

/** The request of a call to a host that may get the token, still without it. */
export function makeRequest(
  call: HttpRequest,
  url: URL,
  { sessionId, network }: RequestOptions,
): PipelineRequest {
  const { method, headers = new Map<string, string>(), body } = call;
  const request = makeBareRequest(method, url, network?.tls);
  const own = [
    // Otherwise Azure DevOps sends whom it does not know to a page for people.
    ['x-tfs-fedauthredirect', 'Suppress'],
    // Groups the calls of a step in the logs of Azure DevOps.
    ['x-tfs-session', sessionId],
  ] as const;
  for (const [name, value] of [
    ['accept', JSON_TYPE] as const,
    ...headers,
    ...(call.getToken === undefined ? [] : own),
  ]) {
    request.headers.set(name, value);
  }
  if (typeof body === 'string') {
    request.body = body;
  } else if (body !== undefined) {
    // Otherwise a stream goes in chunks, which not every service of Azure DevOps takes.
    request.headers.set('content-length', body.size);
  }
  return request;
}

/** Shows the token, where there is one, with a request. */
export async function authorize(
  request: PipelineRequest,
  { getToken }: HttpRequest,
): Promise<void> {
  if (getToken !== undefined) {
    request.headers.set('authorization', `Bearer ${await getToken()}`);
  }
}

/** A request to somebody whom the token and what the author says do not concern. */
export function makeBareRequest(
  method: Method,
  url: URL,
  tls: Readonly<Record<string, unknown>> = {},
): PipelineRequest {
  return createPipelineRequest({
    method,
    url: url.href,
    // The library hands the brackets of an IPv6 address on to the name service.
    requestOverrides: { ...tls, ...checkIdentityOf(url), hostname: hostOf(url) },
    allowInsecureConnection: url.protocol === 'http:',
    headers: createHttpHeaders({ accept: '*/*', 'user-agent': USER_AGENT }),
  });
}

/** Whether a call asks for JSON: where a page comes instead, it is not the answer. */
export function asksForJson({ headers }: Pick<HttpRequest, 'headers'>): boolean {
  return (headers?.get('accept') ?? JSON_TYPE).toLowerCase().startsWith(JSON_TYPE);
}
