/** The structural characters of JSON and quotes: a value begins or ends at one of them. */
const STRUCTURE = /["{}[\],]/g;

/** The start and the end of a part of a text. */
export type Span = readonly [start: number, end: number];

/**
 * Finds the text of each value of an object. The text keeps numbers exact that `JSON.parse` would round.
 * @param json the valid JSON of an object
 */
export function findFields(json: string): ReadonlyMap<string, Span> {
  const fields = new Map<string, Span>();
  let depth = 0;
  let name: string | undefined;
  let start = 0;
  const structure = new RegExp(STRUCTURE);
  for (let found = structure.exec(json); found !== null; found = structure.exec(json)) {
    const [character] = found;
    const at = found.index;
    if (character === '"') {
      const end = findEndOfString(json, at);
      structure.lastIndex = end + 1;
      if (depth === 1 && name === undefined) {
        name = JSON.parse(json.slice(at, end + 1)) as string;
        start = json.indexOf(':', end) + 1;
      }
      continue;
    }
    const isOpening = character === '{' || character === '[';
    if (!isOpening && depth === 1 && name !== undefined) {
      fields.set(name, trim(json, [start, at]));
      name = undefined;
    }
    if (character !== ',') {
      depth += isOpening ? 1 : -1;
    }
  }
  return fields;
}

/** Finds the text between the brackets of a list. */
export function findItems(json: string, list: Span = [0, json.length]): Span {
  const [start, end] = trim(json, list);
  return trim(json, [start + 1, end - 1]);
}

function trim(text: string, [start, end]: Span): Span {
  while (start < end && isSpace(text.charCodeAt(start))) {
    start += 1;
  }
  while (end > start && isSpace(text.charCodeAt(end - 1))) {
    end -= 1;
  }
  return [start, end];
}

/** Whether a character is white space in JSON: space, tab, line feed, carriage return. */
function isSpace(code: number): boolean {
  return code === 32 || code === 9 || code === 10 || code === 13;
}

function findEndOfString(json: string, start: number): number {
  for (let end = json.indexOf('"', start + 1); ; end = json.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (json.charAt(end - 1 - backslashes) === '\\') {
      backslashes += 1;
    }
    if (backslashes % 2 === 0) {
      return end;
    }
  }
}
