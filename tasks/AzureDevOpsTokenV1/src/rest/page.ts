import { createHash } from 'node:crypto';
import type { HttpResponse } from '../http/response';
import { asFields } from '../json-object';
import { findFields, findItems, type Span } from './raw-json';

/** One page of a list. */
export interface Page {
  /** The name of the list among the fields of the body; undefined where the body is the list. */
  readonly name: string | undefined;
  /** How many items it has. */
  readonly count: number;
  /** Where its items are in the bytes of the body, between the brackets. */
  readonly items: Span;
  /** Of the items: tells pages apart. */
  readonly digest: string;
  /** The other fields, as they are written, without other lists. */
  readonly others: readonly (readonly [name: string, json: string])[];
  readonly place: PagePlace;
}

/** What the body of a page says of its place among the pages. */
export interface PagePlace {
  readonly token: string | undefined;
  /** It says that there is no other page. */
  readonly isLast: boolean;
}

/** A body without a list, or with several of which none is the one. */
export interface NoPage {
  /** The names of its lists. */
  readonly lists: readonly string[];
}

// The names of most lists, in the order in which they count where a body has several.
const NAMES = ['value', 'members', 'items'];
const HEADER = 'x-ms-continuationtoken';
const DIGEST_PIECE = 1024 * 1024;

/**
 * Reads the one list of a body: `value`, else `members`, else `items`, else the only one.
 * @param body what the JSON says
 */
export function readPage(json: string, body: unknown): Page | NoPage {
  const place = readPlace(body);
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
  // Not all of it is copied at once: it may be large.
  for (let at = start; at < end; at += DIGEST_PIECE) {
    hash.update(json.slice(at, Math.min(end, at + DIGEST_PIECE)));
  }
  const from = Buffer.byteLength(json.slice(0, start));
  const to = from + Buffer.byteLength(json.slice(start, end));
  return { items: [from, to], digest: hash.digest('base64') };
}

/**
 * By what the next page is asked for: of the header, else of the body; nothing on the last page, which may have one all
 * the same.
 */
export function readContinuationToken(
  { header }: HttpResponse,
  { token, isLast }: PagePlace,
): string | undefined {
  const text = header(HEADER) ?? token;
  return isLast || text === '' ? undefined : text;
}

/** The address of the page with a token. */
export function withContinuationToken(url: URL, token: string): URL {
  return withParameter(url, 'continuationToken', token);
}

/** How many items a page was asked to have (`$top`, `searchCriteria.$top`); nothing where the address does not say. */
export function readTop(url: URL): number | undefined {
  const [, top = ''] = findTop(url) ?? [];
  return /^[1-9]\d{0,8}$/.test(top) ? Number(top) : undefined;
}

/** The address of the page that begins so many items later. */
export function withMoreSkipped(url: URL, count: number): URL {
  const name = findTop(url)?.[0].replace(/top$/i, 'skip') ?? '$skip';
  const skipped = Number(findParameter(url, name)?.[1] ?? 0);
  return withParameter(url, name, String(skipped + count));
}

/** Lists of users and groups have their token as a list of one. */
function readPlace(body: unknown): PagePlace {
  const { continuationToken, hasMore, isLastBatch } = asFields(body);
  const token: unknown = Array.isArray(continuationToken)
    ? continuationToken[0]
    : continuationToken;
  return {
    token: typeof token === 'string' ? token : undefined,
    // Of the audit log, and of the reports of work items: their last pages have a token, to ask again later.
    isLast: hasMore === false || isLastBatch === true,
  };
}

function findTop(url: URL): readonly [string, string] | undefined {
  return [...url.searchParams].find(([name]) => /(?:^|\.)\$top$/i.test(name));
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
