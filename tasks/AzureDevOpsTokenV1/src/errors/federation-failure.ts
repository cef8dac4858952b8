import { describeFederationProblem } from './describe-federation-problem';
import { findEntraCause } from './entra-causes';
import { TaskError } from './task-error';
import type { FederationProblem } from './federation-problems';
import { FEDERATION_HEADINGS } from './headings';

/** Microsoft Entra gave no token for the word of Azure DevOps or of a cluster. Mended there, or in the network. */
export class FederationFailure extends TaskError {
  readonly problem: FederationProblem;

  constructor(problem: FederationProblem) {
    const { message, hint } = describeFederationProblem(problem);
    super(message, hint, findHeading(problem));
    this.problem = problem;
  }
}

function findHeading(problem: FederationProblem): string {
  if (problem.kind === 'no-answer') {
    return FEDERATION_HEADINGS[problem.why.kind];
  }
  return FEDERATION_HEADINGS[
    problem.kind === 'entra-refuses' ? findEntraCause(problem) : problem.kind
  ];
}
