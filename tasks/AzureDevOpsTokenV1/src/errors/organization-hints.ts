import { untrustedText } from '../untrusted-text';
import {
  describeUnknownIdentity,
  findConnectionHint,
  FOREIGN_PAGE,
  THROTTLED,
} from './shared-hints';
import type { OrganizationProblem } from './organization-problems';

type Problem<Kind extends OrganizationProblem['kind']> = Extract<
  OrganizationProblem,
  { kind: Kind }
>;

const HINTS = {
  'unknown-identity': (problem: Problem<'unknown-identity'>) =>
    describeUnknownIdentity(problem, problem.organization.name),
  'not-services': () =>
    'Correct the input organization. The task speaks to Azure DevOps Services: Azure DevOps Server takes no Microsoft Entra token.',
  forbidden: () =>
    'The organization knows the identity and does not let it in: see the access level and the permissions of the identity there, ' +
    'and the policies of the organization (Organization settings > Policies).',
  'not-found': () =>
    'See that the organization is written as in its URL (the input organization). To an identity without any permission, what is ' +
    'there can look like this, too.',
  throttled: () => THROTTLED,
  'in-trouble': () =>
    'Azure DevOps may be in trouble, which passes: try again a little later. To do without this question, set the input ' +
    'verifyMembership to false.',
  'foreign-page': () => FOREIGN_PAGE,
  unexpected: () =>
    'The task makes nothing of this answer. See what the server says, and whether something stands in between; the support of Azure ' +
    'DevOps asks for the activity id. To do without this question, set the input verifyMembership to false.',
  redirect: ({ target }: Problem<'redirect'>) =>
    `The redirect was not followed: the token goes where the step says. If ${untrustedText(target)} is the organization now (it may have ` +
    'been renamed), name it in the input organization, and its host in allowedHosts where that is not of Azure DevOps.',
} as const;

/** What to do about a problem. */
export function findHint(problem: OrganizationProblem): string {
  if (problem.kind === 'no-answer') {
    return findConnectionHint(problem.why);
  }
  const hint = HINTS[problem.kind] as (problem: OrganizationProblem) => string;
  return hint(problem);
}
