const BACKSLASH = 0x5c;
/** Stands for characters that no token has. */
const OTHER = 0x20;
/** JSON in a string of JSON, and once more. */
const DEEPEST = 3;

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
    { depth = DEEPEST, tail = Buffer.alloc(0) }: { depth?: number; tail?: Buffer } = {},
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
        const escape = readEscape(text, at);
        if (escape === undefined) {
          this.#held = Buffer.from(text.subarray(at));
          break;
        }
        byte = escape.byte;
        at += escape.length - 1;
      }
      plain[length] = byte;
      length += 1;
    }
    return plain.subarray(0, length);
  }
}

/** The escape at a place of JSON; nothing where not all of it has come. */
function readEscape(
  text: Buffer,
  at: number,
): { readonly byte: number; readonly length: number } | undefined {
  const letters = text.toString('latin1', at + 1, at + 6);
  if (/^u[\da-f]{4}$/i.test(letters)) {
    const code = Number.parseInt(letters.slice(1), 16);
    return { byte: code < 0x80 ? code : OTHER, length: 6 };
  }
  if (letters.length < 5 && /^(?:u[\da-f]*)?$/i.test(letters)) {
    return undefined;
  }
  return { byte: 'bfnrt'.includes(letters.charAt(0)) ? OTHER : letters.charCodeAt(0), length: 2 };
}
