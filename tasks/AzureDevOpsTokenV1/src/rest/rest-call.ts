import { NoAnswer } from '../http/connection-error';
import { CallFailure } from '../errors/call-failure';
import type { CallContext, CallTrouble, Waited } from '../errors/call-problems';
import { Failure } from '../errors/task-error';
import { toBearer, type Bearer } from '../errors/happening';
import { describeSystemError } from '../errors/system-error';
import type { RequestedCall } from '../inputs/task-inputs';
import { readOrganizationName } from '../hosts';
import { conclude, describeHead, withhold } from './to-rest-result';
import { Looker, type LookerOptions } from './response-reader';
import { keepSecret, type Outcome } from './success';
import { readResult } from './result';
import { readBody } from './request-body';
import type { RestResult } from './rest-result';
import { waitFor, type Waiting } from './poll';

export interface CallOptions extends LookerOptions, Pick<Waiting, 'showProgress'> {
  /** Whose token it is. */
  readonly bearer: Bearer;
}

const WITHHELD =
  'This API returns secrets, so the output result stays empty. Read the file of outputFile, or set secretResult to true.';

/**
 * Makes the call of a step: its request, the pages of its list, the looks until what it waits for is so.
 * @returns what came of it, also where that is no success
 * @throws {Failure} where no answer came, or one that must not be kept
 */
export async function callAzureDevOps(
  call: RequestedCall,
  options: CallOptions,
): Promise<RestResult> {
  /** What is asked now, or was last. */
  let asked: { readonly call: RequestedCall; readonly waited?: Waited | undefined } = { call };
  /** What the look before came to. */
  let last: Outcome | undefined;
  const fail = (trouble: CallTrouble) =>
    new CallFailure({
      ...describeCall(asked.call, options.bearer),
      waited: asked.waited,
      ...trouble,
    });
  const looker = new Looker(options, fail);
  const look: Waiting['look'] = async (next, waited, lastAttemptAtMs) => {
    asked = { call: next, waited };
    last = await looker.look(next, { lastAttemptAtMs });
    return last;
  };
  try {
    const body = readBody(call, (reason) => fail(describeBodyFile(call, reason)));
    last = await looker.look(call, { body });
    const askedPauseMs = () => looker.caller.askedPauseMs();
    const outcome = await waitIfAsked(last, { ...options, look, askedPauseMs });
    asked = outcome;
    const result = await conclude(outcome, looker, fail);
    tellWithheld(outcome, options);
    return result;
  } catch (error) {
    const failure = error instanceof NoAnswer ? fail({ kind: 'no-answer', why: error.why }) : error;
    return await giveUp(failure, { call: asked.call, last, looker });
  } finally {
    await looker.file.discard();
  }
}

function tellWithheld({ call }: Outcome, { tell }: CallOptions): void {
  if (call.isResultWithheld === true) {
    tell(WITHHELD);
  }
}

function waitIfAsked(first: Outcome, waiting: Omit<Waiting, 'wait'>): Outcome | Promise<Outcome> {
  const { call, misfortune, problem } = first;
  return call.wait === undefined || misfortune !== undefined || problem !== undefined
    ? first
    : waitFor(first, { ...waiting, wait: call.wait });
}

/** Where a server has answered before, a later step may have to know how. */
async function giveUp(
  error: unknown,
  so: { readonly call: RequestedCall; readonly last: Outcome | undefined; readonly looker: Looker },
): Promise<RestResult> {
  const { call, last, looker } = so;
  const isOfFile = error instanceof CallFailure && error.problem.kind === 'file';
  const head = (isOfFile ? looker.guard.last : undefined) ?? looker.lastAnswer;
  if (!(error instanceof Failure) || head === undefined) {
    throw error;
  }
  const { text } =
    last === undefined
      ? { text: '' }
      : withhold(last.call, await readResult(last.call, last.answer, undefined));
  const result = looker.guard.repeatsToken(text) ? '' : text;
  return { ...describeHead(keepSecret(call, head.url), head), result, failure: error };
}

function describeBodyFile({ bodyFile = '' }: RequestedCall, reason: unknown): CallTrouble {
  const text = typeof reason === 'string' ? reason : describeSystemError(reason);
  return { kind: 'file', input: 'bodyFile', path: bodyFile, reason: text };
}

function describeCall({ method, url, organization }: RequestedCall, bearer: Bearer): CallContext {
  return {
    method,
    url: `${url.origin}${url.pathname}`,
    organization: readOrganizationName(url) ?? organization?.name ?? url.host,
    bearer: toBearer(bearer),
  };
}
