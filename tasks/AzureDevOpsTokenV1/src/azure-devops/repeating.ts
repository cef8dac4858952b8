import type { PipelineResponse, RestError, RetryStrategy } from '@azure/core-rest-pipeline';
import type { Clock } from '../clock';
import { parseRetryAfter } from '../retry-after';
import { PROXY_REFUSES } from './attempt';
import { describeCode, isAboutCertificate } from './no-answer';

/** How long a call may take, in milliseconds. */
export interface Patience {
  readonly attemptMs: number;
  /** No attempt starts later than this after the first. */
  readonly lastAttemptAtMs: number;
  readonly endMs: number;
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
}

/** Rule: asking for the membership takes 60 seconds at most. */
export const PATIENCE: Patience = {
  attemptMs: 20_000,
  lastAttemptAtMs: 40_000,
  endMs: 55_000,
  firstPauseMs: 1_000,
  longestPauseMs: 10_000,
};
export const MOST_RETRIES = 5;

const PASSING_STATUSES = new Set([408, 429, 500, 502, 503, 504]);

export interface RepeatingOptions {
  readonly clock: Clock;
  readonly tell: (line: string) => void;
  readonly patience: Patience;
  /** From 0 to 1. */
  readonly random: () => number;
}

interface Outcome {
  readonly retryCount: number;
  readonly response?: PipelineResponse;
  readonly responseError?: RestError;
}

/** Says whether and when an idempotent request is repeated, and how long each attempt may take. */
export class Repeating implements RetryStrategy {
  readonly name = 'repeating';
  readonly #host: string;
  readonly #options: RepeatingOptions;
  readonly #startedAt: number;
  #attempts = 0;

  constructor(host: string, options: RepeatingOptions) {
    this.#host = host;
    this.#options = options;
    this.#startedAt = options.clock.elapsed();
  }

  /** @returns the time for this attempt in milliseconds */
  startAttempt(): number {
    this.#attempts += 1;
    const { attemptMs, endMs } = this.#options.patience;
    return Math.min(attemptMs, endMs - this.#elapsed());
  }

  retry({ retryCount, response, responseError }: Outcome): ReturnType<RetryStrategy['retry']> {
    const reason = findPassingReason(response, responseError);
    const { clock, tell, patience } = this.#options;
    const retryAfterMs = parseRetryAfter(response?.headers.get('retry-after'), clock.now());
    const pauseMs = Math.max(this.#pauseAfter(retryCount), retryAfterMs ?? 0);
    if (reason === undefined || this.#elapsed() + pauseMs > patience.lastAttemptAtMs) {
      return { skipStrategy: true };
    }
    tell(`${this.#host}: ${reason}. Next attempt in ${Math.ceil(pauseMs / 1000)} s.`);
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
    const { patience, random } = this.#options;
    const pauseMs = Math.min(patience.firstPauseMs * 2 ** retryCount, patience.longestPauseMs);
    return pauseMs * (0.5 + random() / 2);
  }
}

/** Why an attempt may go better the next time; nothing where it will not. */
function findPassingReason(
  response: PipelineResponse | undefined,
  error: RestError | undefined,
): string | undefined {
  if (response !== undefined) {
    return PASSING_STATUSES.has(response.status) ? `it answered ${response.status}` : undefined;
  }
  const { code = 'UNKNOWN', statusCode = 0 } = error ?? {};
  if (code === PROXY_REFUSES) {
    return PASSING_STATUSES.has(statusCode) ? `the proxy answered ${statusCode}` : undefined;
  }
  return isAboutCertificate(code) ? undefined : describeCode(code);
}
