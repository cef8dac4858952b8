import type { CallProblem } from './call-problems';
import { describeCallProblem } from './describe-call-problem';
import { Failure } from './failure';

/** A call did not do what the step asked for. Mended in the step, in Azure DevOps, in the network, or by waiting. */
export class CallFailure extends Failure {
  readonly problem: CallProblem;

  constructor(problem: CallProblem) {
    const { message, hint } = describeCallProblem(problem);
    super(message, hint);
    this.problem = problem;
  }
}
