import { isSuccessStatus, type Answer } from '../http/response';
import { isTokenApi } from '../azure-devops/token-apis';
import type { AnswerProblem, Waited } from '../errors/call-problems';
import type { RequestedCall } from '../inputs/task-inputs';
import { judge, type Misfortune } from './success';

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
