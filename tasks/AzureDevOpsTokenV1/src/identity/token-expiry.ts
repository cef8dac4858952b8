/** The latest time that is accepted, in seconds since 1970. A Date can represent it. */
const LATEST = 1e11;
const NUMBER = /^-?\d{1,15}(?:\.\d+)?$/;
const ISO_8601 = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)$/;
/** The form of the first App Service API: `06/20/2030 02:57:58 +00:00`, `6/20/2030 2:57:58 AM +00:00`. */
const US_DATE =
  /^(\d{1,2})\/(\d{1,2})\/(\d{4}) (\d{1,2}):(\d\d):(\d\d)(?: ([AP])M)? ([+-])(\d\d):(\d\d)$/i;

/**
 * The expiry of a token by its response.
 * @param now milliseconds since 1970
 */
export function parseExpiry(
  { expires_on: at, expires_in: after }: Readonly<Record<string, unknown>>,
  now: number,
): Date | undefined {
  const seconds = toNumber(after);
  return (
    parseEpoch(at) ??
    parseDate(at) ??
    (seconds === undefined ? undefined : parseEpoch(Math.floor(now / 1000) + seconds))
  );
}

/** Parses seconds since 1970, as a number or as text. */
export function parseEpoch(value: unknown): Date | undefined {
  const seconds = toNumber(value);
  return seconds === undefined || Math.abs(seconds) > LATEST ? undefined : new Date(seconds * 1000);
}

function toNumber(value: unknown): number | undefined {
  if (typeof value === 'string') {
    return NUMBER.test(value.trim()) ? Number(value) : undefined;
  }
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

function parseDate(value: unknown): Date | undefined {
  const text = typeof value === 'string' ? value.trim() : '';
  const ms = ISO_8601.test(text) ? Date.parse(text) : parseUsDate(text);
  return Number.isNaN(ms) ? undefined : new Date(ms);
}

/** Returns milliseconds since 1970. The result of `Date.parse` for this form is not specified, so the text is converted first. */
function parseUsDate(text: string): number {
  const [, month = '', day = '', year = '', hour = '', minute = '', second = '', half, ...zone] =
    US_DATE.exec(text) ?? [];
  const [sign = '', zoneHour = '', zoneMinute = ''] = zone;
  const hours =
    half === undefined ? hour : String((Number(hour) % 12) + (/p/i.test(half) ? 12 : 0));
  const pad = (number: string) => number.padStart(2, '0');
  return Date.parse(
    `${year}-${pad(month)}-${pad(day)}T${pad(hours)}:${minute}:${second}${sign}${zoneHour}:${zoneMinute}`,
  );
}
