import type { Clock } from '../clock';
import { describeProgress } from '../duration';
import type { PollProgress } from '../errors/azure-devops-problem';
import type { ResponseProblem } from '../errors/rest-response';
import { mayGetToken } from '../hosts';
import { isSafe, type Method } from '../http/method';
import { type HttpResponse, parseFields } from '../http/response';
import { asFields } from '../json-object';
import { MAX_NOT_FOUND_MS, MAX_RETRY_AFTER_MS } from '../limits';
import type { RestCall, WaitInputs } from '../inputs/task-inputs';
import { Evaluations, ResponseMismatch } from './json-response';
import { describeLastPoll, describePoll, describeStart } from './progress';
import { withUrl, type Outcome } from './outcome';

export interface PollOptions {
  readonly wait: WaitInputs;
  /** Sends a poll. No attempt starts later than this many milliseconds after the first. */
  readonly poll: (
    inProgress: { readonly call: RestCall; readonly progress: PollProgress },
    lastAttemptAtMs: number,
  ) => Promise<Outcome>;
  /** The pause that the server requests before the next request, in milliseconds. */
  readonly requestedPauseMs: () => number;
  readonly allowedHosts: readonly string[];
  readonly clock: Clock;
  readonly log: (line: string) => void;
  /** Shows the progress of the step in percent, and what it waits for. */
  readonly showProgress: (percent: number, what: string) => void;
}

type PollOutcome = Outcome & { readonly progress: PollProgress };

/**
 * Polls until `waitUntil` or `failWhen` is true for a response, or the time is over.
 * @param first the outcome of the first request, which is a success
 * @returns the outcome of the last poll
 */
export async function pollUntil(first: Outcome, waiting: PollOptions): Promise<Outcome> {
  const { clock, log, wait } = waiting;
  const startedAt = clock.elapsed();
  const after = (polls: number) => ({ polls, elapsedMs: clock.elapsed() - startedAt });
  let last: PollOutcome = { ...first, progress: after(1) };
  let poll: RestCall | undefined;
  for (;;) {
    const result = isNotYet(first.call, last) ? 'not yet' : await checkPoll(last);
    if (result !== 'not yet') {
      if (result.met !== undefined) {
        log(describeLastPoll(last.response.status, last.progress, result.met));
      }
      return result.outcome;
    }
    if (poll === undefined) {
      const found = findPoll(first, waiting.allowedHosts);
      if ('kind' in found) {
        return { ...last, problem: found };
      }
      poll = found;
      log(describeStart(poll, wait));
    }
    const progress = after(last.progress.polls);
    const pauseMs = findPause(progress, waiting);
    if (pauseMs === undefined) {
      return endInTime({ ...last, progress }, waiting);
    }
    logPoll(last, pauseMs, waiting);
    await clock.sleep(pauseMs);
    const now = after(progress.polls + 1);
    const leftMs = Math.max(0, wait.timeoutMs - now.elapsedMs);
    last = { ...(await waiting.poll({ call: poll, progress: now }, leftMs)), progress: now };
  }
}

/**
 * Whether a response shows without its body that there is nothing to see yet: a 204; or a 404 of the polled address, which the
 * author of a GET expects, and which a server can return shortly after a request that creates something.
 */
function isNotYet(
  first: RestCall,
  { call, response, statusProblem, progress }: PollOutcome,
): boolean {
  const { status } = response;
  if (status === 204) {
    return statusProblem === undefined;
  }
  if (status !== 404 || !isSafe(call.method)) {
    return false;
  }
  const isOfAddress = statusProblem === undefined || statusProblem.kind === 'not-found';
  return (
    isOfAddress &&
    (isSafe(first.method) ? first.isExpected(404) : progress.elapsedMs < MAX_NOT_FOUND_MS)
  );
}

/** The last poll. `met` is the input whose expression is true. */
interface LastPoll {
  readonly outcome: PollOutcome;
  readonly met?: 'failWhen' | 'waitUntil' | undefined;
}

