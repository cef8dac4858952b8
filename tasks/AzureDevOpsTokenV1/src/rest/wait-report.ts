import { describeDuration, describeWaited } from '../duration';
import type { Waited } from '../errors/call-problems';
import type { RequestedCall, RequestedWait } from '../inputs/task-inputs';
import { quoteForeign } from '../untrusted-text';

/** For the log: that the waiting begins, for what, and where it looks. */
export function describeStart(
  { url }: Pick<RequestedCall, 'url'>,
  { until, intervalMs, timeoutMs }: RequestedWait,
): string {
  return (
    `Waiting until ${quoteForeign(until.text)}: looking at ${url.origin}${url.pathname} ` +
    `every ${describeDuration(intervalMs)}, for ${describeDuration(timeoutMs)} at most.`
  );
}

/** For the log: what a look saw, and when the next one is. */
export function describeLook(
  status: number,
  waited: Waited,
  next: { readonly pauseMs: number; readonly isAsked: boolean },
): string {
  const why = next.isAsked ? ', as the server asks (Retry-After)' : '';
  return (
    `${capitalize(describeWaited(waited))}: it answered ${status}, and waitUntil is not true yet. ` +
    `Next look in ${describeDuration(next.pauseMs)}${why}.`
  );
}

/** For the log: what the last look saw. */
export function describeLastLook(status: number, waited: Waited): string {
  return `${capitalize(describeWaited(waited))}: it answered ${status}, and the waiting is over.`;
}

function capitalize(text: string): string {
  return text.replace(/^./, (first) => first.toUpperCase());
}
