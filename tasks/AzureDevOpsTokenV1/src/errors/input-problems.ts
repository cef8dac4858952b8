import { TaskError } from './task-error';

export const INPUT_HEADING = 'The inputs or variables are not right';

/** Inputs or pipeline variables that their author has to correct. */
export interface InputProblem {
  readonly kind: 'inputs';
  /** Sentences, each of which names the input or variable, what it holds and what was expected. */
  readonly sentences: readonly string[];
}

export function inputError(sentences: readonly string[]): TaskError {
  const problem: InputProblem = { kind: 'inputs', sentences };
  const list =
    sentences.length === 1
      ? sentences.join('')
      : [`${sentences.length} problems`, ...sentences.map((one) => `\n- ${one}`)].join('');
  return new TaskError(problem, {
    heading: INPUT_HEADING,
    message: `Reading the inputs of the step: ${list}`,
    hint: 'Nothing was sent. Correct the step or the variables of the pipeline, and run it again.',
  });
}
