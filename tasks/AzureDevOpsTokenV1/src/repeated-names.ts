import { readFileSync } from 'node:fs';

/** On Linux, the environment with which this process was started, as it was. */
const INITIAL_ENVIRONMENT = '/proc/self/environ';

/** Undefined on a platform that does not show it. */
export function readInitialEnvironment(): string | undefined {
  try {
    return readFileSync(INITIAL_ENVIRONMENT, 'utf8');
  } catch {
    return undefined;
  }
}

/**
 * The names that occur more than once, with different values. `getenv` returns the first of them, and `process.env`
 * shows no other. The agent writes each name once; the system ends a name at its first `=`, so a pipeline variable
 * `A=B` with the value `c` is a variable `A` to a process (https://man7.org/linux/man-pages/man7/environ.7.html).
 * @param block `name=value`, each followed by a NUL
 */
export function findRepeatedNames(block: string): readonly string[] {
  const values = new Map<string, string>();
  const repeated = new Set<string>();
  for (const entry of block.split('\0')) {
    const end = entry.indexOf('=');
    const [name, value] = [entry.slice(0, Math.max(end, 0)), entry.slice(end + 1)];
    if (name !== '' && (values.get(name) ?? value) !== value) {
      repeated.add(name);
    }
    values.set(name, values.get(name) ?? value);
  }
  return [...repeated];
}
