import type { CallProblem } from './call-problems';
import { describeCallProblem } from './describe-call-problem';
import { TaskError } from './task-error';
import { CALL_HEADINGS } from './headings';
import { isOfOtherTenant } from './shared-hints';

/** A call did not do what the step asked for. Mended in the step, in Azure DevOps, in the network, or by waiting. */
export class CallFailure extends TaskError {
  readonly problem: CallProblem;

  constructor(problem: CallProblem) {
    const { message, hint } = describeCallProblem(problem);
    super(message, hint, findHeading(problem));
    this.problem = problem;
  }
}

function findHeading(problem: CallProblem): string {
  if (problem.kind === 'no-answer') {
    return CALL_HEADINGS[problem.why.kind];
  }
  const isElsewhere = problem.kind === 'unknown-identity' && isOfOtherTenant(problem);
  return CALL_HEADINGS[isElsewhere ? 'other-tenant' : problem.kind];
}
