import type { HttpResponse } from '../http/response';
import type { ResponseProblem } from '../errors/rest-response';
import type { RestCall } from '../inputs/task-inputs';
import { readJsonOf } from './json-reader';
import type { Page } from './page';
import type { Evaluation, ExpressionInput, JsonReading } from './read-json';
import type { Selected } from './selected-text';

/** The response does not match an input that needs it. */
export class ResponseMismatch extends Error {
  readonly problem: ResponseProblem;

  constructor(problem: ResponseProblem) {
    super(problem.kind);
    this.problem = problem;
  }
}

/** The values of the expressions of a step for a response, which has to be JSON. */
export class Evaluations {
  readonly #call: RestCall;
  readonly #of: Partial<Readonly<Record<ExpressionInput, Evaluation>>>;

  private constructor(call: RestCall, of: Partial<Readonly<Record<ExpressionInput, Evaluation>>>) {
    this.#call = call;
    this.#of = of;
  }

  /**
   * Evaluates the expressions of these inputs that the step has set.
   * @throws {ResponseMismatch} if the response is not JSON or cannot be read
   */
  static async read(
    call: RestCall,
    response: HttpResponse,
    inputs: readonly ExpressionInput[],
  ): Promise<Evaluations> {
    const texts = inputs.flatMap((input) => {
      const text = findText(call, input);
      return text === undefined ? [] : [[input, text] as const];
    });
    const [first] = texts;
    if (first === undefined) {
      return new Evaluations(call, {});
    }
    const request = { kind: 'expressions', expressions: Object.fromEntries(texts) } as const;
    const reading = await read(first[0], response, () => readJsonOf(response, request));
    return new Evaluations(call, reading.kind === 'expressions' ? reading.evaluations : {});
  }

  /** What the query selects. @throws {ResponseMismatch} */
  selected(): Selected | undefined {
    const evaluation = this.#find('query');
    return evaluation !== undefined && 'selected' in evaluation ? evaluation.selected : undefined;
  }

  /** Whether the expression of an input is true; false if the input is empty. @throws {ResponseMismatch} */
  isTrue(input: Exclude<ExpressionInput, 'query'>): boolean {
    const evaluation = this.#find(input);
    return evaluation !== undefined && 'isTrue' in evaluation && evaluation.isTrue;
  }

  #find(input: ExpressionInput): Evaluation | undefined {
    const evaluation = this.#of[input];
    if (evaluation === undefined || !('error' in evaluation)) {
      return evaluation;
    }
    // The message of the library can contain the value.
    const isSecret = this.#call.isResultSecret;
    const reason = isSecret ? 'the reason could show the secret' : evaluation.error;
    const expression = findText(this.#call, input) ?? '';
    throw new ResponseMismatch({ kind: 'evaluation', input, expression, reason });
  }
}

/**
 * Reads a page of a list.
 * @returns the page, or the names of the arrays if none of them is the list
 */
export async function readPageOf(response: HttpResponse): Promise<Page | ResponseProblem> {
  try {
    const reading = await read('allPages', response, () => readJsonOf(response, { kind: 'page' }));
    const page = reading.kind === 'page' ? reading.page : { lists: [] };
    return 'lists' in page ? { kind: 'no-list', lists: page.lists } : page;
  } catch (error) {
    if (error instanceof ResponseMismatch) {
      return error.problem;
    }
    throw error;
  }
}

async function read(
  input: string,
  { status, bytes, isKept, coding, header }: HttpResponse,
  readKept: () => ReturnType<typeof readJsonOf>,
): Promise<Exclude<JsonReading, { kind: 'not-json' }>> {
  const contentType = header('content-type');
  if (!isKept) {
    throw new ResponseMismatch({ kind: 'not-json', input, contentType, isTooLarge: true });
  }
  if (bytes.length === 0) {
    const problem = { kind: 'not-json', input, contentType, isTooLarge: false } as const;
    throw new ResponseMismatch({ ...problem, emptyStatus: status });
  }
  const reading = await readKept();
  switch (reading.kind) {
    case 'not-json':
      throw new ResponseMismatch({
        kind: 'not-json',
        input,
        contentType,
        isTooLarge: false,
        ...(coding === undefined ? {} : { coding }),
      });
    case 'unreadable':
      throw new ResponseMismatch({ ...reading, input });
    case 'page':
    case 'expressions':
      return reading;
  }
}

function findText({ query, failWhen, wait }: RestCall, input: ExpressionInput): string | undefined {
  return { query, failWhen, waitUntil: wait?.until }[input]?.text;
}
