import { describeProblem } from './describe-identity-problem';
import { TaskError } from './task-error';
import { IDENTITY_HEADINGS } from './headings';
import type { IdentityProblem } from './identity-problems';

/** No token, or not the one that was asked for. Mended at the machine's identity, or by waiting. */
export class IdentityFailure extends TaskError {
  readonly problem: IdentityProblem;

  constructor(problem: IdentityProblem) {
    const { message, hint } = describeProblem(problem);
    super(message, hint, findHeading(problem));
    this.problem = problem;
  }
}

function findHeading(problem: IdentityProblem): string {
  if (problem.kind === 'identity-not-found' && problem.requested === undefined) {
    return IDENTITY_HEADINGS['no-identity'];
  }
  return problem.kind === 'pod-without-id' && problem.isHidden
    ? IDENTITY_HEADINGS['pod-id-hidden']
    : IDENTITY_HEADINGS[problem.kind];
}
