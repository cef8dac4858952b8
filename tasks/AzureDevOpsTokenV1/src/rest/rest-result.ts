import type { TaskError } from '../errors/task-error';

/** What a call leaves: its outputs, and whether it was a success. All of it is foreign text but the status. */
export interface RestResult {
  readonly statusCode: number;
  /** A JSON object, in which the agent finds nothing to act on. */
  readonly responseHeaders: string;
  /** Empty where there is none, or where it cannot be an output. */
  readonly result: string;
  readonly isResultSecret: boolean;
  /** An absolute path; undefined where the body is in no file. */
  readonly responseFile: string | undefined;
  readonly warnings: readonly string[];
  /** The tenant of the organization, if it has accepted the token. */
  readonly tenantId?: string | undefined;
  readonly error: TaskError | undefined;
}
