import type { Readable } from 'node:stream';
import type { PipelineResponse } from '@azure/core-rest-pipeline';
import { TaskError } from '../errors/task-error';
import { isSuccessStatus, type ReceivedBody } from './response';

/** A body that is sent in pieces, and opened again for each attempt. */
export interface StreamedBody {
  /** In bytes. */
  readonly size: number;
  /** @param fail called if the body cannot be read to its end */
  readonly open: (fail: (failure: TaskError) => void) => Readable;
}

/** The part of a response before its body. */
export interface Head {
  /** The URL that was requested last, after any redirects. */
  readonly url: URL;
  readonly status: number;
  /** By name in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Receives a body while it arrives. */
export interface BodySink {
  /** Starts a body, and discards that of an earlier attempt. Returns whether the whole body is needed. */
  readonly start: (head: Head) => Promise<boolean>;
  /** @throws {TaskError} */
  readonly write: (piece: Uint8Array) => Promise<void>;
}

/** How to receive the body of a response. */
export interface Reception {
  /** The number of bytes to keep in memory. */
  readonly keptBytes: number;
  readonly sink?: BodySink | undefined;
}

export const NO_BODY: ReceivedBody = {
  bytes: Buffer.alloc(0),
  pieces: undefined,
  isKept: true,
  isWhole: true,
};
/**
 * Enough for any error message of a server. The task reads any JSON of this size within half a second (docs/performance.md), and
 * larger JSON in another process.
 */
export const MAX_IN_PROCESS_BYTES = 1024 * 1024;
export const MESSAGE_ONLY: Reception = { keptBytes: MAX_IN_PROCESS_BYTES };

/** The kept bytes as a received body. A body that is too large has only its beginning. */
export function toReceivedBody(kept: ByteStore, isKept: boolean): Omit<ReceivedBody, 'isWhole'> {
  const isLarge = isKept && kept.size > MAX_IN_PROCESS_BYTES;
  return {
    bytes: kept.first(MAX_IN_PROCESS_BYTES),
    pieces: isLarge ? kept.pieces() : undefined,
    isKept,
  };
}

/**
 * Receives the body of a response. If the body of an error response breaks off, its status is enough.
 * @param onProgress called for each piece
 * @throws {TaskError} of the sink
 * @throws the error of the connection if the body of a success breaks off
 */
export async function receiveBody(
  { status, headers, request, readableStreamBody }: PipelineResponse,
  { keptBytes, sink }: Reception,
  onProgress: () => void,
): Promise<ReceivedBody> {
  const kept = new ByteStore();
  let size = 0;
  let isWhole = true;
  const isWanted =
    (await sink?.start({ url: new URL(request.url), status, headers: headers.toJSON() })) ?? false;
  try {
    for await (const piece of (readableStreamBody ?? []) as AsyncIterable<Uint8Array>) {
      onProgress();
      if (size > keptBytes && !isWanted) {
        // The rest is not needed, and may be endless.
        break;
      }
      kept.add(piece.subarray(0, Math.max(0, keptBytes - size)));
      size += piece.length;
      await sink?.write(piece);
    }
  } catch (error) {
    if (error instanceof TaskError || isSuccessStatus(status)) {
      throw error;
    }
    isWhole = false;
  }
  return { ...toReceivedBody(kept, isWhole && size <= keptBytes), isWhole };
}

const FIRST_BLOCK = 64 * 1024;
const BLOCK = 1024 * 1024;

/**
 * Keeps bytes that arrive in pieces of any size. They are copied into blocks, because a million pieces of one byte would need
 * a hundred times the memory of their bytes.
 */
export class ByteStore {
  size = 0;
  readonly #blocks: Buffer[] = [];
  /** Free bytes at the end of the last block. */
  #room = 0;

  add(piece: Uint8Array): void {
    for (let at = 0; at < piece.length;) {
      if (this.#room === 0) {
        this.#room = this.size < BLOCK ? FIRST_BLOCK : BLOCK;
        this.#blocks.push(Buffer.allocUnsafeSlow(this.#room));
      }
      const part = piece.subarray(at, at + this.#room);
      const last = this.#blocks.at(-1);
      last?.set(part, last.length - this.#room);
      this.#room -= part.length;
      this.size += part.length;
      at += part.length;
    }
  }

  clear(): void {
    this.#blocks.length = 0;
    this.#room = 0;
    this.size = 0;
  }

  /** A copy of the first `count` bytes, or of all bytes if there are fewer. */
  first(count: number): Buffer {
    return Buffer.concat(this.#blocks, Math.min(count, this.size));
  }

  /** All bytes, without a copy. */
  pieces(): readonly Buffer[] {
    return cutPieces(this.#blocks, 0, this.size);
  }
}

/** The bytes from `start` to `end` of the joined pieces, without a copy. */
export function cutPieces(pieces: readonly Buffer[], start: number, end: number): Buffer[] {
  let at = 0;
  return pieces.flatMap((piece) => {
    const cut = piece.subarray(Math.max(0, start - at), Math.max(0, end - at));
    at += piece.length;
    return cut.length === 0 ? [] : [cut];
  });
}
