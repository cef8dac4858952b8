const FIRST_BLOCK = 64 * 1024;
const BLOCK = 1024 * 1024;

/**
 * Keeps bytes that come in pieces of any size. They are copied into blocks: a million pieces of one byte would otherwise need a
 * hundred times the memory of their bytes.
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

  /** The first bytes, up to so many. */
  first(count: number): Buffer {
    return Buffer.concat(this.#blocks, Math.min(count, this.size));
  }

  /** All of the bytes, not copied. */
  pieces(): readonly Buffer[] {
    return cutPieces(this.#blocks, 0, this.size);
  }
}

/** Bytes from `start` to `end` of what the pieces hold together, not copied. */
export function cutPieces(pieces: readonly Buffer[], start: number, end: number): Buffer[] {
  let at = 0;
  return pieces.flatMap((piece) => {
    const cut = piece.subarray(Math.max(0, start - at), Math.max(0, end - at));
    at += piece.length;
    return cut.length === 0 ? [] : [cut];
  });
}
