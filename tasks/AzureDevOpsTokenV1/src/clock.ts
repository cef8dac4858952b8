/** Time as the task sees it. */
export interface Clock {
  /** Milliseconds since 1970 (UTC), as the machine's clock has it: to compare with what a token says. */
  now(): number;
  /** Milliseconds since some moment: to measure with, because the machine's clock may be set meanwhile. */
  elapsed(): number;
  sleep(ms: number): Promise<void>;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  // Looking at the global `performance` would have Node.js load what measures it, which takes longer than this.
  elapsed: () => {
    const [seconds, nanoseconds] = process.hrtime();
    return seconds * 1e3 + nanoseconds / 1e6;
  },
  sleep: (ms) =>
    new Promise((resolve) => {
      setTimeout(resolve, ms);
    }),
};
