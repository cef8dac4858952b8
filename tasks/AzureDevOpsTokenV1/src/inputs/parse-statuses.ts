import { refuse, type Parsed } from './parse-values';

/** Whether a status is one of those that are a success. */
export type IsExpected = (status: number) => boolean;

/** A list of statuses, or of classes of them: `200,201,404`, `2xx`. */
export function parseStatuses(text: string): Parsed<IsExpected> {
  const items = text.split(',').map((item) => item.trim().toLowerCase());
  // An interim answer (1xx) is never the last one.
  return items.every((item) => /^[2-5](?:\d\d|xx)$/.test(item))
    ? {
        value: (status) =>
          items.includes(String(status)) || items.includes(`${Math.floor(status / 100)}xx`),
      }
    : refuse(text, 'a list of statuses such as 200,201,404 or 2xx');
}
