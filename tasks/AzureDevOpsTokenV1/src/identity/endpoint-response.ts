import {
  describeCode,
  TOO_LARGE,
  WRONG_CERTIFICATE,
  type AttemptError,
} from '../http/connection-error';
import { parseRetryAfter } from '../http/retry-after';
import { parseJsonObject, type Fields } from '../json-object';
import { findTokenDefect } from './bearer-token';
import type { EndpointResponse } from './endpoint-request';

/** What to make of one attempt at the identity endpoint. */
export type EndpointResult =
  | {
      readonly kind: 'token';
      readonly token: string;
      /** All of the response. */
      readonly fields: Fields;
    }
  | {
      readonly kind: 'retry';
      /** Something that may be the identity service did answer: it is worth a longer wait. */
      readonly isThere: boolean;
      readonly reason: string;
      readonly retryAfterMs?: number | undefined;
    }
  | {
      readonly kind: 'refused';
      readonly status: number;
      /** Why, as the identity service said it: foreign text. */
      readonly serverMessage: string | undefined;
    }
  | {
      readonly kind: 'not-a-token';
      /** Undefined where what came was no HTTP. */
      readonly status: number | undefined;
      readonly reason: string;
    };

export function classifyAttemptError({ code, head }: AttemptError, now: number): EndpointResult {
  if (code === TOO_LARGE) {
    return { kind: 'not-a-token', status: head?.status, reason: 'an answer of more than 1 MiB' };
  }
  if (code === WRONG_CERTIFICATE) {
    const reason = 'a certificate with another thumbprint than IDENTITY_SERVER_THUMBPRINT';
    return { kind: 'not-a-token', status: undefined, reason };
  }
  if (code.startsWith('HPE_')) {
    return { kind: 'not-a-token', status: head?.status, reason: `no HTTP, ${code}` };
  }
  if (head !== undefined && head.status !== 200) {
    // All but a token is told by its status alone.
    return classifyEndpointResponse({ ...head, body: '' }, now);
  }
  return { kind: 'retry', isThere: head !== undefined, reason: describeCode(code) };
}

export function classifyEndpointResponse(response: EndpointResponse, now: number): EndpointResult {
  const { status } = response;
  const fields = parseJsonObject(response.body);
  if (status >= 200 && status < 300) {
    return classifyTokenResponse(status, fields);
  }
  if (isWorthRepeating(status)) {
    // Other clouds, too, answer at the address of IMDS, and say 404 to a path that they do not have.
    const isThere = status !== 404 || isFromImds(response, fields);
    const reason = isThere
      ? `it answered ${status}`
      : `a server that is not IMDS answered ${status}`;
    const retryAfterMs = parseRetryAfter(response.headers['retry-after'], now);
    return { kind: 'retry', isThere, reason, retryAfterMs };
  }
  // The body of anything else could be anybody's: only the documented answers to a wrong request are read, that of IMDS and
  // that of App Service.
  const serverMessage = fields?.['error_description'] ?? fields?.['message'];
  return {
    kind: 'refused',
    status,
    serverMessage: status === 400 && typeof serverMessage === 'string' ? serverMessage : undefined,
  };
}

/** What IMDS says while it is busy or being updated, by its documentation, and every 5xx. */
function isWorthRepeating(status: number): boolean {
  return [404, 408, 410, 429].includes(status) || (status >= 500 && status < 600);
}

function classifyTokenResponse(status: number, fields: Fields | undefined): EndpointResult {
  if (fields === undefined) {
    return { kind: 'not-a-token', status, reason: 'no JSON object' };
  }
  const reason = status === 200 ? findTokenDefect(fields) : 'JSON without an access token';
  return reason === undefined
    ? { kind: 'token', token: fields['access_token'] as string, fields }
    : { kind: 'not-a-token', status, reason };
}

function isFromImds({ headers }: EndpointResponse, fields: Fields | undefined): boolean {
  const { server } = headers;
  return typeof server === 'string'
    ? /^IMDS\//i.test(server)
    : typeof fields?.['error'] === 'string';
}
