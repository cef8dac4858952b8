/** Formats a duration for people: `0.5 s`, `45 s`, `2 min 5 s`, `1 h 3 min`. */
export function describeDuration(ms: number): string {
  if (ms < 10_000) {
    return `${Math.round(ms / 100) / 10} s`;
  }
  const seconds = Math.round(ms / 1000);
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)];
  const parts = [
    hours > 0 ? `${hours} h` : '',
    minutes > 0 ? `${minutes} min` : '',
    hours === 0 && seconds % 60 > 0 ? `${seconds % 60} s` : '',
  ];
  return parts.filter((part) => part !== '').join(' ');
}

/** Formats the progress of polling. */
export function describeProgress(progress: {
  readonly polls: number;
  readonly elapsedMs: number;
}): string {
  return `poll ${progress.polls} after ${describeDuration(progress.elapsedMs)}`;
}

/** How often something was attempted, for example `3 attempts in 9 s`. */
export function countAttempts(attempts: number, elapsedMs: number): string {
  return attempts === 1 ? '1 attempt' : `${attempts} attempts in ${Math.round(elapsedMs / 1000)} s`;
}
