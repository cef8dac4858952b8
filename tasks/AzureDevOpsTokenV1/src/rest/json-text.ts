/** What JSON is made of but numbers and words: the only places at which a value can begin or end. */
const STRUCTURE = /["{}[\],]/g;

/**
 * The values of an object's fields as they are written: a number of any size stays what it is, which `JSON.parse` does
 * not see to.
 * @param json an object, known to be valid JSON
 */
export function readFieldTexts(json: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
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
      fields.set(name, json.slice(start, at).trim());
      name = undefined;
    }
    if (character !== ',') {
      depth += isOpening ? 1 : -1;
    }
  }
  return fields;
}

/** What stands between the brackets of a list. */
export function readItemsText(list: string): string {
  return list.trim().slice(1, -1).trim();
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
