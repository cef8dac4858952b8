import { untrustedText } from '../untrusted-text';
import { TaskError } from './task-error';
import { nameSection, UNFORESEEN_HEADING } from './sections';

/**
 * What a user reads when the step fails; the last line names the section of docs/troubleshooting.md. Of an error that we did not foresee only its kind is told: its message may
 * come from a library and hold what it sent or received.
 */
export function describeFailure(error: unknown): string {
  if (error instanceof TaskError) {
    return `${error.message}\n${error.hint}\n${nameSection(error.heading)}`;
  }
  return (
    `The task stopped on an error that it did not foresee (${describeKind(error)}).\n` +
    'This is a defect of the task. Run the step once more with the variable system.debug set to true, and report the log.\n' +
    nameSection(UNFORESEEN_HEADING)
  );
}

/** Where an unforeseen error arose, for the debug log: the frames of its stack, without its message. */
export function describeOrigin(error: unknown): string {
  const { stack = '', message = '' } = error instanceof Error ? error : {};
  // The stack begins with the message as it was when the error was made. Where that cannot be told from the frames,
  // there is nothing to show.
  const frames = stack.includes(message)
    ? stack.slice(stack.indexOf(message) + message.length)
    : '';
  return frames
    .split('\n')
    .filter((line) => /^ +at /.test(line))
    .map(untrustedText)
    .join('\n');
}

/** The name and code of an error: all that is said of one that we did not foresee. */
export function describeKind(error: unknown): string {
  if (!(error instanceof Error)) {
    return typeof error;
  }
  const code = 'code' in error && typeof error.code === 'string' ? ` ${error.code}` : '';
  return `${error.name}${code}`.replace(/[^\w ]/g, '').slice(0, 80);
}
