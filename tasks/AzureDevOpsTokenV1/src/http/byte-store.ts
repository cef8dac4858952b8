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
