// Finds where a text stops being JSON. The messages of `JSON.parse` name the position only sometimes, and quote the text.
import { isJson } from '../json-object';

/** The first mistake in a text that is not JSON. */
export interface JsonMistake {
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units. */
  readonly column: number;
  /** Whether the text ends there, before the JSON is complete. */
  readonly isEnd: boolean;
}

/** What can come next: a value, the name of a field, `:`, or `,`; `…OrEnd`: the list or object can end, too. */
type Expected = 'value' | 'valueOrEnd' | 'name' | 'nameOrEnd' | 'colon' | 'commaOrEnd';

const SPACE = /[ \t\n\r]*/y;
const NUMBER_OR_LITERAL = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
const PLAIN = /[^"\\\u0000-\u001f]*/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[\da-fA-F]{4})/y;

/** Finds the first mistake; undefined if the text is JSON. */
export function findJsonMistake(text: string): JsonMistake | undefined {
  if (isJson(text)) {
    return undefined;
  }
  const at = findMistake(text);
  const lines = text.slice(0, at).split(/\r\n|\r|\n/);
  return { line: lines.length, column: (lines.at(-1) ?? '').length + 1, isEnd: at >= text.length };
}

/** @returns the position of the mistake, or the length of the text if it ends too early */
function findMistake(text: string): number {
  const open: ('{' | '[')[] = [];
  let expected: Expected = 'value';
  for (let at = skip(SPACE, text, 0); ; at = skip(SPACE, text, at)) {
    const character = text.charAt(at);
    const isClosing = character === (open.at(-1) === '{' ? '}' : ']') && open.length > 0;
    if (isClosing && expected.endsWith('OrEnd')) {
      open.pop();
      expected = 'commaOrEnd';
      at += 1;
    } else if (expected === 'colon' || expected === 'commaOrEnd') {
      if (character !== (expected === 'colon' ? ':' : ',') || open.length === 0) {
        return at;
      }
      expected = expected === 'colon' || open.at(-1) === '[' ? 'value' : 'name';
      at += 1;
    } else if (character === '"') {
      const end = skipString(text, at + 1);
      if (text.charAt(end) !== '"') {
        return end;
      }
      expected = expected.startsWith('name') ? 'colon' : 'commaOrEnd';
      at = end + 1;
    } else if (expected.startsWith('value') && (character === '{' || character === '[')) {
      open.push(character);
      expected = character === '{' ? 'nameOrEnd' : 'valueOrEnd';
      at += 1;
    } else {
      const end = expected.startsWith('value') ? skip(NUMBER_OR_LITERAL, text, at) : at;
      if (end === at) {
        return at;
      }
      expected = 'commaOrEnd';
      at = end;
    }
  }
}

/** @returns the position of the quote at the end, or of a character that a string cannot have */
function skipString(text: string, start: number): number {
  for (let at = skip(PLAIN, text, start); ; at = skip(PLAIN, text, at)) {
    const end = skip(ESCAPE, text, at);
    if (end === at) {
      return at;
    }
    at = end;
  }
}

/** @returns the position after what the pattern matches at a position; the same position if it matches nothing there */
function skip(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}
