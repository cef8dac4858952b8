import { MAX_UNTRUSTED_LENGTH } from './limits';

/** The fields of a JSON object. Their values are untrusted if the JSON comes from a server. */
export type Fields = Readonly<Record<string, unknown>>;

/** Parses JSON. Returns undefined if the text is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Parses a JSON object. Returns undefined if the text is anything else. */
export function parseJsonObject(text: string): Fields | undefined {
  return toFields(parseJson(text));
}

/** A JSON value if it is an object. */
export function toFields(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Fields)
    : undefined;
}

/** The fields of a JSON value; none if the value is no object. */
export function asFields(value: unknown): Fields {
  return toFields(value) ?? {};
}

/** As much of a text as a message can show, and more, so that a pattern is not matched against a megabyte. */
const MAX_TEXT_LENGTH = 8 * MAX_UNTRUSTED_LENGTH;

/**
 * The beginning of the text in a field; undefined if the field holds anything else.
 * @param name in lower case. The field can have any case, because the servers of one service differ.
 */
export function findText(fields: Fields | undefined, name: string): string | undefined {
  const [, value] = Object.entries(fields ?? {}).find(([key]) => key.toLowerCase() === name) ?? [];
  return typeof value === 'string' ? value.slice(0, MAX_TEXT_LENGTH) : undefined;
}

export function isJson(text: string): boolean {
  return parseJson(text) !== undefined;
}
