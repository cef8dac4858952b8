// Why a value cannot be the output `result`.
import { MAX_OUTPUT_BYTES, MIN_SECRET_LENGTH } from '../limits';
import { untrustedText } from '../untrusted-text';
import type { AzureDevOpsContext } from './azure-devops-problem';
import { describeSentRequest } from './azure-devops-texts';
import type { ProblemTable } from './task-error';

export type ResultProblem =
  | { readonly kind: 'result-too-large'; readonly bytes: number }
  | {
      readonly kind: 'result-hostile';
      /** What it contains, a text of the task. */
      readonly what: string;
      readonly responseFile: string | undefined;
    }
  /** Lists or objects in each other, deeper than JSON can be written. */
  | { readonly kind: 'result-too-deep'; readonly responseFile: string | undefined }
  | { readonly kind: 'result-not-masked'; readonly why: 'lines' | 'short' };

const AFTER_FAILURE = 'That step needs condition: succeededOrFailed(), because this step failed.';

export const RESULT_TABLE: ProblemTable<ResultProblem & AzureDevOpsContext> = {
  'result-too-large': {
    id: 'result-too-large',
    heading: 'The result is too large for an output',
    conclusion: ({ bytes }) =>
      `The result of query has ${bytes.toLocaleString('en')} bytes, and an output can have ${MAX_OUTPUT_BYTES.toLocaleString('en')}.`,
    details: describeSentRequest,
    hint: () =>
      'Select less in query. Or read the whole response in a later step: its path is in the output responseFile (outputFile, or a temporary file). ' +
      AFTER_FAILURE,
  },
  'result-hostile': {
    id: 'result-with-command',
    heading: 'The result is not safe as an output',
    conclusion: ({ what }) =>
      `The task did not set the output result, because its value contains ${what}.`,
    details: describeSentRequest,
    hint: describeFile,
  },
  'result-too-deep': {
    id: 'result-too-deep',
    heading: 'The result has too many nested levels',
    conclusion: () =>
      'The result of query has too many lists or objects inside each other, so it cannot be an output.',
    details: describeSentRequest,
    hint: describeFile,
  },
  'result-not-masked': {
    id: 'secret-not-masked',
    heading: 'The agent cannot mask the secret result reliably',
    conclusion: ({ why }) =>
      why === 'lines'
        ? 'The secret result has several lines, which the agent cannot mask reliably.'
        : `The secret result has fewer than ${MIN_SECRET_LENGTH} characters, which the agent cannot mask reliably.`,
    details: describeSentRequest,
    hint: () =>
      `Select one line of at least ${MIN_SECRET_LENGTH} characters in query. Or set outputFile and remove secretResult.`,
  },
};

/** Where a later step finds what the output cannot contain. */
function describeFile({ responseFile }: { readonly responseFile: string | undefined }): string {
  return responseFile === undefined
    ? `Set outputFile, and read the file in a later step. ${AFTER_FAILURE}`
    : `Select something else in query. Or, in a later step, read the file that the output responseFile names (${untrustedText(responseFile)}). ${AFTER_FAILURE}`;
}
