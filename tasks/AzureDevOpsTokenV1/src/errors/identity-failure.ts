import { describeProblem } from './describe-identity-problem';
import { Failure } from './failure';
import type { IdentityProblem } from './identity-problems';

/** No token, or not the one that was asked for. Mended at the machine's identity, or by waiting. */
export class IdentityFailure extends Failure {
  readonly problem: IdentityProblem;

  constructor(problem: IdentityProblem) {
    const { message, hint } = describeProblem(problem);
    super(message, hint);
    this.problem = problem;
  }
}
