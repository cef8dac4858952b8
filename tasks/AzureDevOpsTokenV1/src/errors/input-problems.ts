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
    conclusion: isOne ? sentences.join('') : summarize(sentences),
    details: isOne ? '' : sentences.map((sentence) => `- ${sentence}`).join('\n'),
    hint: 'Nothing was sent. Correct the step or the pipeline variables, and run the pipeline again.',
  });
}

/** The summary of a run shows only so much of an error. */
const SHOWN_IN_SUMMARY = 120;

/** Names as many of the inputs and variables as the summary of a run can show. */
function summarize(sentences: readonly string[]): string {
  const start = `${sentences.length} problems were found in inputs or variables`;
  const names = [...new Set(sentences.flatMap(findNames))];
  if (names.length === 0) {
    return `${start}.`;
  }
  const texts = names.map((_, index) => {
    const left = names.length - index - 1;
    const list = names.slice(0, index + 1).join(', ');
    return `${start}: ${list}${left === 0 ? '' : ` and ${left} more`}.`;
  });
  return texts.findLast((text) => text.length <= SHOWN_IN_SUMMARY) ?? `${start}.`;
}

const INPUTS = /^[a-z]\w*(?:(?:, and|,| and) [a-z]\w*)*(?= are set)|^[a-z]\w*/;
const VARIABLE = /^(?:The pipeline variable "([^"]{1,40})"|([A-Z]\w+\.\w+) )/;

/** The inputs or the variable with which a sentence begins. */
function findNames(sentence: string): readonly string[] {
  const [, variable, ofAgent] = VARIABLE.exec(sentence) ?? [];
  const name = variable ?? ofAgent;
  return name === undefined
    ? (INPUTS.exec(sentence)?.[0].split(/(?:, and|,| and) /) ?? [])
    : [name];
}
