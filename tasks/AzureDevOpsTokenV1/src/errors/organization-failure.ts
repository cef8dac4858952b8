import { describeOrganizationProblem } from './describe-organization-problem';
import { Failure } from './failure';
import type { OrganizationProblem } from './organization-problems';

/** The organization does not know the identity, or did not say. Mended there, in the network, or by waiting. */
export class OrganizationFailure extends Failure {
  readonly problem: OrganizationProblem;

  constructor(problem: OrganizationProblem) {
    const { message, hint } = describeOrganizationProblem(problem);
    super(message, hint);
    this.problem = problem;
  }
}
