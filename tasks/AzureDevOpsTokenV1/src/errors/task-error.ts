import { untrustedText } from '../untrusted-text';
import { PUBLISHER } from './menu-paths';
import { nameSection, type Section } from './sections';

/** The section of docs/troubleshooting.md on errors of other classes than `TaskError`. */
export const UNEXPECTED_ERROR: Section = { id: 'unexpected-error', heading: 'Unexpected error' };

/** Why a step fails. A family of problems is a union of these, told apart by `kind`. */
export interface Problem {
  readonly kind: string;
}

/** What a user reads about a problem of one kind. */
export interface ProblemText<P extends Problem> extends Section {
  /** One sentence that names the cause in its first 120 characters, because the summary of a run shows only those. */
  readonly conclusion: (problem: P) => string;
  /** What was attempted and what was returned. Empty if the conclusion says it. */
  readonly details: (problem: P) => string;
  /** What to do. */
  readonly hint: (problem: P) => string;
}

/** What a user reads about each problem of a family. A kind without a row does not compile. */
export type ProblemTable<P extends Problem> = {
  readonly [Kind in P['kind']]: ProblemText<P & { readonly kind: Kind }>;
};

/** What a user reads about one problem. */
export interface Description {
  readonly section: Section;
  readonly conclusion: string;
  readonly details: string;
  readonly hint: string;
}

/**
 * Every error that the task expects. No text of it may contain a token, a header or the body of a response; text from servers enters
 * only through `untrusted-text.ts`.
 */
export class TaskError extends Error {
  readonly problem: Problem;
  readonly section: Section;
  readonly hint: string;

  /** `message` is the conclusion and, on a second line, the details. */
  constructor(problem: Problem, { section, conclusion, details, hint }: Description) {
    super(details === '' ? conclusion : `${conclusion}\n${details}`);
    this.name = 'TaskError';
    this.problem = problem;
    this.section = section;
    this.hint = hint;
  }
}

/** The error of a problem, with the texts of its row in the table of its family. */
export function toTaskError<P extends Problem>(problem: P, table: ProblemTable<P>): TaskError {
  // TypeScript does not relate the kind of a problem to its row.
  const row = table[problem.kind as P['kind']] as ProblemText<P>;
  return new TaskError(problem, {
    section: { id: row.id, heading: row.heading },
    conclusion: row.conclusion(problem),
    details: row.details(problem),
    hint: row.hint(problem),
  });
}

/**
 * What a user reads if the step fails: conclusion, details, hint, and the section of docs/troubleshooting.md, each on a line of its own.
 * Of an unexpected error only the kind is shown, because its message may come from a library and contain what that sent or received.
 */
export function formatError(error: unknown): string {
  if (error instanceof TaskError) {
    return `${error.message}\n${error.hint}\n${nameSection(error.section)}`;
  }
  return (
    `The task stopped because of an unexpected error (${describeKind(error)}).\n` +
    `This is a defect of the task. Run the step again with the variable system.debug set to true. Report the log to ${PUBLISHER}.\n` +
    nameSection(UNEXPECTED_ERROR)
  );
}

/** The same in one line, for git, which shows the standard error of its credential helper. */
export function formatErrorInOneLine(error: unknown): string {
  return formatError(error).replace(/\s*\n\s*/g, ' ');
}

/** The origin of an unexpected error, for the debug log: the frames of its stack, without its message. */
export function describeOrigin(error: unknown): string {
  const { stack = '', message = '' } = error instanceof Error ? error : {};
  // The stack begins with the message as it was when the error was made. If the message cannot be told from the frames, show
  // nothing.
  const frames = stack.includes(message)
    ? stack.slice(stack.indexOf(message) + message.length)
    : '';
  return frames
    .split('\n')
    .filter((line) => /^ +at /.test(line))
    .map(untrustedText)
    .join('\n');
}

/** The name and code of an error: all that is shown of an unexpected one. */
export function describeKind(error: unknown): string {
  if (!(error instanceof Error)) {
    return typeof error;
  }
  const code = 'code' in error && typeof error.code === 'string' ? ` ${error.code}` : '';
  return `${error.name}${code}`.replace(/[^\w ]/g, '').slice(0, 80);
}
