import { describeDuration, describeProgress } from '../duration';
import type { PollProgress } from '../errors/call-problems';
import type { RestCall, WaitInputs } from '../inputs/task-inputs';
import { untrustedText } from '../untrusted-text';
import type { RestResult } from './rest-result';

/** For the log: what is called, without its query, which may hold secrets. */
export function describeCall({ method, url }: Pick<RestCall, 'method' | 'url'>): string {
  return `Calling Azure DevOps: ${method} ${url.origin}${url.pathname}`;
}

/** For the log: what came of a call that was a success, and where to find it. Never the body itself. */
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

/** For the log: that the waiting begins, for what, and where it looks. */
export function describeStart(
  { url }: Pick<RestCall, 'url'>,
  { until, intervalMs, timeoutMs }: WaitInputs,
): string {
  return (
    `Waiting until ${untrustedText(until.text)}: looking at ${url.origin}${url.pathname} ` +
    `every ${describeDuration(intervalMs)}, for ${describeDuration(timeoutMs)} at most.`
  );
}

/** For the log: what a look saw, and when the next one is. */
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

/** For the log: what the last look saw. */
export function describeLastPoll(status: number, progress: PollProgress): string {
  return `${capitalize(describeProgress(progress))}: it answered ${status}, and the waiting is over.`;
}

function capitalize(text: string): string {
  return text.replace(/^./, (first) => first.toUpperCase());
}
