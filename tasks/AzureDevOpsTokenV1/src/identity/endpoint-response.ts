import {
  describeCode,
  TOO_LARGE,
  WRONG_CERTIFICATE,
  type AttemptError,
} from '../http/connection-error';
import { parseRetryAfter } from '../http/retry';
import { asFields, findText, parseJsonObject, type Fields } from '../json-object';
import { findTokenDefect, NO_ACCESS_TOKEN, NO_JSON_OBJECT } from './bearer-token';
import { readRelayedError, type EntraError } from './entra-error';
import type { EndpointResponse } from './endpoint-request';
import { MAX_ENDPOINT_RESPONSE_BYTES, formatBytes } from '../limits';

/** An error response of the identity service. */
export interface ErrorResponse {
  readonly status: number;
  /** The message of the identity service. Untrusted text. */
  readonly serverMessage: string | undefined;
  /** The error of Microsoft Entra that the identity service passes on. */
  readonly entra?: EntraError;
}

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
      readonly errorResponse?: ErrorResponse;
    }
  | ({ readonly kind: 'refused' } & ErrorResponse)
  | {
      readonly kind: 'not-a-token';
      /** Undefined if the response is not HTTP. */
      readonly status: number | undefined;
      readonly reason: string;
    };

/** Matches the code of an error of Container Instances, such as `DefaultIdentityNotDefined`. */
const MISSING_IDENTITY = /^\w*Identity\w*Not(?:Defined|Found|Assigned)$/i;

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
    return {
      kind: 'not-a-token',
      status: head?.status,
      reason: `the response is not HTTP (${code})`,
    };
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
  const errorResponse = readErrorResponse(status, fields);
  if (errorResponse.entra?.isPassing === true) {
    const reason = `it returned ${status} (${errorResponse.entra.code ?? 'temporarily_unavailable'})`;
    return {
      kind: 'retry',
      isThere: true,
      reason,
      retryAfterMs: readPause(response, now),
      errorResponse,
    };
  }
  if (isRetryable(status) && !isMissingIdentity(status, fields)) {
    // Other clouds have a metadata service at the address of IMDS, which returns 404 for the path.
    const isThere = status !== 404 || isFromImds(response, fields);
    const reason = isThere
      ? `it returned ${status}`
      : `a server that is not the identity service of Azure returned ${status}`;
    return {
      kind: 'retry',
      isThere,
      reason,
      retryAfterMs: readPause(response, now),
      errorResponse,
    };
  }
  return { kind: 'refused', ...errorResponse };
}

function readPause({ headers }: EndpointResponse, now: number): number | undefined {
  return parseRetryAfter(headers['retry-after'], now);
}

/**
 * Reads the message of the identity service. Only the documented responses to a wrong request are read, an error of Microsoft
 * Entra, and an error of App Service. Any other body can be of another server.
 */
function readErrorResponse(status: number, fields: Fields | undefined): ErrorResponse {
  const entra = readRelayedError(fields);
  const isOfService =
    status === 400 || isMissingIdentity(status, fields) || isBrokenAppService(status, fields);
  const serverMessage = entra?.serverMessage ?? (isOfService ? findMessage(fields) : undefined);
  return { status, serverMessage, ...(entra && { entra }) };
}

/** The message in the forms of IMDS, of App Service, and of Container Instances and Cloud Shell. */
function findMessage(fields: Fields | undefined): string | undefined {
  const nested = asFields(fields?.['error']);
  return (
    findText(fields, 'error_description') ??
    findText(fields, 'message') ??
    findText(nested, 'message') ??
    findText(nested, 'code')
  );
}

/** Whether Container Instances says in a 404 that there is no such identity, so that a retry would not help. */
function isMissingIdentity(status: number, fields: Fields | undefined): boolean {
  const code = findText(asFields(fields?.['error']), 'code') ?? '';
  return status === 404 && MISSING_IDENTITY.test(code);
}

/** Whether App Service says why it gets no token: `{"statusCode":500,"message":"An unexpected error …","correlationId":…}`. */
function isBrokenAppService(status: number, fields: Fields | undefined): boolean {
  const names = ['message', 'correlationid'];
  return status >= 500 && names.every((name) => findText(fields, name) !== undefined);
}

/** Whether a status is one that IMDS documents for a busy service or an update, or is 5xx. */
function isRetryable(status: number): boolean {
  return [404, 408, 410, 429].includes(status) || (status >= 500 && status < 600);
}

function classifyTokenResponse(status: number, fields: Fields | undefined): EndpointResult {
  if (fields === undefined) {
    return { kind: 'not-a-token', status, reason: NO_JSON_OBJECT };
  }
  const reason = status === 200 ? findTokenDefect(fields) : NO_ACCESS_TOKEN;
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
