import type { Answered } from '../errors/happening';
import {
  hasOwnHeader,
  isFromAzureDevOps,
  isHtml,
  isSignIn,
  readActivityId,
  readRedirect,
  readTenantId,
  readWords,
  type Answer,
} from '../http/response';

/** What an answer that is no success means. */
export type Refusal =
  /** Azure DevOps does not know whose token it is. */
  | { readonly kind: 'unknown-identity'; readonly organizationTenantId: string | undefined }
  | { readonly kind: 'not-services' }
  | { readonly kind: 'forbidden' }
  | { readonly kind: 'not-found' }
  | { readonly kind: 'throttled' }
  | { readonly kind: 'redirect'; readonly target: string }
  | { readonly kind: 'in-trouble' }
  /** A web page of somebody in between. */
  | { readonly kind: 'foreign-page' }
  | { readonly kind: 'unexpected' };

/** The words of Azure DevOps for an identity that it does not know, and for one that may not do something. */
const UNKNOWN_IDENTITY = /TF400813|TF401444/;
const FORBIDDEN = /VS800075|TF401019/;
const THROTTLED = 'TF400733';

/** Finds what an answer means that is not the success which was hoped for. */
export function findRefusal(answer: Answer): Refusal {
  const { status } = answer;
  const isPassing = status === 408 || status === 429 || status >= 500;
  if (!isPassing && (!isFromAzureDevOps(answer) || asksForWindowsUser(answer))) {
    return { kind: 'not-services' };
  }
  const words = readWords(answer) ?? '';
  if (isSignIn(answer) || status === 401 || UNKNOWN_IDENTITY.test(words)) {
    return { kind: 'unknown-identity', organizationTenantId: readTenantId(answer) };
  }
  const target = readRedirect(answer);
  if (target !== undefined) {
    return { kind: 'redirect', target: `${target.origin}${target.pathname}` };
  }
  if (isHtml(answer) && !hasOwnHeader(answer) && status < 500 && status !== 404) {
    return { kind: 'foreign-page' };
  }
  if (status === 403 || FORBIDDEN.test(words)) {
    return { kind: 'forbidden' };
  }
  if (status === 404) {
    return { kind: 'not-found' };
  }
  const isToWait = isPassing && answer.header('retry-after') !== undefined;
  if (status === 429 || isToWait || words.includes(THROTTLED)) {
    return { kind: 'throttled' };
  }
  return { kind: isPassing ? 'in-trouble' : 'unexpected' };
}

/** What an answer says of itself, for a message. */
export function summarize(answer: Answer): Answered {
  const { status, header } = answer;
  return {
    status,
    isPage: isHtml(answer),
    words: readWords(answer),
    activityId: readActivityId(answer),
    retryAfter: header('retry-after'),
    throttledResource: header('x-ratelimit-resource'),
  };
}

/** Azure DevOps Server signs in users of Windows, and takes no token of Microsoft Entra. */
export function asksForWindowsUser({ status, header }: Answer): boolean {
  const challenge = header('www-authenticate') ?? '';
  return (
    status === 401 && /\b(?:NTLM|Negotiate)\b/i.test(challenge) && !/\bBearer\b/i.test(challenge)
  );
}
