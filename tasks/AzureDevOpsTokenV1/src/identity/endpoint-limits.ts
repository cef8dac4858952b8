import type { RetryOptions, RetryProgress } from '../http/retry';
import { BUSY_ENDPOINT, NO_ENDPOINT } from '../limits';
import type { EndpointTimeouts } from './endpoint-request';

/** @param isThere whether an attempt has got a response of the identity service */
export function findRetryOptions(isThere: boolean): RetryOptions {
  return (isThere ? BUSY_ENDPOINT : NO_ENDPOINT).retry;
}

/** The time limits of the next attempt, within the limit of all attempts. */
export function findTimeouts(
  { elapsedMs }: Pick<RetryProgress, 'elapsedMs'>,
  isThere: boolean,
): EndpointTimeouts {
  const leftMs = (isThere ? BUSY_ENDPOINT : NO_ENDPOINT).totalMs - elapsedMs;
  const responseMs = Math.min(isThere ? 15_000 : 6_000, leftMs);
  return {
    connectMs: Math.min(3_000, leftMs),
    responseMs,
    idleMs: 5_000,
    // A server that has sent a first byte is there, so the longer limit applies to its body.
    bodyMs: Math.min(20_000, BUSY_ENDPOINT.totalMs - elapsedMs - responseMs),
  };
}
