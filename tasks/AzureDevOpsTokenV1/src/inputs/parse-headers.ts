import { untrustedText } from '../untrusted-text';
import { readMacro } from './macro';
import { describeMissing, refuse, type Parsed } from './parse-values';

/** The headers of a request, with names in lower case. */
export type Headers = ReadonlyMap<string, string>;

// Headers that the task or Node.js sets. A second value could send the token or the body elsewhere.
const OWN = new Set([
  'authorization',
  'connection',
  'content-length',
  'cookie',
  'expect',
  'host',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'user-agent',
  'x-tfs-fedauthredirect',
  'x-tfs-session',
]);
// RFC 9110, 5.1 and 5.5. A value may contain visible ASCII characters, spaces, tabs and the upper half of Latin-1.
const NAME = /^[\w!#$%&'*+.^`|~-]+$/;
const VALUE = /^[\t\x20-\x7e\xa0-\xff]*$/;
const EXPECTED = 'one "Name: value" per line, or one JSON object';

interface Field {
  /** The line of the field for a message, such as `(line 2) `; empty for JSON. */
  readonly line: string;
  readonly name: string;
  readonly value: string;
}

/** Parses the headers of the author: `Name: value` lines, or one JSON object. */
export function parseHeaders(text: string): Parsed<Headers> {
  const fields = text.startsWith('{') ? readObject(text) : readLines(text);
  if ('problem' in fields) {
    return fields;
  }
  const headers = new Map<string, string>();
  for (const { line, name, value } of fields.value) {
    const key = name.toLowerCase();
    const problem = headers.has(key)
      ? 'occurs twice. Remove one of them.'
      : findProblem(key, value);
    if (problem !== undefined) {
      return { problem: `${line}${untrustedText(name)} ${problem}` };
    }
    headers.set(key, value);
  }
  return { value: headers };
}

function findProblem(key: string, value: string): string | undefined {
  if (OWN.has(key) || key.startsWith('proxy-')) {
    return 'is a header that the task sets. Remove it.';
  }
  const variable = readMacro(value);
  if (variable !== undefined) {
    return `is ${describeMissing(variable)}`;
  }
  return VALUE.test(value)
    ? undefined
    : 'has a value with characters that a header cannot contain. Remove them.';
}

function readLines(text: string): Parsed<readonly Field[]> {
  const fields: Field[] = [];
  for (const [index, line] of text.split(/\r\n|\r|\n/).entries()) {
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(colon, 0)).trim();
    if (NAME.test(name)) {
      fields.push({ line: `(line ${index + 1}) `, name, value: line.slice(colon + 1).trim() });
    } else if (line.trim() !== '') {
      return { problem: `(line ${index + 1}) ${refuse(line.trim(), EXPECTED).problem}` };
    }
  }
  return { value: fields };
}

function readObject(text: string): Parsed<readonly Field[]> {
  const entries = parseEntries(text);
  const fields: Field[] = [];
  for (const [name, value] of entries ?? []) {
    if (!NAME.test(name) || !['string', 'number', 'boolean'].includes(typeof value)) {
      return refuse(text, `${EXPECTED} with text, numbers or booleans as values`);
    }
    fields.push({ line: '', name, value: String(value).trim() });
  }
  return entries === undefined ? refuse(text, EXPECTED) : { value: fields };
}

function parseEntries(text: string): [string, unknown][] | undefined {
  try {
    // JSON that begins with a brace is an object.
    return Object.entries(JSON.parse(text) as object);
  } catch {
    return undefined;
  }
}
