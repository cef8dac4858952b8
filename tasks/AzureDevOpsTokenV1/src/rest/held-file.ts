import type { Clock } from '../clock';
import { retry } from '../http/retry';
import type { HELD_FILE, HELD_PARTIAL_FILE } from '../limits';

export interface HeldFileOptions {
  readonly clock: Clock;
  readonly platform: NodeJS.Platform;
  readonly limits: typeof HELD_FILE | typeof HELD_PARTIAL_FILE;
}

/** What Windows says of a file that another process has open: ERROR_SHARING_VIOLATION is EBUSY, ERROR_ACCESS_DENIED is EPERM. */
const HELD = new Set<unknown>(['EPERM', 'EACCES', 'EBUSY']);

export const isHeldCode = (error: unknown) => HELD.has((error as { code?: unknown } | null)?.code);

/**
 * Renames or removes a file, and retries as long as another process may have it open. On Windows a virus scanner or an indexer opens a new
 * file for some hundred milliseconds, and then no one can rename, replace or remove it. Other systems let a file be renamed at any time.
 *
 * `graceful-fs` is not used: it retries only if no file has the new name, and here it is the file to replace that is held. It also
 * sleeps by its own timer, for up to a minute. https://github.com/isaacs/node-graceful-fs/blob/main/polyfills.js
 * @throws what the last attempt has thrown
 */
export async function whileHeld(
  change: () => Promise<void>,
  { clock, platform, limits }: HeldFileOptions,
): Promise<void> {
  const attempt = () =>
    change().then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
  const { outcome } = await retry(attempt, {
    clock,
    // A pause of milliseconds is no news.
    log: () => undefined,
    random: Math.random,
    options: () => limits,
    findReason: (failure) =>
      platform === 'win32' && isHeldCode(failure?.error)
        ? { reason: 'another process has the file open' }
        : undefined,
  });
  if (outcome !== undefined) {
    throw outcome.error;
  }
}
