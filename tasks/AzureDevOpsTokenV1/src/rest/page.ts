import { createHash } from 'node:crypto';
import type { HttpResponse } from '../http/response';
import { asFields } from '../json-object';
import { findFields, findItems, type Span } from './raw-json';

/** One page of a list. */
export interface Page {
  /** The field of the body that is the list; undefined if the body itself is the list. */
  readonly name: string | undefined;
  /** The number of items. */
  readonly count: number;
  /** The position of the items in the bytes of the body, without the brackets. */
  readonly items: Span;
  /** A digest of the items, which shows whether two pages are the same. */
  readonly digest: string;
  /** The text of the other fields, without other lists. */
  readonly others: readonly (readonly [name: string, json: string])[];
  readonly place: PagePlace;
}

/** What the body of a page says about the next page. */
export interface PagePlace {
  readonly token: string | undefined;
  /** The URL of the next page, if the body has one. */
  readonly nextLink?: string | undefined;
  /** Whether the body says that this is the last page. */
  readonly isLast: boolean;
}

/** A body without a list, or with several lists of which none has a known name. */
export interface NoPage {
  /** The names of its lists. */
  readonly lists: readonly string[];
}

// The names of most lists. If a body has several of them, the first one counts.
const NAMES = ['value', 'members', 'items'];
const HEADER = 'x-ms-continuationtoken';
/**
 * The fields with the URL of the next page: of Analytics in each version of OData, of reports of revisions, and of comments.
 * https://learn.microsoft.com/azure/devops/report/analytics/analytics-query-parts (server-side paging)
 */
const NEXT_LINKS = ['@odata.nextLink', '@nextLink', 'odata.nextLink', 'nextLink', 'nextPage'];
/** The fields about the place of a page in its list, which would be wrong in the joined list. */
const OF_THE_PAGE = new Set([
  ...NEXT_LINKS,
  'count',
  'continuationToken',
  'hasMore',
  'hasMoreElements',
  'isLastBatch',
  // Changes of an iteration of a pull request: GitPullRequestIterationChanges.
  'nextSkip',
  'nextTop',
]);

/** Whether a field belongs to one page only. */
export function isOfPage(field: string): boolean {
  return OF_THE_PAGE.has(field);
}
const DIGEST_PIECE = 1024 * 1024;

/**
 * Finds the list of a body: `value`, else `members`, else `items`, else the only list.
 * @param body the parsed JSON
 */
export function readPage(json: string, body: unknown): Page | NoPage {
  const place = readPlace(json, body);
  if (Array.isArray(body)) {
    const items = describeItems(json, findItems(json));
    return { name: undefined, count: body.length, ...items, others: [], place };
  }
  const fields = asFields(body);
  const lists = Object.keys(fields).filter((field) => Array.isArray(fields[field]));
  const name =
    NAMES.find((known) => lists.includes(known)) ?? (lists.length === 1 ? lists[0] : undefined);
  if (name === undefined) {
    return { lists };
  }
  const spans = findFields(json);
  const items = describeItems(json, findItems(json, spans.get(name)));
  const others = [...spans]
    .filter(([other]) => !lists.includes(other))
    .map(([other, span]) => [other, json.slice(...span)] as const);
  return { name, count: (fields[name] as readonly unknown[]).length, ...items, others, place };
}

function describeItems(json: string, [start, end]: Span): Pick<Page, 'items' | 'digest'> {
  const hash = createHash('sha256');
  // The text is hashed in pieces, because a copy of a large text would need much memory.
  for (let at = start; at < end; at += DIGEST_PIECE) {
    hash.update(json.slice(at, Math.min(end, at + DIGEST_PIECE)));
  }
  const from = Buffer.byteLength(json.slice(0, start));
  const to = from + Buffer.byteLength(json.slice(start, end));
  return { items: [from, to], digest: hash.digest('base64') };
}

/**
 * The continuation token of the next page, from the header or else from the body. Undefined on the last page, even if that
 * page has a token.
 */
export function readContinuationToken(
  { header }: HttpResponse,
  { token, isLast }: PagePlace,
): string | undefined {
  const text = header(HEADER) ?? token;
  return isLast || text === '' ? undefined : text;
}

/** The URL of the page with a continuation token. */
export function withContinuationToken(url: URL, token: string): URL {
  return withParameter(url, 'continuationToken', token);
}

/** The number of items that the URL requests for each page (`$top`, `searchCriteria.$top`); undefined if it requests none. */
export function readTop(url: URL): number | undefined {
  const [, top = ''] = findTop(url) ?? [];
  return /^[1-9]\d{0,8}$/.test(top) ? Number(top) : undefined;
}

/** The URL of the page that begins `count` items later. */
export function withMoreSkipped(url: URL, count: number): URL {
  const name = findTop(url)?.[0].replace(/top$/i, 'skip') ?? '$skip';
  const skipped = Number(findParameter(url, name)?.[1] ?? 0);
  return withParameter(url, name, String(skipped + count));
}

/** Reads the place of a page from its JSON. Lists of users and groups have their token in a list with one item. */
export function readPlace(json: string, body: unknown): PagePlace {
  const fields = asFields(body);
  const { continuationToken, hasMore, hasMoreElements, isLastBatch } = fields;
  const token: unknown = Array.isArray(continuationToken)
    ? continuationToken[0]
    : continuationToken;
  const nextLink = NEXT_LINKS.map((name) => asText(fields[name])).find(Boolean);
  return {
    token: typeof token === 'number' ? readNumber(json, token) : asText(token),
    nextLink,
    isLast:
      // The last pages of the audit log and of work item reports have a token, with which a later run can continue.
      [hasMore, hasMoreElements].includes(false) ||
      isLastBatch === true ||
      // In OData, a page without a link is the last one, also if the URL has $top: OData 4.01 protocol, 11.2.6.7.
      ('@odata.context' in fields && nextLink === undefined),
  };
}

/** A continuation token that is a number, as the server wrote it: `JSON.parse` rounds numbers above 2^53. */
function readNumber(json: string, rounded: number): string {
  const [start, end] = findFields(json).get('continuationToken') ?? [0, 0];
  return /[\d.eE+-]+/.exec(json.slice(start, end))?.[0] ?? String(rounded);
}

function asText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function findTop(url: URL): readonly [string, string] | undefined {
  return [...url.searchParams].find(([name]) => /(?:^|\.)\$top$/i.test(name));
}

/** Finds a parameter by its name in any case, as Azure DevOps does. */
function findParameter(url: URL, name: string): readonly [string, string] | undefined {
  return [...url.searchParams].find(([own]) => own.toLowerCase() === name.toLowerCase());
}

function withParameter(url: URL, name: string, value: string): URL {
  const next = new URL(url);
  next.searchParams.set(findParameter(url, name)?.[0] ?? name, value);
  return next;
}
