import {
  classifyResponse,
  describePage,
  requestsWindowsUser,
  summarize,
} from '../azure-devops/classify-response';
import { isTokenApi } from '../azure-devops/token-apis';
import type {
  PollProgress,
  StatusProblem,
  StatusProblemDetails,
} from '../errors/azure-devops-problem';
import type { VersionProblem, WithheldTokenProblem } from '../errors/rest-request';
import type { ResponseProblem } from '../errors/rest-response';
import { type HttpResponse, isHtml, isSignIn, isSuccessStatus } from '../http/response';
import type { RestCall } from '../inputs/task-inputs';
import { findOfferedVersion, isAboutVersion } from './api-version';

/** The request that a REST call sends at the moment: the call itself, or that of a page or a poll. */
export interface CurrentCall extends RestCall {
  /** Whether `result` stays empty, because the response is a secret and the step does not set `secretResult`. */
  readonly isResultWithheld?: boolean;
  /** The first host on the way to this page that may not get the token. The request has neither the token nor the author's headers. */
  readonly tokenWithheldFrom?: string | undefined;
}

/** Why a response is not a success. */
export type RestStatusProblem = StatusProblem | VersionProblem | WithheldTokenProblem;

const DENIALS: ReadonlySet<StatusProblem['kind']> = new Set([
  'forbidden',
  'not-found',
  'unknown-identity',
]);

/** Returns undefined if the response is a success for this step, otherwise why it is not. */
export function classify(call: RestCall, response: HttpResponse): RestStatusProblem | undefined {
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
  return { summary, ...classifyOther(response) };
}

function isSuccess({ method, isExpected }: RestCall, response: HttpResponse): boolean {
  const { status, isJsonWanted, isRetried } = response;
  if (isSignIn(response) || (isSuccessStatus(status) && isJsonWanted && isHtml(response))) {
    return false;
  }
  // An earlier attempt can have deleted it if its response was lost.
  return isExpected(status) || (method === 'DELETE' && status === 404 && isRetried);
}

/** Whether the request may have been refused because it had no token and no version, which shows nothing about the identity. */
function isDenied(response: HttpResponse): boolean {
  const { status } = response;
  return (
    status === 401 ||
    (status === 403 && !isHtml(response)) ||
    isAboutVersion(response) ||
    DENIALS.has(classifyResponse(response).kind)
  );
}

function classifyOther(response: HttpResponse): StatusProblemDetails {
  const classification = classifyResponse(response);
  if (classification.kind !== 'not-services' || requestsWindowsUser(response)) {
    return classification;
  }
  // A REST call can go to another server than Azure DevOps, whose responses have any form.
  if (!isHtml(response)) {
    return { kind: 'unexpected' };
  }
  return isSuccessStatus(response.status) ? describePage(response) : { kind: 'proxy-page' };
}

/** The outcome of a REST call, or of one of its pages or polls. */
export interface Outcome {
  /** The last request. */
  readonly call: CurrentCall;
  readonly response: HttpResponse;
  /** Why the response is not a success. */
  readonly statusProblem?: RestStatusProblem | undefined;
  /** Why the step fails although the response is a success. */
  readonly problem?: ResponseProblem | undefined;
  readonly warnings: readonly string[];
  readonly progress?: PollProgress | undefined;
}

export function toOutcome(call: CurrentCall, response: HttpResponse): Outcome {
  const statusProblem = classify(call, response);
  const { codingProblem } = response;
  return {
    call: keepSecret(call, response.url),
    response,
    statusProblem,
    problem: codingProblem && { kind: 'content-coding', ...codingProblem },
    warnings: [],
  };
}

/**
 * Marks the response as a secret if an API that issues tokens returns it: in the REST call, a page, a poll or a redirect.
 */
export function keepSecret(call: CurrentCall, responseUrl: URL): CurrentCall {
  const isSecret = isTokenApi(call.url) || isTokenApi(responseUrl);
  return isSecret && !call.isResultSecret
    ? { ...call, isResultSecret: true, isResultWithheld: true }
    : call;
}

/** The same request with the URL of a page or a poll, for which only 2xx is a success. */
export function withUrl(call: CurrentCall, url: URL): CurrentCall {
  return { ...call, url, isExpected: isSuccessStatus };
}
