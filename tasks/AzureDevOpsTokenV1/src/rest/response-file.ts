import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream, rmSync, type Stats, type WriteStream } from 'node:fs';
import { chmod, chown, mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { finished } from 'node:stream/promises';
import type { TaskError } from '../errors/task-error';

/** The path of a response file, and who may read it. */
export interface FilePlace {
  readonly path: string;
  /** Whether only the user of the agent may read the file. */
  readonly isPrivate: boolean;
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
      rmSync(path, { force: true });
    } catch {
      // Another process can have it open. An error here would replace the result of the step and its exit code.
    }
  });
});

/** The file of a response. It is written beside its path, and renamed when the response is complete and successful. */
export class ResponseFile {
  readonly #report: (path: string, error: unknown) => TaskError;
  #place: FilePlace | undefined;
  #replaced: Replaced | undefined;
  #partial: { readonly path: string; readonly stream: WriteStream } | undefined;

  /** @param report makes the error to throw from a system error about a path */
  constructor(report: (path: string, error: unknown) => TaskError) {
    this.#report = report;
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
        await rename(partial.path, path);
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
      await rm(partial.path, { force: true }).then(
        () => unfinished.delete(partial.path),
        // The removal is retried when the process ends.
        () => undefined,
      );
    }
  }

  async #try(run: () => Promise<void>): Promise<void> {
    try {
      await run();
    } catch (error) {
      throw this.#report(this.#place?.path ?? '', error);
    }
  }
}

async function findReplaced(path: string): Promise<Replaced | undefined> {
  try {
    return await stat(path);
  } catch {
    return undefined;
  }
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
