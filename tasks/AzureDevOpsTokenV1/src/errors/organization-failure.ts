import { describeOrganizationProblem } from './describe-organization-problem';
import { TaskError } from './task-error';
import { ORGANIZATION_HEADINGS } from './headings';
import type { OrganizationProblem } from './organization-problems';
import { isOfOtherTenant } from './shared-hints';

/** The organization does not know the identity, or did not say. Mended there, in the network, or by waiting. */
export class OrganizationFailure extends TaskError {
  readonly problem: OrganizationProblem;

  constructor(problem: OrganizationProblem) {
    const { message, hint } = describeOrganizationProblem(problem);
    super(message, hint, findHeading(problem));
    this.problem = problem;
  }
}

function findHeading(problem: OrganizationProblem): string {
  if (problem.kind === 'no-answer') {
    return ORGANIZATION_HEADINGS[problem.why.kind];
  }
  const isElsewhere = problem.kind === 'unknown-identity' && isOfOtherTenant(problem);
  return ORGANIZATION_HEADINGS[isElsewhere ? 'other-tenant' : problem.kind];
}
