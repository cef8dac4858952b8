import { quoteForeign } from '../untrusted-text';
import { countAttempts } from './description';
import type { Answered, Happening } from './happening';

/** What happened between a token and Azure DevOps, in words: `it answered 403 ("…"; activity id …)`. */
export function describeHappening(happening: Happening): string {
  return happening.kind === 'no-answer'
    ? describeSilence(happening.why)
    : `it answered ${happening.answered.status}${describeContent(happening)}${describeDetails(happening.answered)}`;
}

type WithAnswer = Exclude<Happening, { kind: 'no-answer' }>;

function describeSilence(why: Extract<Happening, { kind: 'no-answer' }>['why']): string {
  const { kind, host, reason, attempts, elapsedMs } = why;
  const whom = kind === 'proxy' ? `the proxy ${host}` : host;
  const what = kind === 'certificate' ? `its certificate is not trusted (${reason})` : reason;
  return `${whom}: ${what}${attempts === 0 ? '' : `, ${countAttempts(attempts, elapsedMs)}`}`;
}

function describeContent(happening: WithAnswer): string {
  switch (happening.kind) {
    case 'unknown-identity':
      return describeUnknown(happening);
    case 'redirect':
      return ` and redirects to ${quoteForeign(happening.target)}`;
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
  answered,
  isAnonymous,
}: Extract<WithAnswer, { kind: 'unknown-identity' }>): string {
  if (isAnonymous === true) {
    return ' and takes the identity for an anonymous user';
  }
  return answered.status === 401 || answered.words !== undefined ? '' : ' with a sign-in page';
}

/** In parentheses: the words of the server, and what its support asks for. */
export function describeDetails(answered: Answered): string {
  const { words, activityId, retryAfter, throttledResource } = answered;
  const details = [
    words === undefined ? '' : `"${quoteForeign(words)}"`,
    retryAfter === undefined ? '' : `Retry-After ${quoteForeign(retryAfter)}`,
    throttledResource === undefined ? '' : `resource ${quoteForeign(throttledResource)}`,
    activityId === undefined ? '' : `activity id ${quoteForeign(activityId)}`,
  ].filter((detail) => detail !== '');
  return details.length === 0 ? '' : ` (${details.join('; ')})`;
}
