import type { Clock } from '../clock';
import { describeWaited } from '../duration';
import type { AnswerProblem, Waited } from '../errors/call-problems';
import { mayGetToken } from '../hosts';
import { isSafe, type Method } from '../http/method';
import { type Answer, parseFields } from '../http/response';
import { asFields } from '../json-object';
import { LONGEST_RETRY_AFTER_MS } from '../http/retry';
import type { RequestedCall, RequestedWait } from '../inputs/task-inputs';
import { Evaluations, Unfit } from './json-response';
import { describeLastLook, describeLook, describeStart } from './progress';
import { goOnAt, type Outcome } from './success';

export interface Waiting {
  readonly wait: RequestedWait;
  /** Asks once more; no attempt starts later than so many milliseconds after the first. */
  readonly look: (call: RequestedCall, waited: Waited, lastAttemptAtMs: number) => Promise<Outcome>;
  /** For how many milliseconds the server wants no other call. */
  readonly askedPauseMs: () => number;
  readonly allowedHosts: readonly string[];
  readonly clock: Clock;
  readonly tell: (line: string) => void;
  /** In percent, and of what. */
  readonly showProgress: (percent: number, what: string) => void;
}

type Look = Outcome & { readonly waited: Waited };

/**
 * Looks again and again until an answer is what `waitUntil` or `failWhen` names, or the time is over.
 * @param first what the call of the step came to; a success
 * @returns the last answer
 */
export async function waitFor(first: Outcome, waiting: Waiting): Promise<Outcome> {
  const { clock, tell, wait } = waiting;
  const startedAt = clock.elapsed();
  const after = (looks: number) => ({ looks, elapsedMs: clock.elapsed() - startedAt });
  let last: Look = { ...first, waited: after(1) };
  let poll: RequestedCall | undefined;
  for (;;) {
    const verdict = await judgeLook(last);
    if (verdict !== 'not yet') {
      if (verdict.misfortune === undefined && verdict.problem === undefined) {
        tell(describeLastLook(last.answer.status, last.waited));
      }
      return verdict;
    }
    if (poll === undefined) {
      const found = findPoll(first, waiting.allowedHosts);
      if ('kind' in found) {
        return { ...last, problem: found };
      }
      poll = found;
      tell(describeStart(poll, wait));
    }
    const waited = after(last.waited.looks);
    const pauseMs = findPause(waited, waiting);
    if (pauseMs === undefined) {
      return { ...last, waited, problem: describeTimeout(waiting) };
    }
    tellLook(last, pauseMs, waiting);
    await clock.sleep(pauseMs);
    const now = after(waited.looks + 1);
    const leftMs = Math.max(0, wait.timeoutMs - now.elapsedMs);
    last = { ...(await waiting.look(poll, now, leftMs)), waited: now };
  }
}

/** @returns what came of the waiting, where this look is its last */
async function judgeLook(last: Look): Promise<Look | 'not yet'> {
  const { call, answer, misfortune, problem } = last;
  if (misfortune !== undefined || problem !== undefined) {
    return last;
  }
  try {
    const evaluations = await Evaluations.read(call, answer, ['failWhen', 'waitUntil']);
    const isOver = evaluations.isTrue('failWhen') || evaluations.isTrue('waitUntil');
    return isOver ? last : 'not yet';
  } catch (error) {
    if (!(error instanceof Unfit)) {
      throw error;
    }
    // What begins something may say where to look, and nothing else.
    const isNoLook = error.problem.kind === 'not-json' && !isSafe(call.method);
    return isNoLook ? 'not yet' : { ...last, problem: error.problem };
  }
}

/** The call by which to look again. */
function findPoll(
  { call, answer }: Outcome,
  allowedHosts: readonly string[],
): RequestedCall | AnswerProblem {
  const address = findPollAddress(call, answer, allowedHosts);
  if (address === undefined) {
    return { kind: 'no-poll-address' };
  }
  if ('refused' in address) {
    return { kind: 'poll-host', host: address.refused };
  }
  const poll = goOnAt(call, address.url);
  if (isSafe(call.method)) {
    return poll;
  }
  // What concerns the body that was sent, or the state that it was sent to, does not concern the looks.
  const headers = new Map([...call.headers].filter(([name]) => !/^(?:content|if)-/.test(name)));
  return { ...poll, method: 'GET', headers, body: undefined, bodyFile: undefined };
}

/** How long to wait for the next look; nothing where it would come too late. */
function findPause(
  { elapsedMs }: Waited,
  { wait, askedPauseMs }: Pick<Waiting, 'wait' | 'askedPauseMs'>,
): number | undefined {
  const leftMs = wait.timeoutMs - elapsedMs;
  const askedMs = askedPauseMs();
  if (askedMs > LONGEST_RETRY_AFTER_MS) {
    // The next call fails, and says so.
    return 0;
  }
  return leftMs <= 0 || askedMs > leftMs
    ? undefined
    : Math.min(Math.max(wait.intervalMs, askedMs), leftMs);
}

function describeTimeout({ wait, askedPauseMs }: Waiting): AnswerProblem {
  return { kind: 'wait-over', expression: wait.until.text, askedPauseMs: askedPauseMs() };
}

function tellLook({ answer, waited }: Look, pauseMs: number, waiting: Waiting): void {
  const { wait, tell, showProgress, askedPauseMs } = waiting;
  const isAsked = askedPauseMs() > wait.intervalMs;
  tell(describeLook(answer.status, waited, { pauseMs, isAsked }));
  const percent = Math.floor((waited.elapsedMs / wait.timeoutMs) * 100);
  showProgress(Math.min(99, percent), `Waiting, ${describeWaited(waited)}`);
}

/** Where the state of what a call began can be seen, or the host to which it would lead and may not. */
export type PollAddress = { readonly url: URL } | { readonly refused: string } | undefined;

/**
 * Where to look again after a call: at the same address after a GET; after anything else where the answer says, in its
 * `Location`, else its `url`, else its `_links.self.href`, if the token may go there.
 */
export function findPollAddress(
  { method, url: asked }: { readonly method: Method; readonly url: URL },
  answer: Answer,
  allowedHosts: readonly string[],
): PollAddress {
  if (isSafe(method)) {
    return { url: asked };
  }
  const body = parseFields(answer);
  const fields = asFields(body);
  const self = asFields(asFields(fields['_links'])['self']);
  const text = [answer.header('location'), fields['url'], self['href']].find(isText);
  if (text === undefined || !URL.canParse(text, answer.url.href)) {
    return undefined;
  }
  const url = new URL(text, answer.url);
  return mayGetToken(url, allowedHosts) ? { url } : { refused: url.host };
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
