import { MAX_OUTPUT_BYTES } from '../limits';

/** What a query selects, as text: of a string its characters, of anything else its JSON. */
export type Selected =
  | { readonly kind: 'string' | 'json'; readonly text: string }
  | { readonly kind: 'too-large'; readonly bytes: number }
  | { readonly kind: 'too-deep' };

/** Node.js has no longer string (buffer.constants.MAX_STRING_LENGTH). */
const MAX_STRING_LENGTH = 0x1fffffe8;

export function selectText(value: unknown): Selected {
  if (typeof value === 'string') {
    return limit({ kind: 'string', text: value });
  }
  try {
    return limit({ kind: 'json', text: JSON.stringify(value) });
  } catch (error) {
    if (!(error instanceof RangeError)) {
      throw error;
    }
    return error.message === 'Invalid string length'
      ? { kind: 'too-large', bytes: MAX_STRING_LENGTH }
      : { kind: 'too-deep' };
  }
}

function limit(selected: Extract<Selected, { readonly text: string }>): Selected {
  const bytes = Buffer.byteLength(selected.text);
  return bytes > MAX_OUTPUT_BYTES ? { kind: 'too-large', bytes } : selected;
}
