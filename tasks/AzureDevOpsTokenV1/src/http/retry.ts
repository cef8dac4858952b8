import type { PipelineResponse, RestError, RetryStrategy } from '@azure/core-rest-pipeline';
import type { Clock } from '../clock';
import { parseRetryAfter } from './retry-after';
import type { AttemptFailure } from './attempt';
import type { Limit } from './timeouts';
import { describeCode, isAboutCertificate, PROXY_REFUSES } from './connection-error';

/** How long a call may take, in milliseconds, and how often it is repeated. */
export interface RetryOptions {
  readonly attempt: Limit;
  /** No attempt starts later than this after the first. */
  readonly lastAttemptAtMs: number;
  readonly endMs: number;
  readonly delayMs: number;
  readonly maxDelayMs: number;
  readonly maxRetries: number;
}

/** Rule: asking for the membership takes 60 seconds at most. */
export const RETRY_OPTIONS: RetryOptions = {
  attempt: { ms: 20_000, isIdleTimeout: false },
  lastAttemptAtMs: 40_000,
  endMs: 55_000,
  delayMs: 1_000,
  maxDelayMs: 10_000,
  maxRetries: 5,
};

/** Rule: a server that asks to wait longer is not waited for. */
export const MAX_RETRY_AFTER_MS = 5 * 60_000;

const PASSING_STATUSES = new Set([408, 429, 500, 502, 503, 504]);

export interface RetryPolicyOptions {
  /** A request may be repeated although the server may have acted on it. */
  readonly isHarmless: boolean;
  readonly clock: Clock;
  readonly log: (line: string) => void;
  readonly retryOptions: RetryOptions;
  /** From 0 to 1. */
  readonly random: () => number;
}

interface Outcome {
  readonly retryCount: number;
  readonly response?: PipelineResponse;
  readonly responseError?: RestError;
}

/** Says whether and when a request is repeated, and how long each attempt may take. */
export class RetryPolicy implements RetryStrategy {
  readonly name = 'repeating';
  readonly #options: RetryPolicyOptions;
  readonly #startedAt: number;
  #attempts = 0;

  constructor(options: RetryPolicyOptions) {
    this.#options = options;
    this.#startedAt = options.clock.elapsed();
  }

  startAttempt(): Limit {
    this.#attempts += 1;
    const { attempt, endMs } = this.#options.retryOptions;
    return { ...attempt, ms: Math.min(attempt.ms, endMs - this.#elapsed()) };
  }

  retry({ retryCount, response, responseError }: Outcome): ReturnType<RetryStrategy['retry']> {
    const reason = this.#findReason(response, responseError as AttemptFailure | undefined);
    const { clock, log, retryOptions } = this.#options;
    const retryAfterMs = parseRetryAfter(response?.headers.get('retry-after'), clock.now()) ?? 0;
    const pauseMs = Math.max(this.#pauseAfter(retryCount), retryAfterMs);
    if (
      reason === undefined ||
      retryAfterMs > MAX_RETRY_AFTER_MS ||
      this.#elapsed() + pauseMs > retryOptions.lastAttemptAtMs
    ) {
      return { skipStrategy: true };
    }
    log(`${reason}. Next attempt in ${Math.ceil(pauseMs / 1000)} s.`);
    return { retryAfterInMs: pauseMs };
  }

  describe(): { readonly attempts: number; readonly elapsedMs: number } {
    return { attempts: this.#attempts, elapsedMs: this.#elapsed() };
  }

  #elapsed(): number {
    return this.#options.clock.elapsed() - this.#startedAt;
  }

  /** Doubling, with up to a half taken off by chance. */
  #pauseAfter(retryCount: number): number {
    const { retryOptions, random } = this.#options;
    const pauseMs = Math.min(retryOptions.delayMs * 2 ** retryCount, retryOptions.maxDelayMs);
    return pauseMs * (0.5 + random() / 2);
  }

  /** Why an attempt may go better the next time; nothing where it will not, or where repeating it could do harm. */
  #findReason(
    response: PipelineResponse | undefined,
    failure: AttemptFailure | undefined,
  ): string | undefined {
    const { isHarmless } = this.#options;
    if (response !== undefined) {
      const { status, headers, request } = response;
      const isNotActedOn = status === 429 || (status === 503 && headers.has('retry-after'));
      return PASSING_STATUSES.has(status) && (isHarmless || isNotActedOn)
        ? `${new URL(request.url).host}: it answered ${status}`
        : undefined;
    }
    const { code = 'UNKNOWN', statusCode = 0, host = '' } = failure ?? {};
    if (code === PROXY_REFUSES) {
      return PASSING_STATUSES.has(statusCode)
        ? `${host}: the proxy answered ${statusCode}`
        : undefined;
    }
    return isAboutCertificate(code) || !(isHarmless || code === 'ECONNREFUSED')
      ? undefined
      : `${host}: ${describeCode(code)}`;
  }
}
