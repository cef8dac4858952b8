import { ConnectionError } from '../http/connection-error';
import { CallFailure } from '../errors/call-failure';
import type { CallContext, CallProblemDetails, PollProgress } from '../errors/call-problems';
import { TaskError } from '../errors/task-error';
import { toIdentityDetails, type IdentityDetails } from '../errors/happening';
import { describeSystemError } from '../errors/system-error';
import type { RestCall } from '../inputs/task-inputs';
import { readOrganizationName } from '../hosts';
import { toRestResult, describeHead, withhold } from './to-rest-result';
import { ResponseReader, type ResponseReaderOptions } from './response-reader';
import { keepSecret, type Outcome } from './success';
import { readResult } from './result';
import { readBody } from './request-body';
import type { RestResult } from './rest-result';
import { pollUntil, type PollOptions } from './poll';

export interface CallOptions extends ResponseReaderOptions, Pick<PollOptions, 'showProgress'> {
  /** Whose token it is. */
  readonly identityDetails: IdentityDetails;
}

const RESULT_WITHHELD =
  'This API returns secrets, so the output result stays empty. Read the file of outputFile, or set secretResult to true.';

/**
 * Makes the call of a step: its request, the pages of its list, the looks until what it waits for is so.
 * @returns what came of it, also where that is no success
 * @throws {Failure} where no answer came, or one that must not be kept
 */
export async function makeRestCall(call: RestCall, options: CallOptions): Promise<RestResult> {
  /** What is asked now, or was last. */
  let requested: { readonly call: RestCall; readonly progress?: PollProgress | undefined } = {
    call,
  };
  /** What the look before came to. */
  let last: Outcome | undefined;
  const fail = (problem: CallProblemDetails) =>
    new CallFailure({
      ...describeCall(requested.call, options.identityDetails),
      progress: requested.progress,
      ...problem,
    });
  const reader = new ResponseReader(options, fail);
  const poll: PollOptions['poll'] = async (next, progress, lastAttemptAtMs) => {
    requested = { call: next, progress };
    last = await reader.poll(next, { lastAttemptAtMs });
    return last;
  };
  try {
    const body = readBody(call, (reason) => fail(describeBodyFile(call, reason)));
    last = await reader.poll(call, { body });
    const requestedPauseMs = () => reader.restClient.requestedPauseMs();
    const outcome = await pollIfRequested(last, { ...options, poll, requestedPauseMs });
    requested = outcome;
    const result = await toRestResult(outcome, reader, fail);
    logWithheld(outcome, options);
    return result;
  } catch (error) {
    const failure =
      error instanceof ConnectionError ? fail({ kind: 'no-answer', why: error.why }) : error;
    return await giveUp(failure, { call: requested.call, last, reader });
  } finally {
    await reader.file.discard();
  }
}

function logWithheld({ call }: Outcome, { log }: CallOptions): void {
  if (call.isResultWithheld === true) {
    log(RESULT_WITHHELD);
  }
}

function pollIfRequested(
  first: Outcome,
  waiting: Omit<PollOptions, 'wait'>,
): Outcome | Promise<Outcome> {
  const { call, failure, problem } = first;
  return call.wait === undefined || failure !== undefined || problem !== undefined
    ? first
    : pollUntil(first, { ...waiting, wait: call.wait });
}

/** Where a server has answered before, a later step may have to know how. */
async function giveUp(
  error: unknown,
  so: {
    readonly call: RestCall;
    readonly last: Outcome | undefined;
    readonly reader: ResponseReader;
  },
): Promise<RestResult> {
  const { call, last, reader } = so;
  const isOfFile = error instanceof CallFailure && error.problem.kind === 'file';
  const head = (isOfFile ? reader.guard.last : undefined) ?? reader.lastResponse;
  if (!(error instanceof TaskError) || head === undefined) {
    throw error;
  }
  const { text } =
    last === undefined
      ? { text: '' }
      : withhold(last.call, await readResult(last.call, last.response, undefined));
  const result = reader.guard.repeatsToken(text) ? '' : text;
  return { ...describeHead(keepSecret(call, head.url), head), result, failure: error };
}

function describeBodyFile({ bodyFile = '' }: RestCall, reason: unknown): CallProblemDetails {
  const text = typeof reason === 'string' ? reason : describeSystemError(reason);
  return { kind: 'file', input: 'bodyFile', path: bodyFile, reason: text };
}

function describeCall(
  { method, url, organization }: RestCall,
  identityDetails: IdentityDetails,
): CallContext {
  return {
    method,
    url: `${url.origin}${url.pathname}`,
    organization: readOrganizationName(url) ?? organization?.name ?? url.host,
    identityDetails: toIdentityDetails(identityDetails),
  };
}
