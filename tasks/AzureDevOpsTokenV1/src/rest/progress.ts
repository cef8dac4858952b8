import { describeDuration, describeProgress } from '../duration';
import type { PollProgress } from '../errors/azure-devops-problems';
import type { RestCall, WaitInputs } from '../inputs/task-inputs';
import { untrustedText } from '../untrusted-text';
import type { RestResult } from './rest-result';

/** The log line about a REST call. The query of the URL is left out, because it can contain secrets. */
export function describeCall({ method, url }: Pick<RestCall, 'method' | 'url'>): string {
  return `Calling Azure DevOps: ${method} ${url.origin}${url.pathname}`;
}

/** The log lines about a successful REST call and its outputs. They never contain the body. */
export function describeResult(result: RestResult): readonly string[] {
  const { statusCode, isResultSecret, responseFile } = result;
  const size = Buffer.byteLength(result.result);
  const what = isResultSecret ? 'a secret' : `${size.toLocaleString('en')} bytes`;
  return [
    `It answered ${statusCode}.`,
    ...(size === 0 ? [] : [`  $(devops.result)        ${what}`]),
    ...(responseFile === undefined
      ? []
      : [`  $(devops.responseFile)  ${untrustedText(responseFile)}`]),
  ];
}

/** The log line about the start of polling: the condition and the URL. */
export function describeStart(
  { url }: Pick<RestCall, 'url'>,
  { until, intervalMs, timeoutMs }: WaitInputs,
): string {
  return (
    `Waiting until ${untrustedText(until.text)}: looking at ${url.origin}${url.pathname} ` +
    `every ${describeDuration(intervalMs)}, for ${describeDuration(timeoutMs)} at most.`
  );
}

/** The log line about a poll and the time of the next one. */
export function describePoll(
  status: number,
  progress: PollProgress,
  next: { readonly pauseMs: number; readonly isRequested: boolean },
): string {
  const why = next.isRequested ? ', as the server asks (Retry-After)' : '';
  return (
    `${capitalize(describeProgress(progress))}: it answered ${status}, and waitUntil is not true yet. ` +
    `Next look in ${describeDuration(next.pauseMs)}${why}.`
  );
}

/** The log line about the last poll. */
export function describeLastPoll(status: number, progress: PollProgress): string {
  return `${capitalize(describeProgress(progress))}: it answered ${status}, and the waiting is over.`;
}

function capitalize(text: string): string {
  return text.replace(/^./, (first) => first.toUpperCase());
}
