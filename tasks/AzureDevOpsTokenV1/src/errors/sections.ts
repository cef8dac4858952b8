// Loaded before anything else, on any Node.js, so it imports nothing. The headings of other errors are with their messages.

/** The sections of docs/troubleshooting.md on errors that come before the task can run. */
export const OLD_NODE_HEADING = 'Node.js is too old';
export const START_HEADING = 'The task does not start';

/** The sections of docs/troubleshooting.md on warnings. */
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
