import type { Clock } from '../clock';
import { MAX_RETRY_AFTER_MS } from '../limits';

/** When a request is retried. All times are in milliseconds. */
export interface RetryOptions {
  readonly maxRetries: number;
  /** The pause after the first attempt. It doubles up to `maxDelayMs`, and is shortened by up to a half at random. */
  readonly delayMs: number;
  readonly maxDelayMs: number;
  /** No attempt starts later than this after the first one. */
  readonly maxElapsedMs: number;
  /** If a pause would end later, `clamp` shortens it so that a last attempt still happens, and `stop` ends the request. */
  readonly atDeadline: 'clamp' | 'stop';
}

export interface RetryProgress {
  /** The attempts made so far. */
  readonly attempts: number;
  /** Milliseconds since the first attempt started. */
  readonly elapsedMs: number;
}

/** Why another attempt may succeed. */
export interface RetryReason {
  /** A clause for the log, such as `dev.azure.com returned 503`. */
  readonly reason: string;
  /** The pause that the server requests, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
}

interface RetryContext<Outcome> {
  readonly clock: Clock;
  readonly log: (line: string) => void;
  /** From 0 to 1. */
  readonly random: () => number;
  /** Called after each attempt: what it showed can change the limits. */
  readonly options: () => RetryOptions;
  /** Says why the outcome of an attempt is worth another one; undefined if it is not. */
  readonly findReason: (outcome: Outcome) => RetryReason | undefined;
  /** When the time began, by `clock.elapsed()`; absent: now. */
  readonly startedAt?: number;
}

/**
 * Makes attempts until an outcome is not worth a retry, or no further retry is allowed.
 *
 * The `retryPolicy` of `@azure/core-rest-pipeline` is not used, because it sleeps by its own timer, which no test can control,
 * and its strategies see only the response of the library.
 * @returns the outcome of the last attempt
 */
export async function retry<Outcome>(
  attempt: (progress: RetryProgress) => Promise<Outcome>,
  context: RetryContext<Outcome>,
): Promise<RetryProgress & { readonly outcome: Outcome }> {
  const { clock, log, random, options, findReason, startedAt = clock.elapsed() } = context;
  const after = (attempts: number) => ({ attempts, elapsedMs: clock.elapsed() - startedAt });
  for (let progress = after(0); ; progress = after(progress.attempts)) {
    const outcome = await attempt(progress);
    progress = after(progress.attempts + 1);
    const found = findReason(outcome);
    const pauseMs = found && findPause(progress, options(), { ...found, random: random() });
    if (found === undefined || pauseMs === undefined) {
      return { ...progress, outcome };
    }
    log(`${found.reason}. Next attempt in ${toSeconds(pauseMs)} s.`);
    await clock.sleep(pauseMs);
  }
}

/**
 * A server can request a pause of many agents that ends at the same moment. So each waits up to a tenth longer, at random.
 * @param random from 0 to 1
 */
export function spreadRetryAfter(retryAfterMs: number, random: number): number {
  return Math.round(retryAfterMs * (1 + random / 10));
}

/** The pause before the next attempt in milliseconds; undefined if there is none. */
export function findPause(
  { attempts, elapsedMs }: RetryProgress,
  { maxRetries, delayMs, maxDelayMs, maxElapsedMs, atDeadline }: RetryOptions,
  {
    retryAfterMs = 0,
    random,
  }: { readonly retryAfterMs?: number | undefined; readonly random: number },
): number | undefined {
  const backoffMs = Math.min(delayMs * 2 ** (attempts - 1), maxDelayMs) * (0.5 + random / 2);
  const leftMs = maxElapsedMs - elapsedMs;
  // If little time is left, the pause is as long as the server requests, and no longer.
  const requestedMs = Math.min(
    spreadRetryAfter(retryAfterMs, random),
    Math.max(retryAfterMs, leftMs),
  );
  const pauseMs = Math.max(backoffMs, requestedMs);
  if (attempts > maxRetries || retryAfterMs > MAX_RETRY_AFTER_MS) {
    return undefined;
  }
  if (pauseMs <= leftMs) {
    return pauseMs;
  }
  return atDeadline === 'clamp' && leftMs > 0 ? leftMs : undefined;
}

/** Whole seconds for the log, never 0. @param ms above 0 */
export function toSeconds(ms: number): number {
  return Math.max(1, Math.round(ms / 1000));
}

/** Longer than any limit, and small enough to calculate with and to show. */
const LONGEST_MS = 1e12;

/**
 * Parses seconds or a date (RFC 9110, 10.2.3) to milliseconds from now. Undefined if it is neither, or is in the past. Seconds can have a
 * fraction, as in the limits of Azure DevOps: https://learn.microsoft.com/azure/devops/integrate/concepts/rate-limits
 */
export function parseRetryAfter(header: string | undefined, now: number): number | undefined {
  if (header === undefined) {
    return undefined;
  }
  const isNumber = /^(?:\d+\.?\d*|\.\d+)$/.test(header);
  const ms = isNumber ? Math.ceil(Number(header) * 1000) : Date.parse(header) - now;
  return ms > 0 ? Math.min(ms, LONGEST_MS) : undefined;
}