async function checkPoll(last: PollOutcome): Promise<LastPoll | 'not yet'> {
  const { call, response, statusProblem, problem } = last;
  if (statusProblem !== undefined || problem !== undefined) {
    return { outcome: last };
  }
  try {
    const evaluations = await Evaluations.read(call, response, ['failWhen', 'waitUntil']);
    const met = (['failWhen', 'waitUntil'] as const).find((input) => evaluations.isTrue(input));
    return met === undefined ? 'not yet' : { outcome: last, met };
  } catch (error) {
    if (!(error instanceof ResponseMismatch)) {
      throw error;
    }
    // The response to a request that starts an operation may have no JSON body, but only the URL to poll.
    const isStartWithoutJson = error.problem.kind === 'not-json' && !isSafe(call.method);
    return isStartWithoutJson ? 'not yet' : { outcome: { ...last, problem: error.problem } };
  }
}

/** The request of a poll. */
function findPoll(
  { call, response }: Outcome,
  allowedHosts: readonly string[],
): RestCall | ResponseProblem {
  const address = findPollAddress(call, response, allowedHosts);
  if (address === undefined) {
    return { kind: 'no-poll-address' };
  }
  if ('refused' in address) {
    return { kind: 'poll-host', host: address.refused };
  }
  const poll = withUrl(call, address.url);
  if (isSafe(call.method)) {
    return poll;
  }
  // These headers are about the body of the first request, or a condition for it. Neither applies to a poll.
  const headers = new Map([...call.headers].filter(([name]) => !/^(?:content|if)-/.test(name)));
  return { ...poll, method: 'GET', headers, body: undefined, bodyFile: undefined };
}

/** The pause before the next poll; undefined if the poll would be too late. */
function findPause(
  { elapsedMs }: PollProgress,
  { wait, requestedPauseMs }: Pick<PollOptions, 'wait' | 'requestedPauseMs'>,
): number | undefined {
  const leftMs = wait.timeoutMs - elapsedMs;
  const requestedMs = requestedPauseMs();
  if (requestedMs > MAX_RETRY_AFTER_MS) {
    // The client refuses to wait that long, and its error says so.
    return 0;
  }
  return leftMs <= 0 || requestedMs > leftMs
    ? undefined
    : Math.min(Math.max(wait.intervalMs, requestedMs), leftMs);
}

function endInTime(last: PollOutcome, { wait, requestedPauseMs }: PollOptions): PollOutcome {
  const facts = { expression: wait.until.text, requestedPauseMs: requestedPauseMs() };
  const problem = { kind: 'wait-over', ...facts, lastStatus: last.response.status } as const;
  return { ...last, statusProblem: undefined, problem };
}

function logPoll({ response, progress }: PollOutcome, pauseMs: number, waiting: PollOptions): void {
  const { wait, log, showProgress, requestedPauseMs } = waiting;
  const isRequested = requestedPauseMs() > wait.intervalMs;
  log(describePoll(response.status, progress, { pauseMs, isRequested }));
  const percent = Math.floor((progress.elapsedMs / wait.timeoutMs) * 100);
  showProgress(Math.min(99, percent), `Waiting, ${describeProgress(progress)}`);
}

/** The URL to poll, or the host in that URL if it may not get the token; undefined if the response names none. */
export type PollAddress = { readonly url: URL } | { readonly refused: string } | undefined;

/**
 * Finds the URL to poll. After a GET it is the same URL. After any other method it is in the response: the header `Location`,
 * else the field `url`, else `_links.self.href`.
 */
export function findPollAddress(
  { method, url: requested }: { readonly method: Method; readonly url: URL },
  response: HttpResponse,
  allowedHosts: readonly string[],
): PollAddress {
  if (isSafe(method)) {
    return { url: requested };
  }
  const body = parseFields(response);
  const fields = asFields(body);
  const self = asFields(asFields(fields['_links'])['self']);
  const text = [response.header('location'), fields['url'], self['href']].find(isText);
  if (text === undefined || !URL.canParse(text, response.url.href)) {
    return undefined;
  }
  const url = new URL(text, response.url);
  return mayGetToken(url, allowedHosts) ? { url } : { refused: url.host };
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
