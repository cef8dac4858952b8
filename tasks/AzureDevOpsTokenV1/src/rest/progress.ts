import { describeDuration, describeProgress } from '../duration';
import type { PollProgress } from '../errors/azure-devops-problem';
import type { RestCall, WaitInputs } from '../inputs/task-inputs';
import { untrustedText } from '../untrusted-text';
import type { RestResult } from './rest-result';

/** A URL, which can be one that a server names. Its query is left out, because it can contain secrets. */
function describeUrl({ origin, pathname }: URL): string {
  return untrustedText(`${origin}${pathname}`);
}

/** The log line about a REST call. */
export function describeCall({ method, url }: Pick<RestCall, 'method' | 'url'>): string {
  return `Sending ${method} ${describeUrl(url)}`;
}

/** The log lines about a successful REST call and its outputs. They never contain the body. */
export function describeResult(result: RestResult): readonly string[] {
  const { statusCode, isResultSecret, responseFile } = result;
  const size = Buffer.byteLength(result.result);
  const what = isResultSecret ? 'a secret' : `${size.toLocaleString('en')} bytes`;
  return [
    `The server returned ${statusCode}.`,
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
    `Polling ${describeUrl(url)} every ${describeDuration(intervalMs)}, ` +
    `for at most ${describeDuration(timeoutMs)}, until this is true: ${untrustedText(until.text)}`
  );
}

/** The log line about a poll and the time of the next one. */
export function describePoll(
  status: number,
  progress: PollProgress,
  next: { readonly pauseMs: number; readonly isRequested: boolean },
): string {
  const why = next.isRequested ? ', because the server requested this pause (Retry-After)' : '';
  return (
    `${capitalize(describeProgress(progress))}: the server returned ${status}, and waitUntil is not true yet. ` +
    `Next poll in ${describeDuration(next.pauseMs)}${why}.`
  );
}

/** The log line about the last poll. */
export function describeLastPoll(
  status: number,
  progress: PollProgress,
  input: 'failWhen' | 'waitUntil',
): string {
  return `${capitalize(describeProgress(progress))}: the server returned ${status}, and ${input} is true.`;
}

function capitalize(text: string): string {
  return text.replace(/^./, (first) => first.toUpperCase());
}

/** The log line about a list that is not complete. */
export const MORE_PAGES =
  'The response says that there are more pages. To get them all, set allPages to true.';
