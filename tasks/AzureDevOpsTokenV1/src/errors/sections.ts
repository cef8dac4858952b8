// Loaded before anything else, on any Node.js. The sections of other errors are with their messages.
// An old Node.js does not know the prefix `node:`.
import { readFileSync } from 'fs';

/** A section of docs/troubleshooting.md. */
export interface Section {
  /** Its anchor. Pages and logs link to it, so it is never renamed. */
  readonly id: string;
  readonly heading: string;
}

/** The sections on errors that come before the task can run. */
export const OLD_NODE: Section = { id: 'old-node', heading: 'Node.js is too old' };
export const START_FAILED: Section = { id: 'start-failed', heading: 'The task does not start' };

/** The sections on warnings. */
export const WARNINGS = {
  'body-not-json': {
    id: 'warning-invalid-json',
    heading: 'Warning: the body is not valid JSON',
  },
  certificates: {
    id: 'warning-certificate-files',
    heading: 'Warning: certificate files are not used',
  },
  'empty-headers': {
    id: 'warning-empty-headers',
    heading: 'Warning: responseHeaders is empty',
  },
  'empty-result': { id: 'warning-empty-result', heading: 'Warning: result is empty' },
  fork: { id: 'warning-fork', heading: 'Warning: this build is from a fork' },
  'list-in-doubt': {
    id: 'warning-incomplete-list',
    heading: 'Warning: the list may be incomplete',
  },
  'rounded-number': {
    id: 'warning-rounded-number',
    heading: 'Warning: result may have a rounded number',
  },
  validation: {
    id: 'warning-certificate-validation',
    heading: 'Warning: the agent skips certificate validation',
  },
} as const satisfies Readonly<Record<string, Section>>;

/** The last line of an error or a warning: a link to its section if the package names its pages, else the heading. */
export function nameSection({ id, heading }: Section): string {
  const helpUrl = readHelpUrl();
  return `Troubleshooting: ${helpUrl === '' ? heading : `${toFolder(helpUrl)}docs/troubleshooting.md#${id}`}`;
}

/** The URL of the README of this version, which is in task.json if the package was made with it. */
function readHelpUrl(): string {
  try {
    // dist/index.js, which the agent starts, or dist/git-credential.js, which git starts.
    const [, script = ''] = process.argv;
    const task = readFileSync(`${toFolder(script)}../task.json`, 'utf8');
    return (JSON.parse(task) as { readonly helpUrl?: string }).helpUrl ?? '';
  } catch {
    return '';
  }
}

/** The folder of a file, with a slash at its end. */
const toFolder = (path: string) => path.replace(/[^\\/]*$/, '');
