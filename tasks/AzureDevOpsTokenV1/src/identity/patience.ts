import type { RetryOptions } from './endpoint-request';

// Rule: a machine without an identity endpoint is told so within 15 seconds; IMDS that is there and busy is asked for
// at least 75 seconds (it may be updating for 70) and at most 120.
export const NOBODY_THERE = { lastAttemptAtMs: 9_000, endMs: 12_000 };
export const SOMEBODY_THERE = { lastAttemptAtMs: 90_000, endMs: 115_000 };

const DELAY_MS = 2_000;
const MAX_DELAY_MS = 10_000;
/** A server that asks for a longer pause than this is not waited for. */
const MAX_RETRY_AFTER_MS = 300_000;

/** How far the repeated request has come. */
export interface Progress {
  /** Attempts made so far. */
  readonly attempts: number;
  readonly elapsedMs: number;
  /** Whether any attempt met the identity service. */
  readonly isThere: boolean;
}

/** How long the next attempt may take, so that the whole keeps its limit. */
export function retryOptionsFor({ elapsedMs, isThere }: Progress): RetryOptions {
  const leftMs = (isThere ? SOMEBODY_THERE : NOBODY_THERE).endMs - elapsedMs;
  const toFirstByteMs = Math.min(isThere ? 15_000 : 6_000, leftMs);
  return {
    toConnectMs: Math.min(3_000, leftMs),
    toFirstByteMs,
    betweenBytesMs: 5_000,
    // Whoever sends a first byte is there, and gets the time of somebody who is.
    toLastByteMs: Math.min(20_000, SOMEBODY_THERE.endMs - elapsedMs - toFirstByteMs),
  };
}

/**
 * The pause before the next attempt in milliseconds, with jitter; nothing where it is time to give up.
 * @param retryAfterMs what the server asked for
 * @param random from 0 to 1
 */
export function pauseAfter(
  progress: Progress,
  retryAfterMs: number | undefined,
  random: number,
): number | undefined {
  const { lastAttemptAtMs } = progress.isThere ? SOMEBODY_THERE : NOBODY_THERE;
  const leftMs = lastAttemptAtMs - progress.elapsedMs;
  if (leftMs <= 0 || (retryAfterMs ?? 0) > MAX_RETRY_AFTER_MS) {
    return undefined;
  }
  const backoffMs = Math.min(DELAY_MS * 2 ** (progress.attempts - 1), MAX_DELAY_MS);
  const wantedMs = Math.max(backoffMs * (0.5 + random / 2), retryAfterMs ?? 0);
  return Math.min(wantedMs, leftMs);
}
