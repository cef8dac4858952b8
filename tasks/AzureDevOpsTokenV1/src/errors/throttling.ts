// What an error says about a server that limits the requests of an identity, or is not available.
import { describeDuration } from '../duration';
import { MAX_RETRY_AFTER_MS } from '../limits';
import type { ResponseSummary } from './azure-devops-problem';
import { THROTTLED } from './connection-problems';

export function describeThrottling(summary: ResponseSummary): string {
  return isUnavailable(summary)
    ? `Azure DevOps is not available at the moment (${summary.status}).`
    : `Azure DevOps limits the requests of this identity (${summary.status}), because it sent too many in a short time.`;
}

/** What to do about it. */
export function describeThrottlingFix(summary: ResponseSummary): string {
  const pause = describePauseLimit(summary.retryAfter);
  return isUnavailable(summary)
    ? `Run the job again later. The state of Azure DevOps is at https://status.dev.azure.com.${pause}`
    : `${THROTTLED.hint()}${pause}`;
}

/** The limit of the task, if the server requested a pause that is too long. Of a date, the response does not show how long it is. */
function describePauseLimit(retryAfter = ''): string {
  const limit = describeDuration(MAX_RETRY_AFTER_MS);
  if (Number.isNaN(Number(retryAfter))) {
    return ` Before a retry, the task waits for at most ${limit}.`;
  }
  return Number(retryAfter) * 1000 > MAX_RETRY_AFTER_MS
    ? ` The server requested a longer pause than the task waits (${limit}).`
    : '';
}

/** Azure DevOps can refuse the token of an identity that sends too many requests. */
export function describeLimit(summary: ResponseSummary): string {
  const { status, retryAfter } = summary;
  if (status === 429 || isUnavailable(summary)) {
    return '';
  }
  const reason = retryAfter === undefined ? 'the X-RateLimit headers show' : 'Retry-After shows';
  return ` The status ${status} looks like a missing permission, but ${reason} a rate limit.`;
}

function isUnavailable({ status }: ResponseSummary): boolean {
  return status === 408 || status >= 500;
}
