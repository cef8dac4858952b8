/** What a user is told of a problem. */
export interface Description {
  /** What was attempted and what happened. */
  readonly message: string;
  /** What to do. */
  readonly hint: string;
}

export function countAttempts(attempts: number, elapsedMs: number): string {
  return attempts === 1 ? '1 attempt' : `${attempts} attempts in ${Math.round(elapsedMs / 1000)} s`;
}
