// The sections of docs/troubleshooting.md that can be named before anything else is loaded; the others are in headings.ts.

export const INPUT_HEADING = 'The inputs or variables are not right';
export const OLD_NODE_HEADING = 'Node.js is too old';
export const START_HEADING = 'The task does not start';
export const UNFORESEEN_HEADING = 'The task stops on an error that it did not foresee';

export const WARNING_HEADINGS = {
  certificates: 'Warning: certificate files of the agent are ignored',
  'empty-headers': 'Warning: the response headers are empty',
  'empty-result': 'Warning: the result is empty',
  fork: 'Warning: a build of a fork',
  'list-in-doubt': 'Warning: the list may not be complete',
  validation: 'Warning: the agent trusts any certificate',
} as const;

/** The last words of an error or a warning. */
export function nameSection(heading: string): string {
  return `Troubleshooting: ${heading}`;
}
