import { readFileSync, statSync } from 'node:fs';
import { nameSection, WARNINGS } from '../errors/sections';
import type { RestCall } from '../inputs/task-inputs';
import { isJsonType, isSentAsJson } from '../json-text';
import { findJsonMistake, type JsonMistake } from './json-mistake';

/** A larger file is not parsed, because the step could not be cancelled meanwhile. */
const MAX_CHECKED_BYTES = 1024 * 1024;

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
  return isJson ? (body ?? readSmallFile(bodyFile)) : undefined;
}

function readSmallFile(path: string | undefined): string | undefined {
  try {
    return path === undefined || statSync(path).size > MAX_CHECKED_BYTES
      ? undefined
      : // The byte order mark is not part of the text.
        new TextDecoder().decode(readFileSync(path));
  } catch {
    // The request fails with the reason.
    return undefined;
  }
}

function describeMistake(input: string, { line, column, isEnd }: JsonMistake): string {
  const place = `line ${line}, column ${column}`;
  return (
    `The input ${input} is sent as JSON and is not valid JSON: ` +
    (isEnd ? `it ends too early, at ${place}.` : `the mistake is at ${place}.`) +
    '\nCheck the variables in it for quotes and line breaks, look for a template expression that is not expanded, and for a comma too many. ' +
    'If the body is not meant to be JSON, set Content-Type in headers.\n' +
    nameSection(WARNINGS['body-not-json'])
  );
}
