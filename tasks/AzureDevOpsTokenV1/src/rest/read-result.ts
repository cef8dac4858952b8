import type { Answer } from '../azure-devops/answer';
import type { AnswerProblem, ResultProblem } from '../errors/call-problems';
import type { RequestedCall } from '../inputs/task-inputs';
import { JsonAnswer, Unfit } from './json-answer';
import { toResult, toWholeResult } from './result-text';

/** What a good answer gives to the output, and why the step fails all the same. */
export interface ReadResult {
  readonly text: string;
  readonly warning?: string | undefined;
  readonly problem?: AnswerProblem | ResultProblem | undefined;
}

/** Reads a good answer as the step asks for it. Where it is what `failWhen` names, it becomes the output all the same. */
export function readResult(
  call: RequestedCall,
  answer: Answer,
  responseFile: string | undefined,
): ReadResult {
  const { query, failWhen, isResultSecret } = call;
  const options = { isSecret: isResultSecret, responseFile };
  const json = new JsonAnswer(call, answer);
  try {
    const read =
      query === undefined
        ? toWholeResult(answer, options)
        : toResult(json.evaluate('query', query), options);
    return {
      text: 'text' in read ? read.text : '',
      warning: 'warning' in read ? read.warning : undefined,
      problem:
        failWhen !== undefined && json.is('failWhen', failWhen)
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
