import type { Answer } from '../azure-devops/answer';

/** One page of a list. */
export interface Page {
  /** The name of the list among the fields of the body; undefined where the body is the list. */
  readonly name: string | undefined;
  readonly items: readonly unknown[];
}

// The names of most lists, in the order in which they count where a body has several.
const NAMES = ['value', 'members', 'items'];
const HEADER = 'x-ms-continuationtoken';

/** The one list of a body: `value`, else `members`, else `items`, else the only one; nothing where it has none. */
export function readPage(body: unknown): Page | undefined {
  if (Array.isArray(body)) {
    return { name: undefined, items: body };
  }
  const fields = (body ?? {}) as Readonly<Record<string, unknown>>;
  const lists = Object.keys(fields).filter((field) => Array.isArray(fields[field]));
  const name =
    NAMES.find((known) => lists.includes(known)) ?? (lists.length === 1 ? lists[0] : undefined);
  return name === undefined ? undefined : { name, items: fields[name] as readonly unknown[] };
}

/**
 * By what the next page is asked for: of the header, else of the body; nothing on the last page. Lists of users and groups
 * have it as a list of one in their bodies, and the audit log has one on its last page, too.
 */
export function readContinuationToken({ header }: Answer, body: unknown): string | undefined {
  const { continuationToken, hasMore } = (body ?? {}) as Readonly<Record<string, unknown>>;
  if (hasMore === false) {
    return undefined;
  }
  const inBody: unknown = Array.isArray(continuationToken)
    ? continuationToken[0]
    : continuationToken;
  const token = header(HEADER) ?? inBody;
  return typeof token === 'string' && token !== '' ? token : undefined;
}

/** The address of the page with a token. */
export function withContinuationToken(url: URL, token: string): URL {
  return withParameter(url, 'continuationToken', token);
}

/** How many items a page was asked to have (`$top`); nothing where the address does not say. */
export function readTop(url: URL): number | undefined {
  const top = findParameter(url, '$top')?.[1] ?? '';
  return /^[1-9]\d{0,8}$/.test(top) ? Number(top) : undefined;
}

/** The address of the page that begins so many items later. */
export function withMoreSkipped(url: URL, count: number): URL {
  const skipped = Number(findParameter(url, '$skip')?.[1] ?? 0);
  return withParameter(url, '$skip', String(skipped + count));
}

/** Azure DevOps reads the names of parameters without case. */
function findParameter(url: URL, name: string): readonly [string, string] | undefined {
  return [...url.searchParams].find(([own]) => own.toLowerCase() === name.toLowerCase());
}

function withParameter(url: URL, name: string, value: string): URL {
  const next = new URL(url);
  next.searchParams.set(findParameter(url, name)?.[0] ?? name, value);
  return next;
}
