// The limits of the two services that all steps of a fleet share.
import type { IdentityFault } from '../emulators/identity-endpoint';
import { busy } from '../emulators/identity-endpoint';
import { refuse } from '../emulators/organization/error-responses';
import type { Limited } from '../emulators/organization/organization';

/**
 * A virtual machine lets 20 requests for tokens through in a second, and refuses others with 429:
 * https://learn.microsoft.com/azure/virtual-machines/instance-metadata-service (rate limiting)
 */
export class RequestRate {
  readonly #perSecond: number;
  readonly #retryAfter: string | undefined;
  readonly #slow: number;
  #second = 0;
  #count = 0;
  refused = 0;

  /**
   * @param options `retryAfter`: the header of a refusal; absent: it has none. `slow`: milliseconds of this process in one of the fleet
   */
  constructor(options: {
    readonly tokensPerSecond: number;
    readonly retryAfter?: string;
    readonly slow: number;
  }) {
    this.#perSecond = options.tokensPerSecond;
    this.#retryAfter = options.retryAfter;
    this.#slow = options.slow;
  }

  /** Counts a request. @returns the refusal, if there are too many */
  count(): IdentityFault | undefined {
    const second = Math.floor(performance.now() / 1000 / this.#slow);
    this.#count = second === this.#second ? this.#count + 1 : 1;
    this.#second = second;
    if (this.#count <= this.#perSecond) {
      return undefined;
    }
    this.refused += 1;
    return busy(429, this.#retryAfter === undefined ? {} : { 'retry-after': this.#retryAfter });
  }
}

/** Throughput units (TSTU) that an identity may use in the last five minutes. */
const LIMIT = 200;
const WINDOW_MS = 5 * 60_000;
/** Above the limit, requests are delayed more and more; from here on they are refused. How far above, Microsoft does not publish. */
const BLOCKED_FROM = 250;
const LONGEST_DELAY_MS = 30_000;
const RESOURCE = 'Pipelines/AnyUser';

/**
 * The limit of Azure DevOps for one identity, as far as it is published:
 * https://learn.microsoft.com/azure/devops/integrate/concepts/rate-limits
 */
export class Throughput {
  readonly #costOf: (path: string) => number;
  readonly #slow: number;
  readonly #used: { readonly at: number; readonly cost: number }[] = [];
  refused = 0;
  delayed = 0;

  /** @param costOf the units of a request; Microsoft does not publish them */
  constructor(costOf: (path: string) => number, slow: number) {
    this.#costOf = costOf;
    this.#slow = slow;
  }

  /** Counts a request. */
  count(path: string): Limited {
    const now = performance.now() / this.#slow;
    while (this.#used[0] !== undefined && this.#used[0].at < now - WINDOW_MS) {
      this.#used.shift();
    }
    const used = this.#used.reduce((sum, { cost }) => sum + cost, 0);
    const limitHeaders = {
      'x-ratelimit-resource': RESOURCE,
      'x-ratelimit-limit': String(LIMIT),
      'x-ratelimit-remaining': String(Math.max(0, Math.floor(LIMIT - used))),
      'x-ratelimit-reset': String(Math.ceil((Date.now() + WINDOW_MS) / 1000)),
    };
    if (used >= BLOCKED_FROM) {
      this.refused += 1;
      const headers = { ...limitHeaders, 'retry-after': this.#findRetryAfter(used, now) };
      return {
        fault: refuse(
          429,
          `TF400733: The request has been canceled: Request was blocked due to exceeding usage of resource ${RESOURCE}.`,
          headers,
        ),
      };
    }
    this.#used.push({ at: now, cost: this.#costOf(path) });
    if (used < LIMIT) {
      return { headers: limitHeaders };
    }
    this.delayed += 1;
    const delayMs = Math.round(((used - LIMIT) / (BLOCKED_FROM - LIMIT)) * LONGEST_DELAY_MS);
    const headers = {
      ...limitHeaders,
      'x-ratelimit-delay': (delayMs / 1000).toFixed(3),
      'retry-after': this.#findRetryAfter(used, now),
    };
    return { headers, delayMs: delayMs * this.#slow };
  }

  /** Seconds until the identity has used less than the limit, if it sends nothing more. */
  #findRetryAfter(used: number, now: number): string {
    let left = used;
    const free = this.#used.find(({ cost }) => {
      left -= cost;
      return left < LIMIT;
    });
    const at = free?.at ?? now;
    return String(Math.max(1, Math.ceil((at + WINDOW_MS - now) / 1000)));
  }
}
