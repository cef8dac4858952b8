import { NoAnswer, type LocalAnswer } from './local-request';

/** What to make of one attempt at the identity endpoint. */
export type Verdict =
  | { readonly kind: 'token'; readonly token: string }
  | {
      readonly kind: 'retry';
      /** Something that may be the identity service did answer: it is worth a longer wait. */
      readonly isThere: boolean;
      readonly reason: string;
      readonly retryAfterMs?: number;
    }
  | { readonly kind: 'refused'; readonly status: number; readonly words?: ServerWords }
  | { readonly kind: 'not-a-token'; readonly status: number; readonly reason: string };

/** What the identity service said, as it said it: foreign text. */
export interface ServerWords {
  readonly error: string;
  readonly description: string;
}

const OWN_REASONS: Readonly<Record<string, string>> = {
  CONNECT_TIMEOUT: 'the connection was not taken up in time',
  SILENT: 'the connection was taken up, and no answer came',
  STALLED: 'its answer did not end in time',
};
const ERRNO_REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  EHOSTUNREACH: 'host unreachable',
  ENETUNREACH: 'network unreachable',
  ETIMEDOUT: 'the connection timed out',
};

export function judgeNoAnswer({ code, status }: NoAnswer): Verdict {
  if (code === 'TOO_LARGE') {
    return { kind: 'not-a-token', status: status ?? 0, reason: 'an answer of more than 1 MiB' };
  }
  const reason = OWN_REASONS[code] ?? `${ERRNO_REASONS[code] ?? 'the connection failed'} (${code})`;
  return { kind: 'retry', isThere: status !== undefined, reason };
}

export function judgeAnswer(answer: LocalAnswer, now: number): Verdict {
  const { status } = answer;
  const fields = parseObject(answer.body);
  if (status === 200) {
    return judgeToken(fields);
  }
  // Other clouds, too, answer at the address of IMDS, and say 404 to a path that they do not have.
  const isThere = status !== 404 || isFromImds(answer, fields);
  if (status === 404 || status === 408 || status === 410 || status === 429 || status >= 500) {
    const retryAfterMs = parseRetryAfter(answer.headers['retry-after'], now);
    const reason = isThere
      ? `it answered ${status}`
      : `a server that is not IMDS answered ${status}`;
    return {
      kind: 'retry',
      isThere,
      reason,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    };
  }
  const words = readWords(fields);
  // The body of anything else could be anybody's: only the documented answer of IMDS to a wrong request is read.
  return { kind: 'refused', status, ...(status === 400 && words !== undefined ? { words } : {}) };
}

function judgeToken(fields: Readonly<Record<string, unknown>> | undefined): Verdict {
  if (fields === undefined) {
    return { kind: 'not-a-token', status: 200, reason: 'no JSON object' };
  }
  const token = fields['access_token'];
  return typeof token === 'string' && /^[\w-]+\.[\w-]+\.[\w-]*$/.test(token)
    ? { kind: 'token', token }
    : { kind: 'not-a-token', status: 200, reason: 'JSON without a JSON Web Token in access_token' };
}

function isFromImds(
  answer: LocalAnswer,
  fields: Readonly<Record<string, unknown>> | undefined,
): boolean {
  return /^IMDS\//i.test(String(answer.headers['server'])) || typeof fields?.['error'] === 'string';
}

function readWords(fields: Readonly<Record<string, unknown>> | undefined): ServerWords | undefined {
  const error = fields?.['error'];
  const description = fields?.['error_description'];
  return typeof error === 'string' && typeof description === 'string'
    ? { error, description }
    : undefined;
}

function parseObject(body: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** Seconds or a date (RFC 9110, 10.2.3), as milliseconds from now; nothing where it is neither, or past. */
function parseRetryAfter(header: string | undefined, now: number): number | undefined {
  if (header === undefined) {
    return undefined;
  }
  const ms = /^\d{1,10}$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now;
  return ms > 0 ? ms : undefined;
}
