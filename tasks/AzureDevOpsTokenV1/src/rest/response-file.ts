import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream, rmSync, type Stats, type WriteStream } from 'node:fs';
import { chmod, chown, lstat, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { finished } from 'node:stream/promises';
import type { Clock } from '../clock';
import { TaskError } from '../errors/task-error';
import { HELD_FILE, HELD_PARTIAL_FILE } from '../limits';
import { isHeldCode, whileHeld } from './held-file';

/** The path of a response file, and who may read it. */
export interface FilePlace {
  readonly path: string;
  /** Whether only the user of the agent may read the file. */
  readonly isPrivate: boolean;
}

export interface ResponseFileOptions {
  /** Makes the error to throw from a system error about a path. `isHeld`: another process has the file open. */
  readonly report: (path: string, error: unknown, isHeld: boolean) => TaskError;
  readonly clock: Clock;
  readonly platform?: NodeJS.Platform;
  readonly files?: {
    readonly open: typeof open;
    readonly rename: typeof rename;
    readonly rm: typeof rm;
  };
}

/** The rights and owner of a file that is replaced. The new file gets the same. */
type Replaced = Pick<Stats, 'mode' | 'uid' | 'gid'>;

/** The number of bytes to buffer for the disk before the next piece has to wait. */
const MAX_BUFFERED = 1024 * 1024;

/** The paths of unfinished files, which are removed if the process ends early. */
const unfinished = new Set<string>();
process.on('exit', () => {
  unfinished.forEach((path) => {
    try {
      // Only with `recursive`, which has no effect on a file, does Node.js retry on Windows.
      const isWindows = process.platform === 'win32';
      rmSync(path, { force: true, recursive: isWindows, maxRetries: 3, retryDelay: 50 });
    } catch {
      // Another process can have it open. An error here would replace the result of the step and its exit code.
    }
  });
});

/** The file of a response. It is written beside its path, and renamed when the response is complete and successful. */
export class ResponseFile {
  readonly #options: Required<ResponseFileOptions>;
  #place: FilePlace | undefined;
  #replaced: Replaced | undefined;
  #partial: { readonly path: string; readonly stream: WriteStream } | undefined;

  constructor(options: ResponseFileOptions) {
    this.#options = { platform: process.platform, files: { open, rename, rm }, ...options };
  }

  /** Starts a body, and removes what was written of an earlier one. */
  async start(place: FilePlace | undefined): Promise<void> {
    await this.discard();
    this.#place = place;
    if (place !== undefined) {
      await this.#try(async () => {
        const folder = dirname(place.path);
        await mkdir(folder, { recursive: true });
        const path = join(folder, `.${randomUUID()}.partial`);
        unfinished.add(path);
        this.#replaced = await findReplaced(place.path);
        // The file gets the mode of the file that it replaces only when it is complete.
        const mode = place.isPrivate || this.#replaced !== undefined ? 0o600 : 0o666;
        const stream = createWriteStream(path, {
          flags: 'wx',
          mode,
          highWaterMark: MAX_BUFFERED,
        });
        this.#partial = { path, stream };
        await once(stream, 'open');
        // A later error is reported by the next write or by the end.
        stream.on('error', () => undefined);
      });
    }
  }

  readonly write = async (piece: Uint8Array): Promise<void> => {
    await this.#try(async () => {
      const { stream } = this.#partial ?? {};
      // write() returns false if the stream has failed.
      if (stream?.write(piece) === false) {
        await (stream.errored === null ? once(stream, 'drain') : Promise.reject(stream.errored));
      }
    });
  };

  /** The path that the file will have. */
  get path(): string | undefined {
    return this.#place?.path;
  }

  /** @returns the path of the finished file */
  async keep(): Promise<string | undefined> {
    const { path } = this.#place ?? {};
    const partial = this.#partial;
    if (path !== undefined && partial !== undefined) {
      await this.#try(async () => {
        await finished(partial.stream.end());
        await keepRights(partial.path, (await findReplaced(path)) ?? this.#replaced);
        await this.#replace(partial.path, path);
        unfinished.delete(partial.path);
      });
      this.#partial = undefined;
    }
    return path;
  }

  /** Removes what was written. An error of the system is ignored, because the error that led here is the one to report. */
  async discard(): Promise<void> {
    const partial = this.#partial;
    this.#partial = undefined;
    if (partial !== undefined) {
      await finished(partial.stream.destroy()).catch(() => undefined);
      const { files } = this.#options;
      const remove = () => files.rm(partial.path);
      await whileHeld(remove, { ...this.#options, limits: HELD_PARTIAL_FILE }).then(
        () => unfinished.delete(partial.path),
        // The removal is retried when the process ends.
        () => undefined,
      );
    }
  }

  async #replace(partial: string, path: string): Promise<void> {
    const { files, platform, report } = this.#options;
    const replace = () => files.rename(partial, path);
    try {
      await whileHeld(replace, { ...this.#options, limits: HELD_FILE });
    } catch (error) {
      const isHeld = platform === 'win32' && isHeldCode(error) && !(await this.#isDenied(path));
      throw isHeld ? report(path, error, true) : error;
    }
  }

  /** Windows has the same error for a file that is held, for one that the user may not change, and for a folder. The last two cannot be opened. */
  async #isDenied(path: string): Promise<boolean> {
    try {
      await (await this.#options.files.open(path, 'r+')).close();
      return false;
    } catch (error) {
      const { code } = error as { code?: unknown };
      return code === 'EPERM' || code === 'EACCES' || code === 'EISDIR';
    }
  }

  async #try(run: () => Promise<void>): Promise<void> {
    try {
      await run();
    } catch (error) {
      throw error instanceof TaskError
        ? error
        : this.#options.report(this.#place?.path ?? '', error, false);
    }
  }
}

/** A link is replaced, not its target, so that the rights of the target do not count. */
async function findReplaced(path: string): Promise<Replaced | undefined> {
  const found = await lstat(path).catch(() => undefined);
  return found?.isFile() === true ? found : undefined;
}

/** Sets the mode of a file to that of the file that it replaces, and its owner and group if the system allows that. */
async function keepRights(path: string, replaced: Replaced | undefined): Promise<void> {
  if (replaced === undefined || process.platform === 'win32') {
    return;
  }
  const { mode, uid, gid } = replaced;
  await chown(path, uid, gid).catch(() => chown(path, -1, gid).catch(() => undefined));
  await chmod(path, mode & 0o777);
}
