// What every error of the task has: a kind, facts, a remedy, and a section of docs/troubleshooting.md that quotes it. The wording is pinned in
// test/recordings/messages.txt.
import assert from 'node:assert/strict';
import { formatError, TaskError } from '../../../tasks/AzureDevOpsTokenV1/src/errors/task-error';
import { isQuoted, readHeading, readSections } from '../../contract/troubleshooting';

/** A name, the problem, what the message says of it, and what the hint says. */
export type Row<P> = readonly [string, P, string, RegExp];

const SECTIONS = readSections();

export function checkError(
  error: TaskError,
  expected: { readonly kind: string; readonly message: string; readonly hint: RegExp },
): void {
  assert.equal(error.problem.kind, expected.kind);
  assert.equal(error.message, expected.message);
  assert.match(error.hint, expected.hint);
  assertExplained(formatError(error), error.heading);
}

/** The last line names a section of docs/troubleshooting.md, which says how the message begins. */
export function assertExplained(text: string, heading: string): void {
  assert.equal(readHeading(text), heading);
  const section = SECTIONS.find((candidate) => candidate.heading === heading);
  assert.ok(section !== undefined && isQuoted(text, section), text);
}
