// Reads the few parts of a web page that a message needs.

/** The beginning of a page, in characters. It has the title and the headings of an error page. */
const BEGINNING = 64 * 1024;
/** More headings than an error page of IIS has before its details. */
const MAX_HEADINGS = 2;

// `[^<>]` and `[^<]` cannot run over the next tag, so that the time grows with the length of the page only.
const TITLE = /<title(?:\s[^<>]*)?>([^<]*)/i;
const HEADINGS = /<h[1-4](?:\s[^<>]*)?>([^<]*)/gi;
/** The explanation of HTTP.sys, such as `HTTP Error 400. The request URL is invalid.` */
const EXPLANATION = /<p(?:\s[^<>]*)?>\s*(HTTP Error \d+\.[^<]*)/i;
const ENTITY = /&(?:#\d{1,7}|#x[\da-f]{1,6}|[a-z]{2,5});/gi;
const NAMED_ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  ndash: '–',
  mdash: '—',
};
/** The title of a sign-in page, such as `Azure DevOps Services | Sign In`; not that of a report on the file `SignIn.tsx`. */
const SIGN_IN_TITLE = /(?:^|\|\s*)sign[\s-]in(?:$| to )/i;
/**
 * What only a page for signing in has: its scripts, or a form that sends to a sign-in address.
 * https://github.com/shayki5/azure-devops-create-pr-task/issues/78 shows the scripts
 */
const SIGN_IN_FORM =
  /"Authentication\/Scripts\/SPS\.Authentication|<form\s[^<>]*(?:\/_sign(?:ed)?in\b|login\.(?:microsoftonline|windows|live)\.(?:com|net)\b)/i;

/** The title of a page. */
function readTitle(page: string): string {
  return toText(TITLE.exec(page.slice(0, BEGINNING))?.[1]);
}

/**
 * What an error page says: its title, its first headings and the explanation of HTTP.sys. Untrusted text.
 * https://serverfault.com/questions/856562 shows a page of HTTP.sys
 */
export function readPageMessages(page: string): readonly string[] {
  const beginning = page.slice(0, BEGINNING);
  const headings = [...beginning.matchAll(HEADINGS)].slice(0, MAX_HEADINGS);
  const texts = [...headings.map(([, text]) => text), EXPLANATION.exec(beginning)?.[1]].map(toText);
  return [readTitle(page), ...texts].filter((text) => text !== '');
}

/** Whether the title of a page says that it is one for signing in. */
export function hasSignInTitle(page: string): boolean {
  return SIGN_IN_TITLE.test(readTitle(page));
}

/** Whether a page is one for signing in. A page that only links to one is not. */
export function isSignInPage(page: string): boolean {
  return hasSignInTitle(page) || SIGN_IN_FORM.test(page);
}

/** Decodes the entities of a text, and removes the space around it. */
export function toText(markup = ''): string {
  return markup
    .replace(ENTITY, (entity) => decodeEntity(entity.slice(1, -1)) ?? entity)
    .replace(/\s+/g, ' ')
    .trim();
}

function decodeEntity(name: string): string | undefined {
  const [, hex, decimal = ''] = /^#(?:x([\da-f]+)|(\d+))$/i.exec(name) ?? [];
  const code = hex === undefined ? Number.parseInt(decimal, 10) : Number.parseInt(hex, 16);
  return name.startsWith('#')
    ? code <= 0x10ffff
      ? String.fromCodePoint(code)
      : undefined
    : NAMED_ENTITIES[name.toLowerCase()];
}
