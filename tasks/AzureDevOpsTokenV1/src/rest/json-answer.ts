import type { Answer } from '../azure-devops/answer';
import type { AnswerProblem } from '../errors/call-problems';
import { ExpressionError, isTrue, type Expression } from '../expression';
import type { RequestedCall } from '../inputs/task-inputs';

/** The inputs that look into an answer. */
export type LookingInput = 'query' | 'failWhen' | 'waitUntil' | 'allPages';

/** The answer does not fit an input. */
export class Unfit extends Error {
  readonly problem: AnswerProblem;

  constructor(problem: AnswerProblem) {
    super(problem.kind);
    this.problem = problem;
  }
}

/** An answer as JSON, for the expressions of a step. */
export class JsonAnswer {
  readonly #call: RequestedCall;
  readonly #answer: Answer;
  #parsed: { readonly value: unknown } | undefined;

  constructor(call: RequestedCall, answer: Answer) {
    this.#call = call;
    this.#answer = answer;
  }

  /** @throws {Unfit} */
  evaluate(input: LookingInput, expression: Expression): unknown {
    this.#parsed ??= { value: parseJson(input, this.#answer).value };
    try {
      return expression.evaluate(this.#parsed.value);
    } catch (error) {
      if (!(error instanceof ExpressionError)) {
        throw error;
      }
      // The library may name the value.
      const isSecret = this.#call.isResultSecret;
      const reason = isSecret ? 'the reason could show the secret' : error.message;
      throw new Unfit({ kind: 'evaluation', input, expression: expression.text, reason });
    }
  }

  /** Whether the answer is what the input names; never where the input is empty. @throws {Unfit} */
  is(input: LookingInput, expression: Expression | undefined): boolean {
    return expression !== undefined && isTrue(this.evaluate(input, expression));
  }
}

/**
 * The text of an answer that has to be JSON, and its value.
 * @throws {Unfit}
 */
export function parseJson(
  input: LookingInput,
  { bytes, isKept, header }: Answer,
): { readonly text: string; readonly value: unknown } {
  const contentType = header('content-type');
  if (!isKept) {
    throw new Unfit({ kind: 'not-json', input, contentType, isTooLarge: true });
  }
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return { text, value: JSON.parse(text) as unknown };
  } catch {
    throw new Unfit({ kind: 'not-json', input, contentType, isTooLarge: false });
  }
}
