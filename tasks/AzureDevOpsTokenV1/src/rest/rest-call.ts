import type { FileProblem, HeldFileProblem, RestProblemDetails } from '../errors/rest-request';
import { describeSystemError } from '../errors/system-error';
import { TaskError } from '../errors/task-error';
import { ConnectionError } from '../http/connection-error';
import type { RestCall } from '../inputs/task-inputs';
import { pollUntil, type PollOptions } from './poll';
import { describeBodyMistake } from './check-body';
import { saysMore } from './more-pages';
import { describeCall, MORE_PAGES } from './progress';
import { readBody } from './request-body';
import { ResponseReader, type ResponseReaderOptions } from './response-reader';
import type { RestResult } from './rest-result';
import { readResult } from './result';
import { keepSecret, type Outcome } from './outcome';
import { describeHead, toRestResult, withhold } from './to-rest-result';

export interface RestCallOptions extends ResponseReaderOptions, Pick<PollOptions, 'showProgress'> {
  /** Called with a warning that must be seen even if no response comes. */
  readonly warn: (text: string) => void;
}

export { describeResult } from './progress';

const FILE_KINDS: readonly string[] = ['file', 'file-held'] satisfies (
  FileProblem | HeldFileProblem
)['kind'][];
const RESULT_WITHHELD =
  'This API returns secrets, so the output result is empty. Read the file that outputFile names, or set secretResult to true.';

/**
 * Makes the REST call of a step: its request, the pages of its list, the polls until its condition is true.
 * @returns what the outputs need, also if the step fails
 * @throws {TaskError} if no response came, or one that must not be kept
 */
export async function makeRestCall(call: RestCall, options: RestCallOptions): Promise<RestResult> {
  options.log(describeCall(call));
  const reader = new ResponseReader(call, options);
  try {
    const body = readBody(call, (reason) => reader.toError(describeBodyFile(call, reason)));
    const mistake = describeBodyMistake(call);
    if (mistake !== undefined) {
      options.warn(mistake);
    }
    const first = await reader.read({ call }, { body });
    const outcome = await pollIfRequested(first, reader, options);
    reader.inProgress = outcome;
    if (outcome.statusProblem === undefined && !call.allPages && saysMore(outcome.response)) {
      options.log(MORE_PAGES);
    }
    const result = await toRestResult(outcome, reader, (problem) => reader.toError(problem));
    if (outcome.call.isResultWithheld === true) {
      options.log(RESULT_WITHHELD);
    }
    return result;
  } catch (error) {
    return await keepLastResponse(
      error instanceof ConnectionError ? reader.toError(error.why) : error,
      reader,
    );
  } finally {
    await reader.file.discard();
  }
}

async function pollIfRequested(
  first: Outcome,
  reader: ResponseReader,
  options: RestCallOptions,
): Promise<Outcome> {
  const { call, statusProblem, problem } = first;
  if (call.wait === undefined || statusProblem !== undefined || problem !== undefined) {
    return first;
  }
  return pollUntil(first, {
    ...options,
    wait: call.wait,
    poll: (inProgress, lastAttemptAtMs) => reader.read(inProgress, { lastAttemptAtMs }),
    requestedPauseMs: () => reader.restClient.requestedPauseMs(),
  });
}

/** A later step may need the response before the error. @throws the error if there is none */
async function keepLastResponse(error: unknown, reader: ResponseReader): Promise<RestResult> {
  const { inProgress, lastOutcome, lastResponse, tokenCheck } = reader;
  const isOfFile = error instanceof TaskError && FILE_KINDS.includes(error.problem.kind);
  const head = (isOfFile ? tokenCheck.last : undefined) ?? lastResponse;
  if (!(error instanceof TaskError) || head === undefined) {
    throw error;
  }
  const text = lastOutcome === undefined ? '' : await readText(lastOutcome);
  const result = tokenCheck.repeatsToken(text) ? '' : text;
  return { ...describeHead(keepSecret(inProgress.call, head.url), head), result, error };
}

async function readText({ call, response }: Outcome): Promise<string> {
  return withhold(call, await readResult(call, response, undefined)).text;
}

function describeBodyFile({ bodyFile = '' }: RestCall, reason: unknown): RestProblemDetails {
  const text = typeof reason === 'string' ? reason : describeSystemError(reason);
  return { kind: 'file', input: 'bodyFile', path: bodyFile, reason: text };
}
