import assert from 'node:assert/strict';
import { TaskError, type Problem } from '../../tasks/AzureDevOpsTokenV1/src/errors/task-error';

/** The problem of an error that the task foresees, with the fields of its kind. */
export function toProblem(error: unknown): Problem & Readonly<Record<string, unknown>> {
  assert.ok(error instanceof TaskError, String(error));
  return error.problem as Problem & Readonly<Record<string, unknown>>;
}
