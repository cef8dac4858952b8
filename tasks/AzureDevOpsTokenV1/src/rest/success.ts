import {
  asksForWindowsUser,
  findRefusal,
  type Refusal,
  summarize,
} from '../azure-devops/classify-response';
import { isTokenApi } from '../azure-devops/token-apis';
import type {
  ResponseProblem,
  VersionProblem,
  PollProgress,
  WithheldTokenProblem,
} from '../errors/call-problems';
import type { AzureDevOpsProblem } from '../errors/happening';
import { type HttpResponse, isHtml, isSignIn, isSuccessStatus } from '../http/response';
import type { RestCall } from '../inputs/task-inputs';
import { findOfferedVersion, isAboutVersion } from './api-version';

/** Why an answer is no success. */
export type StatusProblem =
  Exclude<AzureDevOpsProblem, { kind: 'no-answer' }> | VersionProblem | WithheldTokenProblem;

const DENIALS: ReadonlySet<Refusal['kind']> = new Set([
  'forbidden',
  'not-found',
  'unknown-identity',
]);

/** Whether an answer is what the step calls a success; otherwise, what it is. */
export function classify(call: RestCall, response: HttpResponse): StatusProblem | undefined {
  if (isSuccess(call, response)) {
    return undefined;
  }
  const summary = summarize(response);
  const { tokenWithheldFrom } = response;
  if (tokenWithheldFrom !== undefined && isDenied(response)) {
    return { kind: 'token-withheld', summary, host: tokenWithheldFrom };
  }
  if (isAboutVersion(response)) {
    return { kind: 'version', summary, offered: findOfferedVersion(response) };
  }
  return { summary, ...findMeaning(response) };
}

function isSuccess({ method, isExpected }: RestCall, response: HttpResponse): boolean {
  const { status, isJsonWanted, isRetried } = response;
  if (isSignIn(response) || (isSuccessStatus(status) && isJsonWanted && isHtml(response))) {
    return false;
  }
  // An attempt before may have deleted it, and its answer was lost.
  return isExpected(status) || (method === 'DELETE' && status === 404 && isRetried);
}

/** Whether the server may have refused a request because it came without token and version, which says nothing of the identity. */
function isDenied(response: HttpResponse): boolean {
  const { status } = response;
  return (
    status === 401 ||
    (status === 403 && !isHtml(response)) ||
    isAboutVersion(response) ||
    DENIALS.has(findRefusal(response).kind)
  );
}

function findMeaning(response: HttpResponse): Refusal {
  const refusal = findRefusal(response);
  if (refusal.kind !== 'not-services' || asksForWindowsUser(response)) {
    return refusal;
  }
  // A call may go to others than Azure DevOps, which speak as they like.
  return { kind: isHtml(response) ? 'foreign-page' : 'unexpected' };
}

/** What a call came to, or one page or look of it. */
export interface Outcome {
  /** What was asked last. */
  readonly call: RestCall;
  readonly response: HttpResponse;
  /** Why the answer is no success. */
  readonly statusProblem?: StatusProblem | undefined;
  /** Why the step cannot use it all the same. */
  readonly problem?: ResponseProblem | undefined;
  readonly warnings: readonly string[];
  readonly progress?: PollProgress | undefined;
}

export function toOutcome(call: RestCall, response: HttpResponse): Outcome {
  const statusProblem = classify(call, response);
  return { call: keepSecret(call, response.url), response, statusProblem, warnings: [] };
}

/**
 * The same request, of which the response is a secret if an API of tokens returns it: the one that the step names, a page,
 * a poll, or one to which a response redirects.
 */
export function keepSecret(call: RestCall, responseUrl: URL): RestCall {
  const isSecret = isTokenApi(call.url) || isTokenApi(responseUrl);
  return isSecret && !call.isResultSecret
    ? { ...call, isResultSecret: true, isResultWithheld: true }
    : call;
}

/** The same call of another address, as a page or a look after the first: nothing but 2xx is a success there. */
export function withUrl(call: RestCall, url: URL): RestCall {
  return { ...call, url, isExpected: isSuccessStatus };
}
