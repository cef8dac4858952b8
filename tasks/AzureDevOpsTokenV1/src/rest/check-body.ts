import { readFileSync, statSync } from 'node:fs';
import { nameSection, WARNINGS } from '../errors/sections';
import type { RestCall } from '../inputs/task-inputs';
import { isJsonType, isSentAsJson, readCharset } from '../json-text';
import { MAX_IN_PROCESS_BYTES } from '../limits';
import { findJsonMistake, type JsonMistake } from './json-mistake';

/** Warns of a body that is sent as JSON and is not JSON; undefined if there is nothing to say. The text can hold secrets, so it is not shown. */
export function describeBodyMistake(call: RestCall): string | undefined {
  const input = call.body === undefined ? 'bodyFile' : 'body';
  const text = readJsonBody(call);
  const mistake = text === undefined ? undefined : findJsonMistake(text);
  return mistake && describeMistake(input, mistake);
}

/** The body if it is sent as JSON: by the Content-Type of the author, else by its input. */
function readJsonBody({ body, bodyFile, headers }: RestCall): string | undefined {
  const type = headers.get('content-type');
  const isJson =
    type === undefined
      ? body !== undefined || isSentAsJson(bodyFile ?? '', undefined)
      : isJsonType(type);
  return isJson ? (body ?? readSmallFile(bodyFile, readCharset(type ?? ''))) : undefined;
}

function readSmallFile(path: string | undefined, charset: string): string | undefined {
  try {
    return path === undefined || statSync(path).size > MAX_IN_PROCESS_BYTES
      ? undefined
      : decode(readFileSync(path), charset);
  } catch {
    // The request fails with the reason, or Node.js does not have the charset (UTF-32).
    return undefined;
  }
}

/** The text of a file without its byte order mark. @throws {RangeError} if Node.js does not have the charset */
function decode(bytes: Buffer, charset: string): string {
  // The mark says which of the two it is (RFC 2781, 3.2). TextDecoder reads `utf-16` as little-endian.
  const isBigEndian = /^utf-?16$/i.test(charset) && bytes.subarray(0, 2).toString('hex') === 'feff';
  return new TextDecoder(isBigEndian ? 'utf-16be' : charset).decode(bytes);
}

function describeMistake(input: string, { line, column, isEnd }: JsonMistake): string {
  const place = `line ${line}, column ${column}`;
  return (
    `The input ${input} is sent as JSON and is not valid JSON: ` +
    (isEnd ? `it ends too early, at ${place}.` : `the mistake is at ${place}.`) +
    '\nAt that place, check for a comma too many, a variable whose value has quotes or line breaks, and a template expression that is not expanded. ' +
    'If the body is not meant to be JSON, set Content-Type in headers.\n' +
    nameSection(WARNINGS['body-not-json'])
  );
}
