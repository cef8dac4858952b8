import type { RetryOptions, RetryProgress } from '../http/retry';
import { ENDPOINT_ATTEMPT, NO_ENDPOINT, STEP_SIGN_IN, type SignInLimits } from '../limits';
import type { EndpointTimeouts } from './endpoint-request';

/**
 * @param isThere whether an attempt has got a response of the identity service
 * @param limits absent: those of a step
 */
export function findRetryOptions(
  isThere: boolean,
  { busyEndpoint }: SignInLimits = STEP_SIGN_IN,
): RetryOptions {
  return (isThere ? busyEndpoint : NO_ENDPOINT).retry;
}

/** The time limits of the next attempt, within the limit of all attempts. */
export function findTimeouts(
  { elapsedMs }: Pick<RetryProgress, 'elapsedMs'>,
  isThere: boolean,
  { busyEndpoint }: SignInLimits = STEP_SIGN_IN,
): EndpointTimeouts {
  const leftMs = (isThere ? busyEndpoint : NO_ENDPOINT).totalMs - elapsedMs;
  const { connectMs, idleMs, bodyMs } = ENDPOINT_ATTEMPT;
  const longestMs = isThere ? ENDPOINT_ATTEMPT.responseMs : ENDPOINT_ATTEMPT.firstResponseMs;
  const responseMs = Math.min(longestMs, leftMs);
  return {
    connectMs: Math.min(connectMs, leftMs),
    responseMs,
    idleMs,
    // A server that has sent a first byte is there, so the longer limit applies to its body.
    bodyMs: Math.min(bodyMs, busyEndpoint.totalMs - elapsedMs - responseMs),
  };
}
