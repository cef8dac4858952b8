/** Time as the task sees it. */
export interface Clock {
  /** Milliseconds since 1970 (UTC) by the clock of the machine. To be compared with times from elsewhere, such as the expiry of a token. */
  now(): number;
  /** Milliseconds since an arbitrary moment. Measures durations, because the clock of the machine can be set meanwhile. */
  elapsed(): number;
  sleep(ms: number): Promise<void>;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  // Access to the global `performance` makes Node.js load more modules, which takes longer than this.
  elapsed: () => {
    const [seconds, nanoseconds] = process.hrtime();
    return seconds * 1e3 + nanoseconds / 1e6;
  },
  sleep: (ms) =>
    new Promise((resolve) => {
      setTimeout(resolve, ms);
    }),
};
