import {
  describeCode,
  TOO_LARGE,
  WRONG_CERTIFICATE,
  type AttemptError,
} from '../http/connection-error';
import { parseRetryAfter } from '../http/retry';
import { parseJsonObject, type Fields } from '../json-object';
import { findTokenDefect } from './bearer-token';
import type { EndpointResponse } from './endpoint-request';
import { MAX_ENDPOINT_RESPONSE_BYTES, formatBytes } from '../limits';

/** The result of one attempt at the identity endpoint. */
export type EndpointResult =
  | {
      readonly kind: 'token';
      readonly token: string;
      /** All fields of the response. */
      readonly fields: Fields;
    }
  | {
      readonly kind: 'retry';
      /** Whether the response may be of the identity service, which is worth a longer wait. */
      readonly isThere: boolean;
      readonly reason: string;
      readonly retryAfterMs?: number | undefined;
    }
  | {
      readonly kind: 'refused';
      readonly status: number;
      /** The message of the identity service. Untrusted text. */
      readonly serverMessage: string | undefined;
    }
  | {
      readonly kind: 'not-a-token';
      /** Undefined if the response is not HTTP. */
      readonly status: number | undefined;
      readonly reason: string;
    };

const TOO_LARGE_REASON = `a response of more than ${formatBytes(MAX_ENDPOINT_RESPONSE_BYTES)}`;

export function classifyAttemptError({ code, head }: AttemptError, now: number): EndpointResult {
  if (code === TOO_LARGE) {
    return { kind: 'not-a-token', status: head?.status, reason: TOO_LARGE_REASON };
  }
  if (code === WRONG_CERTIFICATE) {
    const reason = 'a certificate with another thumbprint than IDENTITY_SERVER_THUMBPRINT';
    return { kind: 'not-a-token', status: undefined, reason };
  }
  if (code.startsWith('HPE_')) {
    return { kind: 'not-a-token', status: head?.status, reason: `no HTTP, ${code}` };
  }
  if (head !== undefined && head.status !== 200) {
    // An error response is classified by its status, so its missing body does not matter.
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
  if (isRetryable(status)) {
    // Other clouds have a metadata service at the address of IMDS, which returns 404 for the path.
    const isThere = status !== 404 || isFromImds(response, fields);
    const reason = isThere
      ? `it returned ${status}`
      : `a server that is not IMDS returned ${status}`;
    const retryAfterMs = parseRetryAfter(response.headers['retry-after'], now);
    return { kind: 'retry', isThere, reason, retryAfterMs };
  }
  // Only the documented responses to a wrong request are read, those of IMDS and App Service. Any other body can be of another
  // server.
  const serverMessage = fields?.['error_description'] ?? fields?.['message'];
  return {
    kind: 'refused',
    status,
    serverMessage: status === 400 && typeof serverMessage === 'string' ? serverMessage : undefined,
  };
}

/** Whether a status is one that IMDS documents for a busy service or an update, or is 5xx. */
function isRetryable(status: number): boolean {
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
