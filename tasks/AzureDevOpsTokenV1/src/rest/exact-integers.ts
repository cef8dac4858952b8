// JavaScript rounds integers above 2^53. The text of a response has all of their digits.

/** An integer of at least 16 digits that is not a part of a name, a fraction or another number. */
const LONG_INTEGERS = /(?<![\w.])\d{16,}(?![\w.])/g;

/** What the JSON of an integer above 2^53 has. */
const LARGE_NUMBER = /\d{16}|e\+/;

/** JSON whose integers have all of their digits, as far as that is possible. */
export interface ExactJson {
  readonly json: string;
  /** Whether it has an integer that may be rounded. */
  readonly isRounded: boolean;
}

/**
 * Writes a value that comes from a response as JSON.
 * @param source the text of the response
 */
export function writeExactJson(value: unknown, source: string): ExactJson {
  const plain = JSON.stringify(value);
  if (!LARGE_NUMBER.test(plain)) {
    return { json: plain, isRounded: false };
  }
  const originals = findOriginals(source);
  let mark = '§';
  while (plain.includes(mark)) {
    mark += '§';
  }
  const found: string[] = [];
  const ambiguous: number[] = [];
  const marked = JSON.stringify(value, (_, part: unknown) => {
    const texts = isRoundedInteger(part) ? originals.get(Math.abs(part)) : undefined;
    if (!isRoundedInteger(part) || texts === undefined) {
      return part;
    }
    const [digits = '', ...others] = texts;
    if (others.length > 0) {
      ambiguous.push(part);
      return part;
    }
    return `${mark}${found.push(part < 0 ? `-${digits}` : digits) - 1}`;
  });
  const json = marked.replace(new RegExp(`"${mark}(\\d+)"`, 'g'), (_, at: string) => {
    return found[Number(at)] ?? '';
  });
  return { json, isRounded: ambiguous.length > 0 || isInvented(json, source) };
}

/**
 * Whether a text has a long integer that the response does not have: an expression such as `to_string(id)` has made it of a rounded one.
 */
export function isInvented(text: string, source: string): boolean {
  const integers = text.match(LONG_INTEGERS) ?? [];
  return integers.some((digits) => !source.includes(digits));
}

function isRoundedInteger(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value);
}

/** The texts of the long integers of a response, by their rounded value. */
function findOriginals(source: string): ReadonlyMap<number, ReadonlySet<string>> {
  const originals = new Map<number, Set<string>>();
  for (const [digits] of source.matchAll(LONG_INTEGERS)) {
    const texts = originals.get(Number(digits)) ?? new Set();
    originals.set(Number(digits), texts.add(digits));
  }
  return originals;
}
