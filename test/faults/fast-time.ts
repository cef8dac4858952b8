// Time for tests of what waits: what sleeps on the clock takes none, and timers may run faster.
import type { Clock } from '../../tasks/AzureDevOpsTokenV1/src/clock';

/** Not more: a limit of some seconds has to leave time enough for a real answer on a busy machine. */
const FACTOR = 20;

/** A clock that is put forward by who sleeps on it; besides it runs as fast as the timers do. */
export class FastClock implements Clock {
  readonly #factor: number;
  readonly #startedAt = performance.now();
  readonly #startedToday = Date.now();
  #slept = 0;

  constructor(factor = 1) {
    this.#factor = factor;
  }

  /** Milliseconds since the clock was made. */
  elapsed(): number {
    return this.#slept + (performance.now() - this.#startedAt) * this.#factor;
  }

  now(): number {
    return this.#startedToday + this.elapsed();
  }

  sleep(ms: number): Promise<void> {
    this.#slept += ms;
    return Promise.resolve();
  }
}

/** Lets the timers of this process run faster while something is done; those of Node's own modules do not. */
export async function speedUp<T>(act: (clock: FastClock) => Promise<T>): Promise<T> {
  const { setTimeout: wait, setInterval: repeat } = globalThis;
  const faster = (set: typeof wait) => (run: () => void, ms?: number) =>
    set(run, (ms ?? 0) / FACTOR);
  Object.assign(globalThis, {
    setTimeout: faster(wait),
    setInterval: faster(repeat as typeof wait),
  });
  try {
    return await act(new FastClock(FACTOR));
  } finally {
    Object.assign(globalThis, { setTimeout: wait, setInterval: repeat });
  }
}
