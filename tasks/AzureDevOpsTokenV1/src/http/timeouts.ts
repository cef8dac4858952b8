import { RestError } from '@azure/core-rest-pipeline';

/** The time for an attempt was over. */
const RESPONSE_TIMEOUT = 'SILENT';

/** A time in milliseconds, for all of an attempt, or for a silence in it. */
export interface Limit {
  readonly ms: number;
  readonly isIdleTimeout: boolean;
}

/** The end of an attempt that takes too long. */
export class Timeout {
  readonly expired: Promise<never>;
  readonly #isIdleTimeout: boolean;
  #timer: NodeJS.Timeout | undefined;

  constructor({ ms, isIdleTimeout }: Limit) {
    this.#isIdleTimeout = isIdleTimeout;
    this.expired = new Promise((_, reject) => {
      this.#timer = setTimeout(() => {
        reject(new RestError('The time is over', { code: RESPONSE_TIMEOUT }));
      }, ms);
    });
  }

  /** Something was sent or received. */
  postpone(): void {
    if (this.#isIdleTimeout) {
      this.#timer?.refresh();
    }
  }

  clear(): void {
    clearTimeout(this.#timer);
  }
}
