/** A step gets a new token shortly before the last one expires, so the oldest of this many tokens has expired long ago. */
const MAX_TOKENS = 16;
/** The shortest part of a token that is hidden, in characters. */
const MIN_PART_LENGTH = 16;

/** The tokens of this process, each in all forms in which a server can return it. */
const live: (readonly string[])[] = [];

/** Hides this token in all untrusted text from now on. */
export function hideLiveToken(token: string): void {
  live.push(listTokenForms(token));
  live.splice(0, live.length - MAX_TOKENS);
}

/**
 * The forms of a token that tools make: unchanged, encoded for a URL, and in base64. The base64 forms lack their ends, which
 * depend on the text before and after the token, such as the user name of HTTP Basic authentication.
 */
export function listTokenForms(token: string): readonly string[] {
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
  return [...new Set([token, ...encoded])];
}

/**
 * Hides every part of a live token, because the agent masks whole tokens only and a text may have been cut.
 * @param text at most some thousand characters
 */
export function hideLiveTokens(text: string): string {
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
