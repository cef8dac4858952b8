/** The fields of a JSON object. Their values are untrusted if the JSON comes from a server. */
export type Fields = Readonly<Record<string, unknown>>;

/** Parses a JSON object. Returns undefined if the text is anything else. */
export function parseJsonObject(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Fields)
      : undefined;
  } catch {
    return undefined;
  }
}

/** The fields of a JSON value; none if the value is no object. */
export function asFields(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
