import assert from 'node:assert/strict';
import { TaskError, type Problem } from '../../tasks/AzureDevOpsTokenV1/src/errors/task-error';

type AnyProblem = Problem & Readonly<Record<string, unknown>>;

/** The problem of an error that the task foresees, with the fields of its kind. */
export function toProblem(error: unknown): AnyProblem {
  assert.ok(error instanceof TaskError, String(error));
  return error.problem as AnyProblem;
}

/** What a promise is rejected with. */
export function rejectionOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => assert.fail('it was not rejected'),
    (reason: unknown) => reason,
  );
}

/** The problem with which a promise is rejected. */
export async function problemOf(promise: Promise<unknown>): Promise<AnyProblem> {
  return toProblem(await rejectionOf(promise));
}

/** The foreseen error that a function throws. */
export function errorOf(act: () => unknown): TaskError {
  try {
    act();
  } catch (error) {
    assert.ok(error instanceof TaskError, String(error));
    return error;
  }
  return assert.fail('nothing was thrown');
}
