import { quoteForeign } from '../server-text';
import { countAttempts, type Description } from './description';
import { findHint } from './organization-hints';
import type { Answered, AskedOrganization, OrganizationProblem } from './organization-problems';

type ProblemWithAnswer = Exclude<OrganizationProblem, { kind: 'no-answer' }>;

/** What to tell a user of a problem: what was attempted and what happened, and what to do. */
export function describeOrganizationProblem(problem: OrganizationProblem): Description {
  const attempt = describeAttempt(problem.organization);
  const happened =
    problem.kind === 'no-answer' ? describeSilence(problem.why) : describeAnswer(problem);
  return { message: `${attempt}: ${happened}.`, hint: findHint(problem) };
}

function describeSilence(why: Extract<OrganizationProblem, { kind: 'no-answer' }>['why']): string {
  const { kind, host, reason, attempts, elapsedMs } = why;
  const whom = kind === 'proxy' ? `the proxy ${host}` : host;
  const what = kind === 'certificate' ? `its certificate is not trusted (${reason})` : reason;
  return `${whom}: ${what}${attempts === 0 ? '' : `, ${countAttempts(attempts, elapsedMs)}`}`;
}

function describeAttempt({ name, url }: AskedOrganization): string {
  return `Asking the organization ${name} (GET ${url}/_apis/connectionData) whether it knows the identity`;
}

function describeAnswer(problem: ProblemWithAnswer): string {
  const { answered } = problem;
  return `it answered ${answered.status}${describeContent(problem)}${describeDetails(answered)}`;
}

function describeContent(problem: ProblemWithAnswer): string {
  switch (problem.kind) {
    case 'unknown-identity':
      return describeUnknown(problem);
    case 'redirect':
      return ` and redirects to ${quoteForeign(problem.target)}`;
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
}: Extract<ProblemWithAnswer, { kind: 'unknown-identity' }>): string {
  if (isAnonymous === true) {
    return ' and takes the identity for an anonymous user';
  }
  return answered.status === 401 || answered.words !== undefined ? '' : ' with a sign-in page';
}

/** In parentheses: the words of the server, and what its support asks for. */
function describeDetails({ words, activityId, retryAfter, throttledResource }: Answered): string {
  const details = [
    words === undefined ? '' : `"${quoteForeign(words)}"`,
    retryAfter === undefined ? '' : `Retry-After ${quoteForeign(retryAfter)}`,
    throttledResource === undefined ? '' : `resource ${quoteForeign(throttledResource)}`,
    activityId === undefined ? '' : `activity id ${quoteForeign(activityId)}`,
  ].filter((detail) => detail !== '');
  return details.length === 0 ? '' : ` (${details.join('; ')})`;
}
