import type { HttpResponse } from '../http/response';
import type { ResponseProblem, ResultProblem } from '../errors/call-problems';
import type { RestCall } from '../inputs/task-inputs';
import { Evaluations, ResponseMismatch } from './json-response';
import { toResult, toWholeResult } from './result-text';

/** What a good answer gives to the output, and why the step fails all the same. */
export interface ReadResult {
  readonly text: string;
  readonly warning?: string | undefined;
  readonly problem?: ResponseProblem | ResultProblem | undefined;
}

/** Reads a good answer as the step asks for it. Where it is what `failWhen` names, it becomes the output all the same. */
export async function readResult(
  call: RestCall,
  response: HttpResponse,
  responseFile: string | undefined,
): Promise<ReadResult> {
  const { failWhen, isResultSecret } = call;
  const options = { isSecret: isResultSecret, responseFile };
  try {
    const evaluations = await Evaluations.read(call, response, ['query', 'failWhen']);
    const selected = evaluations.selected();
    const read =
      selected === undefined ? toWholeResult(response, options) : toResult(selected, options);
    return {
      text: 'text' in read ? read.text : '',
      warning: 'warning' in read ? read.warning : undefined,
      problem:
        failWhen !== undefined && evaluations.isTrue('failWhen')
          ? { kind: 'fail-when', expression: failWhen.text }
          : 'problem' in read
            ? read.problem
            : undefined,
    };
  } catch (error) {
    if (error instanceof ResponseMismatch) {
      return { text: '', problem: error.problem };
    }
    throw error;
  }
}

/** Of an answer that is no success: its body, where it can be an output. */
export function readBadResult(
  { isResultSecret }: RestCall,
  response: HttpResponse,
  responseFile: string | undefined,
): ReadResult {
  const read = toWholeResult(response, { isSecret: isResultSecret, responseFile });
  return { text: 'text' in read ? read.text : '' };
}
