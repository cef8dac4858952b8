import type { TaskError } from '../errors/task-error';

/** The outputs of a REST call, and its error if it failed. Everything except the status is untrusted text. */
export interface RestResult {
  readonly statusCode: number;
  /** A JSON object in which the agent finds no command. */
  readonly responseHeaders: string;
  /** Empty if the response has no body, or one that cannot be an output. */
  readonly result: string;
  readonly isResultSecret: boolean;
  /** An absolute path; undefined if the body is not in a file. */
  readonly responseFile: string | undefined;
  readonly warnings: readonly string[];
  /** The tenant of the organization, if it has accepted the token. */
  readonly tenantId?: string | undefined;
  readonly error: TaskError | undefined;
}
