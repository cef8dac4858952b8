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
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

export function isJson(text: string): boolean {
  return parseJson(text) !== undefined;
}
