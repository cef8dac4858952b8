import type { Answer } from '../azure-devops/answer';
import type { AnswerProblem, ResultProblem } from '../errors/call-problems';
import { ExpressionError, isTrue } from '../expression';
import type { RequestedCall } from '../inputs/task-inputs';
import { toResult, toWholeResult, type ResultText } from './result-text';

/** What a good answer gives to the output, and why the step fails all the same. */
export interface ReadResult {
  readonly text: string;
  readonly warning?: string | undefined;
  readonly problem?: AnswerProblem | ResultProblem | undefined;
}

/** Thrown within this file: the answer does not fit an input. */
class Unfit extends Error {
  readonly problem: AnswerProblem;

  constructor(problem: AnswerProblem) {
    super(problem.kind);
    this.problem = problem;
  }
}

/** Reads a good answer as the step asks for it. Where it is what `failWhen` names, it becomes the output all the same. */
export function readResult(
  call: RequestedCall,
  answer: Answer,
  responseFile: string | undefined,
): ReadResult {
  try {
    const read = select(call, answer, responseFile);
    const { failWhen } = call;
    const isBad = failWhen !== undefined && isTrue(evaluate(call, 'failWhen', answer));
    return {
      text: 'text' in read ? read.text : '',
      warning: 'warning' in read ? read.warning : undefined,
      problem: isBad
        ? { kind: 'fail-when', expression: failWhen.text }
        : 'problem' in read
          ? read.problem
          : undefined,
    };
  } catch (error) {
    if (error instanceof Unfit) {
      return { text: '', problem: error.problem };
    }
    throw error;
  }
}

/** Of an answer that is no success: its body, where it can be an output. */
export function readBadResult(
  { isResultSecret }: RequestedCall,
  answer: Answer,
  responseFile: string | undefined,
): ReadResult {
  const read = toWholeResult(answer, { isSecret: isResultSecret, responseFile });
  return { text: 'text' in read ? read.text : '' };
}

function select(call: RequestedCall, answer: Answer, responseFile: string | undefined): ResultText {
  const options = { isSecret: call.isResultSecret, responseFile };
  return call.query === undefined
    ? toWholeResult(answer, options)
    : toResult(evaluate(call, 'query', answer), options);
}

/** @throws {Unfit} */
function evaluate(call: RequestedCall, input: 'query' | 'failWhen', answer: Answer): unknown {
  const expression = call[input];
  const value = parse(input, answer);
  try {
    return expression?.evaluate(value);
  } catch (error) {
    if (!(error instanceof ExpressionError)) {
      throw error;
    }
    // The library may name the value.
    const reason = call.isResultSecret ? 'the reason could show the secret' : error.message;
    throw new Unfit({ kind: 'evaluation', input, expression: expression?.text ?? '', reason });
  }
}

/** @throws {Unfit} */
function parse(input: string, { bytes, isKept, header }: Answer): unknown {
  const contentType = header('content-type');
  if (!isKept) {
    throw new Unfit({ kind: 'not-json', input, contentType, isTooLarge: true });
  }
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown;
  } catch {
    throw new Unfit({ kind: 'not-json', input, contentType, isTooLarge: false });
  }
}
