import { randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { BodySink, Head } from '../azure-devops/body';
import type { CallFailure } from '../errors/call-failure';

/** Where the body of an answer with this status belongs; undefined where it belongs into no file. */
export type Placing = (status: number) => FilePlace | undefined;

export interface FilePlace {
  readonly path: string;
  /** For nobody but the user of the agent. */
  readonly isPrivate: boolean;
}

/** The file of an answer. It is written beside its place, and put there when all of it is good. */
export class ResponseFile implements BodySink {
  readonly #findPlace: Placing;
  readonly #report: (path: string, error: unknown) => CallFailure;
  #place: FilePlace | undefined;
  #partial: { readonly path: string; readonly handle: FileHandle } | undefined;

  /** @param report makes a failure of what the system says about a path */
  constructor(findPlace: Placing, report: (path: string, error: unknown) => CallFailure) {
    this.#findPlace = findPlace;
    this.#report = report;
  }

  readonly start = async ({ status }: Pick<Head, 'status'>): Promise<boolean> => {
    await this.discard();
    const place = this.#findPlace(status);
    this.#place = place;
    if (place !== undefined) {
      await this.#try(async () => {
        const folder = dirname(place.path);
        await mkdir(folder, { recursive: true });
        const path = join(folder, `.${randomUUID()}.partial`);
        this.#partial = { path, handle: await open(path, 'wx', place.isPrivate ? 0o600 : 0o666) };
      });
    }
    return place !== undefined;
  };

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
      });
      this.#partial = undefined;
    }
    return path;
  }

  async discard(): Promise<void> {
    const partial = this.#partial;
    this.#partial = undefined;
    await partial?.handle.close().catch(() => undefined);
    await (partial && rm(partial.path, { force: true }));
  }

  async #try(run: () => Promise<void>): Promise<void> {
    try {
      await run();
    } catch (error) {
      throw this.#report(this.#place?.path ?? '', error);
    }
  }
}
