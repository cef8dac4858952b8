import { hideLiveTokens } from './live-tokens';
import { MAX_UNTRUSTED_LENGTH } from './limits';

// Everything that a reader cannot see: control characters, format characters (bidirectional marks, zero-width characters),
// unassigned characters, line and paragraph separators, and what Unicode lets a program ignore.
const INVISIBLE = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]+/gu;
// A server can return the token that it was sent. The agent would not mask a token that is cut off at the maximum length.
const TOKEN_LIKE = /eyJ[\w-]{10,}(?:\.[\w-]*)*/g;

/**
 * What can be between the characters of a command. The agent finds `##vso[` with a comparison of .NET that skips characters
 * without weight in ICU: about a thousand characters of many kinds (combining marks, letters, punctuation), different in each
 * release. Printable ASCII characters always have weight.
 * https://learn.microsoft.com/dotnet/standard/base-types/string-comparison-net-5-plus
 */
const SKIPPED = '[^ -~]*';
/** The mark of a command (`##vso`), with any skipped characters in it. */
export const COMMAND_MARK = new RegExp(['#', '#', 'v', 's', 'o'].join(SKIPPED), 'i');
/** Each `#` next to another one, with any skipped characters between them. */
export const PAIRED_HASH = matchPaired('#');
/** The same for the signs that look like `#`. */
const PAIRED_SIGN = matchPaired('[#\\uFF03\\uFE5F]');

function matchPaired(sign: string): RegExp {
  // The pattern looks back from a sign only. From each character, the time would grow with the square of the length.
  return new RegExp(`${sign}(?:(?=${SKIPPED}${sign})|(?<=${sign}${SKIPPED}${sign}))`, 'g');
}

/**
 * Makes untrusted text (a message of a server, a claim of a token, the value of an input) safe for the log and for messages.
 * Returns one line of at most 500 characters without invisible characters and without any part of a token. The agent finds
 * neither a command (`##vso`) nor a formatting tag (`##[`) in it.
 */
export function untrustedText(text: string): string {
  const harmless = text
    .slice(0, 8 * MAX_UNTRUSTED_LENGTH)
    .replace(INVISIBLE, ' ')
    .replace(PAIRED_SIGN, '*')
    .replace(TOKEN_LIKE, '***');
  const visible = hideLiveTokens(harmless).replace(/\s+/gu, ' ').trim();
  return visible.length > MAX_UNTRUSTED_LENGTH
    ? `${visible.slice(0, MAX_UNTRUSTED_LENGTH).toWellFormed()}…`
    : visible;
}
