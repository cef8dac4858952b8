/** Longer than any limit, and small enough to calculate with and to show. */
const LONGEST_MS = 1e12;

/** Parses seconds or a date (RFC 9110, 10.2.3) to milliseconds from now. Undefined if it is neither, or is in the past. */
export function parseRetryAfter(header: string | undefined, now: number): number | undefined {
  if (header === undefined) {
    return undefined;
  }
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now;
  return ms > 0 ? Math.min(ms, LONGEST_MS) : undefined;
}
