import { CodedError } from './connection-error';

/** Which time limit was exceeded. */
export type TimeoutCode = 'CONNECT_TIMEOUT' | 'RESPONSE_TIMEOUT' | 'IDLE_TIMEOUT';

/** The timers of one attempt. */
export class Timers {
  /** Rejected with the code of the first timer that ends. */
  readonly expired: Promise<never>;
  readonly #timers = new Map<string, NodeJS.Timeout>();
  #expire: (error: CodedError) => void = () => undefined;

  constructor() {
    this.expired = new Promise((_, reject) => {
      this.#expire = reject;
    });
    // A timer can end while no one waits for it.
    this.expired.catch(() => undefined);
  }

  /** Starts or restarts a timer. @param ms Infinity: no timer */
  start(name: string, ms: number, code: TimeoutCode): void {
    this.stop(name);
    if (ms < Infinity) {
      const expire = () => {
        this.#expire(new CodedError(code));
      };
      this.#timers.set(name, setTimeout(expire, ms));
    }
  }

  /** Restarts a timer if it runs. */
  refresh(name: string): void {
    this.#timers.get(name)?.refresh();
  }

  stop(name: string): void {
    clearTimeout(this.#timers.get(name));
    this.#timers.delete(name);
  }

  stopAll(): void {
    [...this.#timers.keys()].forEach((name) => {
      this.stop(name);
    });
  }
}
