import { isHtml, isSignIn, isSuccessStatus, type Answer } from '../http/response';
import { asksForWindowsUser, findRefusal, summarize, type Refusal } from '../azure-devops/classify-response';
import type { VersionProblem, WithheldTokenProblem } from '../errors/call-problems';
import type { Happening } from '../errors/happening';
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
