import { isSafe } from './method';
import { readRedirect, isSignIn, type Answer } from './response';
import type { Call } from './request';

const FOLLOWED = new Set([301, 302, 303, 307, 308]);
/** Rule: so many redirects are followed. */
export const MOST_REDIRECTS = 5;

/** Where a call goes on to; nothing where the answer is the last one, or its redirect must not be followed. */
export function findNextHop(call: Call, answer: Answer): URL | undefined {
  const { method, followsRedirect = () => false } = call;
  const { status } = answer;
  if (!FOLLOWED.has(status) || !isSafe(method) || !followsRedirect(status) || isSignIn(answer)) {
    return undefined;
  }
  const target = readRedirect(answer);
  return target?.protocol === 'https:' ? target : undefined;
}
