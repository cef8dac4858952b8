import { TaskError } from './task-error';
import { INPUT_HEADING } from './sections';

/** Inputs or pipeline variables that their author has to correct. Nothing was sent yet. */
export class InputFailure extends TaskError {
  /** @param problems each a sentence that names the input or variable, what it holds and what was expected */
  constructor(problems: readonly string[]) {
    super(
      `Reading the inputs of the step: ${problems.length === 1 ? '' : `${problems.length} problems`}` +
        problems.map((problem) => (problems.length === 1 ? problem : `\n- ${problem}`)).join(''),
      'Nothing was sent. Correct the step or the variables of the pipeline, and run it again.',
      INPUT_HEADING,
    );
  }
}
