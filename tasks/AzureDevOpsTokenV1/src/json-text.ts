import { closeSync, openSync, readSync } from 'node:fs';

const BYTE_ORDER_MARK = Buffer.from('\uFEFF');
/** The length of the longest byte order mark. */
const MARK_BYTES = 4;

/** The length of a UTF-8 byte order mark at the start of some bytes; 0 if there is none. */
export function countMark(bytes: Buffer): number {
  const { length } = BYTE_ORDER_MARK;
  return bytes.subarray(0, length).equals(BYTE_ORDER_MARK) ? length : 0;
}

/** The first bytes of a file, which show its encoding. @throws the error of the system */
export function readStart(path: string): Buffer {
  const start = Buffer.alloc(MARK_BYTES);
  const file = openSync(path, 'r');
  try {
    return start.subarray(0, readSync(file, start, 0, MARK_BYTES, 0));
  } finally {
    closeSync(file);
  }
}

/**
 * The encoding of JSON that is not UTF-8, by its first bytes: a byte order mark, or a zero among them. JSON starts with an ASCII
 * character, which has a zero in UTF-16 and UTF-32 only (RFC 4627, 3).
 */
export function findForeignEncoding(start: Buffer): 'UTF-16' | 'UTF-32' | undefined {
  const bytes = start.toString('hex', 0, MARK_BYTES);
  if (/^(?:0000feff|fffe0000|000000..|(?!00)..000000)$/.test(bytes)) {
    return 'UTF-32';
  }
  return /^(?:fffe|feff|00..|..00)/.test(bytes) ? 'UTF-16' : undefined;
}

/** Whether a request body is sent as JSON: by the Content-Type of the author, else by the name of the file. */
export function isSentAsJson(path: string, contentType: string | undefined): boolean {
  if (contentType === undefined) {
    return path.toLowerCase().endsWith('.json');
  }
  return isJsonType(contentType) && !/^utf-?(?:16|32)/i.test(readCharset(contentType));
}

/** The charset of a Content-Type: UTF-8 if it names none. */
export function readCharset(contentType: string): string {
  return /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(contentType)?.[1] ?? 'utf-8';
}

/** Whether a Content-Type is one of JSON, such as `application/json-patch+json; charset=utf-8`. */
export function isJsonType(contentType: string): boolean {
  return /^[^;]*[/+]json\s*(?:;|$)/i.test(contentType);
}
