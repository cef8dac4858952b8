// The numbers that a user can notice. Messages, pages and their tests read them here. Times are in milliseconds.
// This file does not import the types of http/ that it follows, so that every file may import it.

/** The longest `Retry-After` that the task waits for. */
export const MAX_RETRY_AFTER_MS = 5 * 60_000;

/** The membership check and each request to Microsoft Entra take 60 seconds at most. */
export const SHORT_REQUEST = {
  attemptMs: 20_000,
  idleMs: Infinity,
  totalMs: 55_000,
  retry: {
    maxRetries: 5,
    delayMs: 1_000,
    maxDelayMs: 10_000,
    maxElapsedMs: 40_000,
    atDeadline: 'stop',
  },
} as const;

/** The pauses between the attempts of a request of a REST call. */
export const REST_CALL_RETRY = {
  delayMs: 1_000,
  maxDelayMs: 30_000,
  atDeadline: 'stop',
} as const;

const ENDPOINT_RETRY = {
  maxRetries: Infinity,
  delayMs: 2_000,
  maxDelayMs: 10_000,
  // The last pause is shortened, so that a last attempt still happens.
  atDeadline: 'clamp',
} as const;

/** A machine without an identity endpoint ends the step within 15 seconds. */
export const NO_ENDPOINT = {
  retry: { ...ENDPOINT_RETRY, maxElapsedMs: 9_000 },
  totalMs: 12_000,
} as const;
/** A busy IMDS is retried for at least 75 seconds, because an update of IMDS takes up to 70, and for at most 120. */
export const BUSY_ENDPOINT = {
  retry: { ...ENDPOINT_RETRY, maxElapsedMs: 90_000 },
  totalMs: 115_000,
} as const;
