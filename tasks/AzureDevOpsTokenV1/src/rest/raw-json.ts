/** What JSON is made of but numbers and words: the only places at which a value can begin or end. */
const STRUCTURE = /["{}[\],]/g;

/** Where something begins and ends in a text. */
export type Span = readonly [start: number, end: number];

/**
 * Where the values of an object's fields are: as they are written, a number of any size stays what it is, which `JSON.parse`
 * does not see to.
 * @param json an object, known to be valid JSON
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

/** What is between the brackets of a list. */
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

/** As JSON has it: space, tab, line feed, carriage return. */
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
