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

/** A step gets a new token shortly before the last one expires, so the oldest of this many tokens has expired long ago. */
const MAX_TOKENS = 16;
/** The shortest part of a token that is hidden, in characters. */
const MIN_PART_LENGTH = 16;

/** The tokens of this process, each in all forms in which a server can return it; the token itself comes first. */
const live: (readonly [token: string, ...otherForms: string[]])[] = [];

/** Hides this token in all untrusted text from now on. */
export function hideLiveToken(token: string): void {
  if (token === '') {
    // Every text contains an empty one.
    return;
  }
  live.push(listTokenForms(token));
  live.splice(0, live.length - MAX_TOKENS);
}

/** The tokens that this process has received so far, the job token of a service connection included. */
export function listLiveTokens(): readonly string[] {
  return live.map(([token]) => token);
}

/**
 * The forms of a token that tools make: unchanged, encoded for a URL, and in base64. The base64 forms lack their ends, which
 * depend on the text before and after the token, such as the user name of HTTP Basic authentication.
 */
export function listTokenForms(token: string): readonly [token: string, ...otherForms: string[]] {
  const inUrl = encodeURIComponent(token);
  const base64 = [0, 1, 2].map((before) => {
    const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(token)]);
    const start = Math.ceil((before * 8) / 6);
    return bytes.toString('base64').slice(start, Math.floor((bytes.length * 8) / 6));
  });
  const inBase64Url = base64.map((text) => text.replaceAll('+', '-').replaceAll('/', '_'));
  const lowerCased = inUrl.replace(/%../g, (escape) => escape.toLowerCase());
  // A form of a few characters would be found in any text.
  const encoded = [inUrl, lowerCased, ...base64, ...inBase64Url].filter(
    ({ length }) => length >= MIN_PART_LENGTH / 2,
  );
  return [token, ...new Set(encoded.filter((form) => form !== token))];
}

/**
 * Hides every part of a live token, because the agent masks whole tokens only and a text may have been cut.
 * @param text at most some thousand characters
 */
function hideLiveTokens(text: string): string {
  const hidden = new Set<number>();
  for (const form of live.flat()) {
    findParts(text, form, hidden);
  }
  return hidden.size === 0
    ? text
    : Array.from({ length: text.length }, (_, at) => {
        const isHidden = hidden.has(at);
        return isHidden ? (hidden.has(at - 1) ? '' : '***') : text.charAt(at);
      }).join('');
}

/** @param hidden receives the positions of the characters to hide */
function findParts(text: string, form: string, hidden: Set<number>): void {
  const part = Math.min(MIN_PART_LENGTH, form.length);
  // Every part of that length contains one of these blocks, so that few positions have to be compared in full.
  const block = Math.ceil(part / 2);
  for (let at = 0; at + block <= text.length; at += block) {
    if (form.includes(text.slice(at, at + block))) {
      for (let start = Math.max(0, at + block - part); start <= at; start += 1) {
        const found = text.slice(start, start + part);
        if (found.length === part && form.includes(found)) {
          Array.from(found).forEach((_, index) => hidden.add(start + index));
        }
      }
    }
  }
}
