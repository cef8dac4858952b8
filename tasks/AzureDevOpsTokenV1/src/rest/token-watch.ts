const BACKSLASH = 0x5c;
const LETTER_U = 0x75;
/** Of `\u0065`. */
const UNICODE_LENGTH = 6;
/** Stands for characters that no token has. */
const OTHER = 0x20;
/** What each character stands for behind a backslash: \b, \f, \n, \r and \t for none of a token, others for themselves. */
const ESCAPED = Uint8Array.from({ length: 256 }, (_, byte) =>
  'bfnrt'.includes(String.fromCharCode(byte)) ? OTHER : byte,
);
/** JSON in a string of JSON, and once more. */
const MAX_DEPTH = 3;

/** Looks for tokens in a text that passes in pieces; in JSON also behind its escapes. */
export class TokenWatch {
  readonly #listForms: () => readonly Buffer[];
  /** How many times what is seen is unescaped. */
  readonly #depth: number;
  /** The end of what has passed, in which a token may have begun. */
  #tail: Buffer;
  /** An escape of which not all has come. */
  #held = Buffer.alloc(0);
  /** What looks at the text without its escapes; undefined until there is one. */
  #unescaped: TokenWatch | undefined;

  /** @param listForms the forms of all tokens that have been sent so far */
  constructor(
    listForms: () => readonly Buffer[],
    { depth = MAX_DEPTH, tail = Buffer.alloc(0) }: { depth?: number; tail?: Buffer } = {},
  ) {
    this.#listForms = listForms;
    this.#depth = depth;
    this.#tail = tail;
  }

  /**
   * Whether this piece, together with those before it, holds a token.
   * @param isSearched the piece itself is known to hold none
   */
  sees(piece: Buffer, isSearched = false): boolean {
    const before = this.#tail;
    if (this.#search(piece, isSearched)) {
      return true;
    }
    const hasEscape = this.#depth > 0 && piece.includes(BACKSLASH);
    if (this.#unescaped === undefined && !hasEscape) {
      return false;
    }
    this.#unescaped ??= new TokenWatch(this.#listForms, { depth: this.#depth - 1, tail: before });
    return hasEscape || this.#held.length > 0
      ? this.#unescaped.sees(this.#unescape(piece))
      : this.#unescaped.sees(piece, true);
  }

  #search(piece: Buffer, isSearched: boolean): boolean {
    const forms = this.#listForms();
    const rest = Math.max(0, ...forms.map(({ length }) => length - 1));
    // Not all of it is copied to be searched: large bodies have many pieces.
    const joint = Buffer.concat([this.#tail, piece.subarray(0, rest)]);
    const last = piece.length < rest ? joint : piece;
    this.#tail = Buffer.from(last.subarray(Math.max(0, last.length - rest)));
    return forms.some((form) => joint.includes(form) || (!isSearched && piece.includes(form)));
  }

  #unescape(piece: Buffer): Buffer {
    const text = Buffer.concat([this.#held, piece]);
    this.#held = Buffer.alloc(0);
    const plain = Buffer.allocUnsafe(text.length);
    let length = 0;
    for (let at = 0; at < text.length; at += 1) {
      let byte = text[at] ?? OTHER;
      if (byte === BACKSLASH) {
        const next = text[at + 1];
        if (next === undefined || (next === LETTER_U && text.length - at < UNICODE_LENGTH)) {
          this.#held = Buffer.from(text.subarray(at));
          break;
        }
        const code = next === LETTER_U ? readUnicode(text, at) : undefined;
        byte = code ?? ESCAPED[next] ?? OTHER;
        at += code === undefined ? 1 : UNICODE_LENGTH - 1;
      }
      plain[length] = byte;
      length += 1;
    }
    return plain.subarray(0, length);
  }
}

/** The character of an escape with its number; nothing where there is no such number. */
function readUnicode(text: Buffer, at: number): number | undefined {
  const digits = text.toString('latin1', at + 2, at + UNICODE_LENGTH);
  if (!/^[\da-f]{4}$/i.test(digits)) {
    return undefined;
  }
  const code = Number.parseInt(digits, 16);
  return code < 0x80 ? code : OTHER;
}
