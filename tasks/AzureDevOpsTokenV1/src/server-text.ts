// Whatever a reader cannot see: controls, format characters (bidi marks, zero-width ones), characters that are none
// (yet), line and paragraph separators, and all that Unicode lets a program ignore. The agent looks for its commands
// with a comparison that ignores some of them, so "##" and "vso[" would still meet across them.
const INVISIBLE = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]+/gu;
const HASHES = /[#\uFF03\uFE5F]{2,}/g;
// A server may echo what it was sent; cutting a token to length would carry the rest of it past the agent's masks.
const TOKEN_LIKE = /eyJ[\w-]{10,}(?:\.[\w-]*)*/g;
const LONGEST = 500;

/**
 * The one door through which foreign text (a server's words, a claim of a token, the value of an input) enters ours:
 * one line without invisible characters, in which the agent finds neither a command (`##vso`) nor a formatting tag
 * (`##[`), without anything that looks like a token, at most 500 characters long.
 */
export function quoteForeign(text: string): string {
  const visible = text
    .slice(0, 8 * LONGEST)
    .replace(INVISIBLE, ' ')
    .replace(HASHES, (run) => '*'.repeat(run.length))
    .replace(TOKEN_LIKE, '***')
    .replace(/\s+/gu, ' ')
    .trim();
  return visible.length > LONGEST ? `${visible.slice(0, LONGEST).toWellFormed()}…` : visible;
}
