import type { Answer } from '../azure-devops/answer';
import type { Head } from '../azure-devops/body';
import type { Failure } from '../errors/failure';
import type { CallContext, CallTrouble } from '../errors/call-problems';
import type { RequestedCall } from '../inputs/task-inputs';
import type { Outcome } from './outcome';
import { readBadResult, readResult } from './read-result';
import type { ResponseFile } from './response-file';
import type { RestResult } from './rest-result';
import { toJsonObject } from './result-text';

/**
 * What a call leaves.
 * @param file the last answer is in it
 * @param toFailure makes a failure of why the call is no success
 */
export async function conclude(
  outcome: Outcome,
  file: Pick<ResponseFile, 'keep'>,
  toFailure: (trouble: CallTrouble & Pick<CallContext, 'answeredBy'>) => Failure,
): Promise<RestResult> {
  const { call, answer, misfortune, warnings } = outcome;
  // What is no answer of Azure DevOps, such as a sign-in page, is nothing that a later step should find there.
  const isKept = answer.isWhole && (misfortune === undefined || !call.isExpected(answer.status));
  const responseFile = isKept ? await file.keep() : undefined;
  const read =
    misfortune === undefined
      ? readResult(call, answer, responseFile)
      : readBadResult(call, answer, responseFile);
  const problem = misfortune ?? outcome.problem ?? read.problem;
  const { host } = answer.url;
  const answeredBy = host === call.url.host ? undefined : host;
  return {
    ...describeHead(call, answer),
    result: read.text,
    responseFile,
    warnings: [...warnings, ...(read.warning === undefined ? [] : [read.warning])],
    failure: problem === undefined ? undefined : toFailure({ ...problem, answeredBy }),
  };
}

/** What an answer leaves although its body is of no use. */
export function describeHead(
  { isResultSecret }: RequestedCall,
  { status, headers }: Head,
): Omit<RestResult, 'failure'> {
  return {
    statusCode: status,
    responseHeaders: toJsonObject(withoutCookies(headers)),
    result: '',
    isResultSecret,
    responseFile: undefined,
    warnings: [],
  };
}

function withoutCookies(headers: Answer['headers']): Answer['headers'] {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !name.startsWith('set-cookie')),
  );
}
