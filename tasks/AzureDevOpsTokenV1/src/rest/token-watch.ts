const BACKSLASH = 0x5c;
const LETTER_U = 0x75;
/** The length of an escape such as `\u0065`. */
const UNICODE_LENGTH = 6;
/** Replaces characters that no token has. */
const OTHER = 0x20;
/** The meaning of each character behind a backslash. \b, \f, \n, \r and \t mean a character that no token has, others themselves. */
const ESCAPED = Uint8Array.from({ length: 256 }, (_, byte) =>
  'bfnrt'.includes(String.fromCharCode(byte)) ? OTHER : byte,
);
/** JSON in a string of JSON, which is itself in a string of JSON. */
const MAX_DEPTH = 3;

/** Searches a text that arrives in pieces for tokens, also with the escapes of JSON in them. */
export class TokenWatch {
  readonly #listForms: () => readonly Buffer[];
  /** How many times the text is unescaped. */
  readonly #depth: number;
  /** The end of the text so far, in which a token can begin. */
  #tail: Buffer;
  /** The beginning of an escape whose rest has not arrived. */
  #held = Buffer.alloc(0);
  /** Searches the unescaped text; undefined until there is an escape. */
  #unescaped: TokenWatch | undefined;

  /** @param listForms returns the forms of all tokens that have been sent so far */
  constructor(
    listForms: () => readonly Buffer[],
    { depth = MAX_DEPTH, tail = Buffer.alloc(0) }: { depth?: number; tail?: Buffer } = {},
  ) {
    this.#listForms = listForms;
    this.#depth = depth;
    this.#tail = tail;
  }

  /**
   * Whether the text contains a token that ends in this piece.
   * @param isSearched whether the piece alone is known to contain none
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
    // Only the start of the piece is copied, because large bodies have many pieces.
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

/** The character of an escape with four digits; undefined if the digits are invalid. */
function readUnicode(text: Buffer, at: number): number | undefined {
  const digits = text.toString('latin1', at + 2, at + UNICODE_LENGTH);
  if (!/^[\da-f]{4}$/i.test(digits)) {
    return undefined;
  }
  const code = Number.parseInt(digits, 16);
  return code < 0x80 ? code : OTHER;
}
