import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdir, open, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { CallFailure } from '../errors/call-failure';

/** Where a body belongs. */
export interface FilePlace {
  readonly path: string;
  /** For nobody but the user of the agent. */
  readonly isPrivate: boolean;
}

/** What is being written: gone with the process, where that ends before its time. */
const unfinished = new Set<string>();
process.on('exit', () => {
  unfinished.forEach((path) => {
    rmSync(path, { force: true });
  });
});

/** The file of an answer. It is written beside its place, and put there when all of it is good. */
export class ResponseFile {
  readonly #report: (path: string, error: unknown) => CallFailure;
  #place: FilePlace | undefined;
  #partial: { readonly path: string; readonly handle: FileHandle } | undefined;

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
        this.#partial = { path, handle: await open(path, 'wx', place.isPrivate ? 0o600 : 0o666) };
      });
    }
  }

  readonly write = async (piece: Uint8Array): Promise<void> => {
    await this.#try(async () => {
      await this.#partial?.handle.writeFile(piece);
    });
  };

  /** @returns where the body is now */
  async keep(): Promise<string | undefined> {
    const { path } = this.#place ?? {};
    const partial = this.#partial;
    if (path !== undefined && partial !== undefined) {
      await this.#try(async () => {
        await partial.handle.close();
        await rename(partial.path, path);
        unfinished.delete(partial.path);
      });
      this.#partial = undefined;
    }
    return path;
  }

  async discard(): Promise<void> {
    const partial = this.#partial;
    this.#partial = undefined;
    await partial?.handle.close().catch(() => undefined);
    if (partial !== undefined) {
      await rm(partial.path, { force: true });
      unfinished.delete(partial.path);
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
