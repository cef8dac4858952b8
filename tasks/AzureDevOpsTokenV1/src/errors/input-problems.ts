import { TaskError } from './task-error';
import type { Section } from './sections';

export const INVALID_INPUTS: Section = {
  id: 'invalid-inputs',
  heading: 'An input or a variable is not valid',
};

/** Inputs or pipeline variables that their author has to correct. */
export interface InputProblem {
  readonly kind: 'inputs';
  /** Sentences, each of which names the input or variable, its value and what was expected. */
  readonly sentences: readonly string[];
}

export function inputError(sentences: readonly string[]): TaskError {
  const problem: InputProblem = { kind: 'inputs', sentences };
  const isOne = sentences.length === 1;
  return new TaskError(problem, {
    section: INVALID_INPUTS,
    conclusion: isOne
      ? sentences.join('')
      : `${sentences.length} problems were found in the inputs and variables of the step:`,
    details: isOne ? '' : sentences.map((sentence) => `- ${sentence}`).join('\n'),
    hint: 'Nothing was sent. Correct the step or the pipeline variables, and run the pipeline again.',
  });
}
