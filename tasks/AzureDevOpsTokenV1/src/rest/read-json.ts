// Reads the JSON of a response. The task runs this code itself for a small response, and json-process.ts for a large one.
import { compileExpression, ExpressionError, isTrue } from '../jmespath';
import { countMark } from '../json-text';
import { readPage, type NoPage, type Page } from './page';
import { selectText, type Selected } from './selected-text';

/** The inputs that are expressions. */
export type ExpressionInput = 'query' | 'failWhen' | 'waitUntil';

/** What to read from a response. Both the request and the reading can be sent to another process as JSON. */
export type JsonRequest =
  | { readonly kind: 'page' }
  | {
      readonly kind: 'expressions';
      readonly expressions: Partial<Readonly<Record<ExpressionInput, string>>>;
    };

/** The value of an expression: text for an output, or whether it is true, or why it cannot be evaluated. */
export type Evaluation =
  | { readonly selected: Selected }
  | { readonly isTrue: boolean }
  /** One line of safe text. */
  | { readonly error: string };

export type JsonReading =
  | { readonly kind: 'not-json' }
  | { readonly kind: 'page'; readonly page: Page | NoPage }
  | {
      readonly kind: 'expressions';
      readonly evaluations: Partial<Readonly<Record<ExpressionInput, Evaluation>>>;
    };

/** Reading needs more memory than `MAX_JSON_MEMORY_BYTES`. */
export const OUT_OF_MEMORY: UnreadableResponse = { kind: 'unreadable', exceeded: 'memory' };

/** Reads the bytes of a response as JSON. */
export function readJson(request: JsonRequest, bytes: Buffer): JsonReading {
  const text = decodeJson(bytes);
  return text === undefined ? { kind: 'not-json' } : readJsonText(request, text, countMark(bytes));
}

/** @returns undefined if the bytes are not UTF-8 */
export function decodeJson(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** @param offset the number of bytes of the response before the text */
export function readJsonText(request: JsonRequest, text: string, offset: number): JsonReading {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { kind: 'not-json' };
  }
  if (request.kind === 'page') {
    return { kind: 'page', page: moveItems(readPage(text, value), offset) };
  }
  const evaluations = Object.entries(request.expressions).map(
    ([input, expression]) => [input, evaluate({ input, expression, text }, value)] as const,
  );
  return { kind: 'expressions', evaluations: Object.fromEntries(evaluations) };
}

function moveItems(page: Page | NoPage, offset: number): Page | NoPage {
  return 'lists' in page
    ? page
    : { ...page, items: [page.items[0] + offset, page.items[1] + offset] };
}

interface ExpressionRequest {
  readonly input: string;
  readonly expression: string;
  /** The text of the response. */
  readonly text: string;
}

function evaluate({ input, expression, text }: ExpressionRequest, value: unknown): Evaluation {
  try {
    const result = compileExpression(expression).evaluate(value);
    return input === 'query' ? { selected: selectText(result, text) } : { isTrue: isTrue(result) };
  } catch (error) {
    if (error instanceof ExpressionError) {
      return { error: error.message };
    }
    throw error;
  }
}

/** The response could not be read: it needs more than a limit, or the process does not run. */
export type UnreadableResponse =
  | { readonly kind: 'unreadable'; readonly exceeded: 'memory' | 'time' }
  | { readonly kind: 'unreadable'; readonly reason: string };

/** What the process that reads large JSON gets before the response. */
export interface JsonHeader {
  /** In bytes. */
  readonly size: number;
  /** Of this process. */
  readonly memoryBytes: number;
  readonly request: JsonRequest;
}
