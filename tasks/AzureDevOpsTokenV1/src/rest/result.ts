import type { HttpResponse } from '../http/response';
import type { ResponseProblem } from '../errors/rest-response';
import type { ResultProblem } from '../errors/result-problems';
import type { RestCall } from '../inputs/task-inputs';
import { Evaluations, ResponseMismatch } from './json-response';
import { toResult, toWholeResult } from './result-text';

/** The output of a successful response, and the reason if the step fails all the same. */
export interface ReadResult {
  readonly text: string;
  readonly warning?: string | undefined;
  readonly problem?: ResponseProblem | ResultProblem | undefined;
}

/** Reads the result from a successful response. It becomes the output even if `failWhen` is true. */
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

/** Reads the result from an unsuccessful response: its body, if that can be an output. */
export function readBadResult(
  { isResultSecret }: RestCall,
  response: HttpResponse,
  responseFile: string | undefined,
): ReadResult {
  const read = toWholeResult(response, { isSecret: isResultSecret, responseFile });
  return { text: 'text' in read ? read.text : '' };
}
