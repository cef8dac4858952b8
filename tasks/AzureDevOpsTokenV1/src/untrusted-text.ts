import { hideLiveTokens } from './live-tokens';

// Whatever a reader cannot see: controls, format characters (bidi marks, zero-width ones), characters that are none
// (yet), line and paragraph separators, and all that Unicode lets a program ignore.
const INVISIBLE = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]+/gu;
// A server may echo what it was sent; cutting a token to length would carry the rest of it past the agent's masks.
const TOKEN_LIKE = /eyJ[\w-]{10,}(?:\.[\w-]*)*/g;
const MAX_LENGTH = 500;

/**
 * What may stand between the characters of a command: the agent finds `##vso[` with a comparison of .NET that skips what
 * ICU gives no weight, about a thousand characters of many kinds (combining marks, letters, punctuation), others in each
 * release. Characters of ASCII that can be printed always have weight.
 * https://learn.microsoft.com/dotnet/standard/base-types/string-comparison-net-5-plus
 */
const SKIPPED = '[^ -~]*';
/** The mark of a command (`##vso`), whatever is hidden in it. */
export const COMMAND_MARK = new RegExp(['#', '#', 'v', 's', 'o'].join(SKIPPED), 'i');
/** Each `#` next to another one, whatever is hidden between them. */
export const PAIRED_HASH = matchPaired('#');
/** The same with the signs that a reader takes for one. */
const PAIRED_SIGN = matchPaired('[#\\uFF03\\uFE5F]');

function matchPaired(sign: string): RegExp {
  // It looks back from a sign only: from each character, a long text would take a time that grows with its square.
  return new RegExp(`${sign}(?:(?=${SKIPPED}${sign})|(?<=${sign}${SKIPPED}${sign}))`, 'g');
}

/**
 * The one door through which foreign text (a server's words, a claim of a token, the value of an input) enters ours:
 * one line without invisible characters, in which the agent finds neither a command (`##vso`) nor a formatting tag
 * (`##[`), without any part of a token, at most 500 characters long.
 */
export function untrustedText(text: string): string {
  const harmless = text
    .slice(0, 8 * MAX_LENGTH)
    .replace(INVISIBLE, ' ')
    .replace(PAIRED_SIGN, '*')
    .replace(TOKEN_LIKE, '***');
  const visible = hideLiveTokens(harmless).replace(/\s+/gu, ' ').trim();
  return visible.length > MAX_LENGTH ? `${visible.slice(0, MAX_LENGTH).toWellFormed()}…` : visible;
}
