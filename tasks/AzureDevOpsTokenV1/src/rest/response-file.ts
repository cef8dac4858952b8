import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream, rmSync, type Stats, type WriteStream } from 'node:fs';
import { chmod, chown, mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { finished } from 'node:stream/promises';
import type { CallFailure } from '../errors/call-failure';

/** Where a body belongs. */
export interface FilePlace {
  readonly path: string;
  /** For nobody but the user of the agent. */
  readonly isPrivate: boolean;
}

/** The file that is replaced: the new one is for the same users. */
type Replaced = Pick<Stats, 'mode' | 'uid' | 'gid'>;

/** In bytes: so much is on its way to the disk before the next piece is waited for. */
const MAX_BUFFERED = 1024 * 1024;

/** What is being written: gone with the process, where that ends before its time. */
const unfinished = new Set<string>();
process.on('exit', () => {
  unfinished.forEach((path) => {
    try {
      rmSync(path, { force: true });
    } catch {
      // Another process may hold it. An error here would replace the result of the step, and its exit code.
    }
  });
});

/** The file of an answer. It is written beside its place, and put there when all of it is good. */
export class ResponseFile {
  readonly #report: (path: string, error: unknown) => CallFailure;
  #place: FilePlace | undefined;
  #replaced: Replaced | undefined;
  #partial: { readonly path: string; readonly stream: WriteStream } | undefined;

  /** @param report makes a failure of what the system says about a path */
  constructor(report: (path: string, error: unknown) => CallFailure) {
    this.#report = report;
  }

  /** A body begins; what was written of another one is forgotten. */
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
        // What becomes of the mode of the file that is replaced is seen at the end.
        const mode = place.isPrivate || this.#replaced !== undefined ? 0o600 : 0o666;
        const stream = createWriteStream(path, {
          flags: 'wx',
          mode,
          highWaterMark: MAX_BUFFERED,
        });
        this.#partial = { path, stream };
        await once(stream, 'open');
        // What goes wrong later is seen by the next write, or by the end.
        stream.on('error', () => undefined);
      });
    }
  }

  readonly write = async (piece: Uint8Array): Promise<void> => {
    await this.#try(async () => {
      const { stream } = this.#partial ?? {};
      // A stream that has failed says so at once.
      if (stream?.write(piece) === false) {
        await (stream.errored === null ? once(stream, 'drain') : Promise.reject(stream.errored));
      }
    });
  };

  /** Where the body will be. */
  get path(): string | undefined {
    return this.#place?.path;
  }

  /** @returns where the body is now */
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

  /** Removes what was written as far as the system lets it be removed: the error that led here is the one to report. */
  async discard(): Promise<void> {
    const partial = this.#partial;
    this.#partial = undefined;
    if (partial !== undefined) {
      await finished(partial.stream.destroy()).catch(() => undefined);
      await rm(partial.path, { force: true }).then(
        () => unfinished.delete(partial.path),
        // It is tried once more when the process ends.
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

/** Gives a file the mode of the one that it replaces, and its owner and group as far as the system lets a user do that. */
async function keepRights(path: string, replaced: Replaced | undefined): Promise<void> {
  if (replaced === undefined || process.platform === 'win32') {
    return;
  }
  const { mode, uid, gid } = replaced;
  await chown(path, uid, gid).catch(() => chown(path, -1, gid).catch(() => undefined));
  await chmod(path, mode & 0o777);
}
