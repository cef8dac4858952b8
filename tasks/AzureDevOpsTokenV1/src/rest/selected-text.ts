import { MAX_OUTPUT_BYTES } from '../limits';
import { isInvented, writeExactJson } from './exact-integers';

/** What a query selects, as text: of a string its characters, of anything else its JSON. */
export type Selected =
  | {
      readonly kind: 'string' | 'json';
      readonly text: string;
      /** Whether it has an integer above 2^53 that may be rounded. */
      readonly isRounded: boolean;
    }
  | { readonly kind: 'too-large'; readonly bytes: number }
  | { readonly kind: 'too-deep' };

/** Node.js has no longer string (buffer.constants.MAX_STRING_LENGTH). */
const MAX_STRING_LENGTH = 0x1fffffe8;

/** @param source the text of the response that the value comes from */
export function selectText(value: unknown, source: string): Selected {
  if (typeof value === 'string') {
    return limit(value, (text) => ({
      kind: 'string',
      text,
      isRounded: isInvented(text, source),
    }));
  }
  try {
    return limit(JSON.stringify(value), () => {
      const { json, isRounded } = writeExactJson(value, source);
      return { kind: 'json', text: json, isRounded };
    });
  } catch (error) {
    if (!(error instanceof RangeError)) {
      throw error;
    }
    return error.message === 'Invalid string length'
      ? { kind: 'too-large', bytes: MAX_STRING_LENGTH }
      : { kind: 'too-deep' };
  }
}

/** @param read called only if the text is not too large, because it takes time */
function limit(text: string, read: (text: string) => Selected): Selected {
  const bytes = Buffer.byteLength(text);
  return bytes > MAX_OUTPUT_BYTES ? { kind: 'too-large', bytes } : read(text);
}
