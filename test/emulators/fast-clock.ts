import { join } from 'node:path';

/** Not more: a limit of some seconds has to leave time enough for a real answer on a busy machine. */
export const FAST_CLOCK = 5;

/** The environment of a machine on which time runs that much faster, for failures that take minutes. */
export const FAST_CLOCK_ENVIRONMENT: Readonly<Record<string, string>> = {
  NODE_OPTIONS: `--require=${JSON.stringify(join(import.meta.dirname, 'fast-clock.cjs'))}`,
  FAST_CLOCK: String(FAST_CLOCK),
};
