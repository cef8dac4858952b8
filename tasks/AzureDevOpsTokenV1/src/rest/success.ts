import {
  asksForWindowsUser,
  findRefusal,
  type Refusal,
  summarize,
} from '../azure-devops/classify-response';
import { isTokenApi } from '../azure-devops/token-apis';
import type {
  AnswerProblem,
  VersionProblem,
  Waited,
  WithheldTokenProblem,
} from '../errors/call-problems';
import type { Happening } from '../errors/happening';
import { type Answer, isHtml, isSignIn, isSuccessStatus } from '../http/response';
import type { RequestedCall } from '../inputs/task-inputs';
import { findOfferedVersion, isAboutVersion } from './api-version';

/** Why an answer is no success. */
export type Misfortune =
  Exclude<Happening, { kind: 'no-answer' }> | VersionProblem | WithheldTokenProblem;

const DENIALS: ReadonlySet<Refusal['kind']> = new Set([
  'forbidden',
  'not-found',
  'unknown-identity',
]);

/** Whether an answer is what the step calls a success; otherwise, what it is. */
export function judge(call: RequestedCall, answer: Answer): Misfortune | undefined {
  if (isSuccess(call, answer)) {
    return undefined;
  }
  const answered = summarize(answer);
  const { tokenWithheldFrom } = answer;
  if (tokenWithheldFrom !== undefined && isDenied(answer)) {
    return { kind: 'token-withheld', answered, host: tokenWithheldFrom };
  }
  if (isAboutVersion(answer)) {
    return { kind: 'version', answered, offered: findOfferedVersion(answer) };
  }
  return { answered, ...findMeaning(answer) };
}

function isSuccess({ method, isExpected }: RequestedCall, answer: Answer): boolean {
  const { status, isJsonWanted, isRepeated } = answer;
  if (isSignIn(answer) || (isSuccessStatus(status) && isJsonWanted && isHtml(answer))) {
    return false;
  }
  // An attempt before may have deleted it, and its answer was lost.
  return isExpected(status) || (method === 'DELETE' && status === 404 && isRepeated);
}

/** Whether the server may have refused a request because it came without token and version, which says nothing of the identity. */
function isDenied(answer: Answer): boolean {
  const { status } = answer;
  return (
    status === 401 ||
    (status === 403 && !isHtml(answer)) ||
    isAboutVersion(answer) ||
    DENIALS.has(findRefusal(answer).kind)
  );
}

function findMeaning(answer: Answer): Refusal {
  const refusal = findRefusal(answer);
  if (refusal.kind !== 'not-services' || asksForWindowsUser(answer)) {
    return refusal;
  }
  // A call may go to others than Azure DevOps, which speak as they like.
  return { kind: isHtml(answer) ? 'foreign-page' : 'unexpected' };
}

/** What a call came to, or one page or look of it. */
export interface Outcome {
  /** What was asked last. */
  readonly call: RequestedCall;
  readonly answer: Answer;
  /** Why the answer is no success. */
  readonly misfortune?: Misfortune | undefined;
  /** Why the step cannot use it all the same. */
  readonly problem?: AnswerProblem | undefined;
  readonly warnings: readonly string[];
  readonly waited?: Waited | undefined;
}

export function toOutcome(call: RequestedCall, answer: Answer): Outcome {
  const misfortune = judge(call, answer);
  return { call: keepSecret(call, answer.url), answer, misfortune, warnings: [] };
}

/**
 * The same request, of which the response is a secret if an API of tokens returns it: the one that the step names, a page,
 * a poll, or one to which a response redirects.
 */
export function keepSecret(call: RequestedCall, responseUrl: URL): RequestedCall {
  const isSecret = isTokenApi(call.url) || isTokenApi(responseUrl);
  return isSecret && !call.isResultSecret
    ? { ...call, isResultSecret: true, isResultWithheld: true }
    : call;
}

/** The same call of another address, as a page or a look after the first: nothing but 2xx is a success there. */
export function goOnAt(call: RequestedCall, url: URL): RequestedCall {
  return { ...call, url, isExpected: isSuccessStatus };
}
