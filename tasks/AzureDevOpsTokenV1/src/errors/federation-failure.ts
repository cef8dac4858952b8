import { describeFederationProblem } from './describe-federation-problem';
import { Failure } from './failure';
import type { FederationProblem } from './federation-problems';

/** Microsoft Entra gave no token for the word of Azure DevOps or of a cluster. Mended there, or in the network. */
export class FederationFailure extends Failure {
  readonly problem: FederationProblem;

  constructor(problem: FederationProblem) {
    const { message, hint } = describeFederationProblem(problem);
    super(message, hint);
    this.problem = problem;
  }
}
