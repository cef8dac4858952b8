import { untrustedText } from '../untrusted-text';
import { countAttempts } from './description';
import type { ResponseSummary, AzureDevOpsProblem } from './happening';

/** What happened between a token and Azure DevOps, in words: `it answered 403 ("…"; activity id …)`. */
export function describeHappening(problem: AzureDevOpsProblem): string {
  return problem.kind === 'no-answer'
    ? describeConnectionError(problem.why)
    : `it answered ${problem.summary.status}${describeContent(problem)}${describeDetails(problem.summary)}`;
}

type WithAnswer = Exclude<AzureDevOpsProblem, { kind: 'no-answer' }>;

function describeConnectionError(
  why: Extract<AzureDevOpsProblem, { kind: 'no-answer' }>['why'],
): string {
  const { kind, host, reason, attempts, elapsedMs } = why;
  const failedAt = kind === 'proxy' ? `the proxy ${host}` : host;
  const what = kind === 'certificate' ? `its certificate is not trusted (${reason})` : reason;
  return `${failedAt}: ${what}${attempts === 0 ? '' : `, ${countAttempts(attempts, elapsedMs)}`}`;
}

function describeContent(problem: WithAnswer): string {
  switch (problem.kind) {
    case 'unknown-identity':
      return describeUnknown(problem);
    case 'redirect':
      return ` and redirects to ${untrustedText(problem.target)}`;
    case 'not-services':
      return ', and not as Azure DevOps Services does';
    case 'foreign-page':
      return ' with a web page that is not of Azure DevOps';
    case 'forbidden':
    case 'not-found':
    case 'throttled':
    case 'in-trouble':
    case 'unexpected':
      return '';
  }
}

function describeUnknown({
  summary,
  isAnonymous,
}: Extract<WithAnswer, { kind: 'unknown-identity' }>): string {
  if (isAnonymous === true) {
    return ' and takes the identity for an anonymous user';
  }
  return summary.status === 401 || summary.serverMessage !== undefined
    ? ''
    : ' with a sign-in page';
}

/** In parentheses: the words of the server, and what its support asks for. */
export function describeDetails(summary: ResponseSummary): string {
  const { serverMessage, activityId, retryAfter, throttledResource } = summary;
  const details = [
    serverMessage === undefined ? '' : `"${untrustedText(serverMessage)}"`,
    retryAfter === undefined ? '' : `Retry-After ${untrustedText(retryAfter)}`,
    throttledResource === undefined ? '' : `resource ${untrustedText(throttledResource)}`,
    activityId === undefined ? '' : `activity id ${untrustedText(activityId)}`,
  ].filter((detail) => detail !== '');
  return details.length === 0 ? '' : ` (${details.join('; ')})`;
}
