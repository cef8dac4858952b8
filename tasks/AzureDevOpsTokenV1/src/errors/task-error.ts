/**
 * A failure that we foresee. Its `message` says what was attempted and what happened, its `hint` what to do. Neither
 * may hold a token, a header or the body of an answer; foreign text enters only through `untrusted-text.ts`. Its `heading` is
 * that of its section in docs/troubleshooting.md.
 */
export abstract class TaskError extends Error {
  readonly hint: string;
  readonly heading: string;

  constructor(message: string, hint: string, heading: string) {
    super(message);
    this.name = new.target.name;
    this.hint = hint;
    this.heading = heading;
  }
}
