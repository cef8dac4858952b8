import { join } from 'node:path';

export const FAST_CLOCK = 10;

/** The environment of a machine on which time runs ten times as fast, for failures that take minutes. */
export const FAST_CLOCK_ENVIRONMENT: Readonly<Record<string, string>> = {
  NODE_OPTIONS: `--require=${JSON.stringify(join(import.meta.dirname, 'fast-clock.cjs'))}`,
  FAST_CLOCK: String(FAST_CLOCK),
};
