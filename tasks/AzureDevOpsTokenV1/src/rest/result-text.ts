import type { ResultProblem } from '../errors/result-problems';
import { nameSection, WARNINGS } from '../errors/sections';
import { isJson } from '../json-object';
import { COMMAND_MARK, PAIRED_HASH, untrustedText } from '../untrusted-text';
import type { Selected } from './selected-text';
import { MAX_OUTPUT_BYTES, MIN_SECRET_LENGTH } from '../limits';

/** The value of the output `result`, or why the response cannot be one. */
export type ResultText =
  | { readonly text: string; readonly warning?: string }
  | { readonly warning: string }
  | { readonly problem: ResultProblem };

export interface ResultOptions {
  readonly isSecret: boolean;
  /** The file with the body, for a message. */
  readonly responseFile: string | undefined;
}

/** Makes an output from what a query selected: a string unchanged, anything else as JSON. */
export function toResult(selected: Selected, options: ResultOptions): ResultText {
  switch (selected.kind) {
    case 'string':
      return withWarning(check(selected.text, options), selected, options);
    case 'json':
      return withWarning(check(disarm(selected.text), options), selected, options);
    case 'too-large':
      return { problem: { kind: 'result-too-large', bytes: selected.bytes } };
    case 'too-deep':
      return { problem: { kind: 'result-too-deep', responseFile: options.responseFile } };
  }
}

function withWarning(
  result: ResultText,
  { isRounded }: { readonly isRounded: boolean },
  options: ResultOptions,
): ResultText {
  return isRounded && 'text' in result ? { ...result, warning: describeRounding(options) } : result;
}

/** The warning about an integer above 2^53 that an expression has read. */
function describeRounding(options: ResultOptions): string {
  return (
    'The output result may have a rounded number, because JMESPath expressions are exact only for integers up to 2^53 (16 digits).\n' +
    'If no later step needs all digits of the number, ignore this warning. Otherwise, select the number without a function such as to_string(), or ' +
    `${describePlace(options)}.\n${nameSection(WARNINGS['rounded-number'])}`
  );
}

/** Makes an output from a whole body, if it is text that fits into an output. */
export function toWholeResult(
  { bytes, isKept }: { readonly bytes: Buffer; readonly isKept: boolean },
  options: ResultOptions,
): ResultText {
  const text = isKept && bytes.length <= MAX_OUTPUT_BYTES ? decode(bytes) : undefined;
  if (text === undefined) {
    const isTooLarge = !isKept || bytes.length > MAX_OUTPUT_BYTES;
    return { warning: describeEmptyResult(isTooLarge, options) };
  }
  return check(isJson(text) ? disarm(text) : text, options);
}

function describeEmptyResult(isTooLarge: boolean, options: ResultOptions): string {
  const what = isTooLarge
    ? `has more than ${MAX_OUTPUT_BYTES.toLocaleString('en')} bytes`
    : 'is not text';
  const query = isTooLarge ? 'select a part with query, or ' : '';
  return (
    `The output result is empty, because the response ${what}.\n` +
    `If no later step reads result, ignore this warning. Otherwise, ${query}${describePlace(options)}.\n` +
    nameSection(WARNINGS['empty-result'])
  );
}

/** Makes an output of a JSON object; undefined if it is too large for an output. */
export function toJsonObject(fields: Readonly<Record<string, string>>): string | undefined {
  const text = disarm(JSON.stringify(fields));
  return Buffer.byteLength(text) > MAX_OUTPUT_BYTES ? undefined : text;
}

function describePlace({ responseFile }: ResultOptions): string {
  return responseFile === undefined
    ? 'set outputFile and read that file in a later step'
    : `read the file that the output responseFile names (${untrustedText(responseFile)})`;
}

/** Escapes JSON so that it has the same meaning and the agent finds no command in it. */
function disarm(json: string): string {
  return json.replaceAll('$(', '\\u0024(').replace(PAIRED_HASH, '\\u0023');
}

function check(text: string, { isSecret, responseFile }: ResultOptions): ResultText {
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_OUTPUT_BYTES) {
    return { problem: { kind: 'result-too-large', bytes } };
  }
  const what = findHarm(text);
  if (what !== undefined) {
    return { problem: { kind: 'result-hostile', what, responseFile } };
  }
  if (isSecret && /[\r\n]/.test(text)) {
    return { problem: { kind: 'result-not-masked', why: 'lines' } };
  }
  return isSecret && text !== '' && text.length < MIN_SECRET_LENGTH
    ? { problem: { kind: 'result-not-masked', why: 'short' } }
    : { text };
}

function findHarm(text: string): string | undefined {
  if (text.includes('$(')) {
    return '"$(", the beginning of a macro of the agent';
  }
  if (COMMAND_MARK.test(text)) {
    return 'text that the agent would run as a logging command';
  }
  return text.includes('\0') ? 'a NUL character, which no variable can hold' : undefined;
}

function decode(bytes: Buffer): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return text.includes('\0') ? undefined : text;
  } catch {
    return undefined;
  }
}
