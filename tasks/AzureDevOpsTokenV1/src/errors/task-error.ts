import { untrustedText } from '../untrusted-text';
import { nameSection } from './sections';

/** The section of docs/troubleshooting.md on errors of other classes than `TaskError`. */
export const UNFORESEEN_HEADING = 'The task stops on an error that it did not foresee';

/** Why a step fails. A family of problems is a union of these, told apart by `kind`. */
export interface Problem {
  readonly kind: string;
}

/** What a user reads of a problem of one kind. */
export interface ProblemText<P extends Problem> {
  /** The heading of its section in docs/troubleshooting.md. */
  readonly heading: string;
  /** What was attempted and what happened. */
  readonly message: (problem: P) => string;
  /** What to do. */
  readonly hint: (problem: P) => string;
}

/** What a user reads of each problem of a family. A kind without heading, message and hint does not compile. */
export type ProblemTable<P extends Problem> = {
  readonly [Kind in P['kind']]: ProblemText<P & { readonly kind: Kind }>;
};

/** What a user reads of one problem. */
interface Description {
  readonly heading: string;
  readonly message: string;
  readonly hint: string;
}

/**
 * Every error that we foresee: `message` says what was attempted and what happened, `hint` what to do. Neither may hold a token, a
 * header or the body of a response; text of others enters only through `untrusted-text.ts`.
 */
export class TaskError extends Error {
  readonly problem: Problem;
  readonly heading: string;
  readonly hint: string;

  constructor(problem: Problem, { heading, message, hint }: Description) {
    super(message);
    this.name = 'TaskError';
    this.problem = problem;
    this.heading = heading;
    this.hint = hint;
  }
}

/** Finds the texts of a problem in the table of its family. */
export function describeProblem<P extends Problem>(
  problem: P,
  table: ProblemTable<P>,
): Description {
  // TypeScript does not relate the kind of a problem to its row.
  const { heading, message, hint } = table[problem.kind as P['kind']] as ProblemText<P>;
  return { heading, message: message(problem), hint: hint(problem) };
}

/**
 * What a user reads if the step fails; the last line names the section of docs/troubleshooting.md. Of an error that we did not
 * foresee, only the kind is shown: its message may come from a library and hold what that sent or received.
 */
export function formatError(error: unknown): string {
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
