import { ConnectionError } from '../http/connection-error';
import { CallFailure } from '../errors/call-failure';
import type { CallContext, CallTrouble, PollProgress } from '../errors/call-problems';
import { TaskError } from '../errors/task-error';
import { toBearer, type Bearer } from '../errors/happening';
import { describeSystemError } from '../errors/system-error';
import type { RestCall } from '../inputs/task-inputs';
import { readOrganizationName } from '../hosts';
import { toRestResult, describeHead, withhold } from './to-rest-result';
import { ResponseReader, type ResponseReaderOptions } from './response-reader';
import { keepSecret, type Outcome } from './success';
import { readResult } from './result';
import { readBody } from './request-body';
import type { RestResult } from './rest-result';
import { waitFor, type Waiting } from './poll';

export interface CallOptions extends ResponseReaderOptions, Pick<Waiting, 'showProgress'> {
  /** Whose token it is. */
  readonly bearer: Bearer;
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
  let asked: { readonly call: RestCall; readonly progress?: PollProgress | undefined } = { call };
  /** What the look before came to. */
  let last: Outcome | undefined;
  const fail = (trouble: CallTrouble) =>
    new CallFailure({
      ...describeCall(asked.call, options.bearer),
      progress: asked.progress,
      ...trouble,
    });
  const reader = new ResponseReader(options, fail);
  const look: Waiting['look'] = async (next, progress, lastAttemptAtMs) => {
    asked = { call: next, progress };
    last = await reader.look(next, { lastAttemptAtMs });
    return last;
  };
  try {
    const body = readBody(call, (reason) => fail(describeBodyFile(call, reason)));
    last = await reader.look(call, { body });
    const requestedPauseMs = () => reader.restClient.requestedPauseMs();
    const outcome = await waitIfAsked(last, { ...options, look, requestedPauseMs });
    asked = outcome;
    const result = await toRestResult(outcome, reader, fail);
    tellWithheld(outcome, options);
    return result;
  } catch (error) {
    const failure =
      error instanceof ConnectionError ? fail({ kind: 'no-answer', why: error.why }) : error;
    return await giveUp(failure, { call: asked.call, last, reader });
  } finally {
    await reader.file.discard();
  }
}

function tellWithheld({ call }: Outcome, { log }: CallOptions): void {
  if (call.isResultWithheld === true) {
    log(RESULT_WITHHELD);
  }
}

function waitIfAsked(first: Outcome, waiting: Omit<Waiting, 'wait'>): Outcome | Promise<Outcome> {
  const { call, failure, problem } = first;
  return call.wait === undefined || failure !== undefined || problem !== undefined
    ? first
    : waitFor(first, { ...waiting, wait: call.wait });
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

function describeBodyFile({ bodyFile = '' }: RestCall, reason: unknown): CallTrouble {
  const text = typeof reason === 'string' ? reason : describeSystemError(reason);
  return { kind: 'file', input: 'bodyFile', path: bodyFile, reason: text };
}

function describeCall({ method, url, organization }: RestCall, bearer: Bearer): CallContext {
  return {
    method,
    url: `${url.origin}${url.pathname}`,
    organization: readOrganizationName(url) ?? organization?.name ?? url.host,
    bearer: toBearer(bearer),
  };
}
