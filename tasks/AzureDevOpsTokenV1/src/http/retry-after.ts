/** Longer than anybody waits, and still a number to reckon with and to show. */
const LONGEST_MS = 1e12;

/** Seconds or a date (RFC 9110, 10.2.3), as milliseconds from now; nothing where it is neither, or past. */
export function parseRetryAfter(header: string | undefined, now: number): number | undefined {
  if (header === undefined) {
    return undefined;
  }
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now;
  return ms > 0 ? Math.min(ms, LONGEST_MS) : undefined;
}
