// Lists in pages, each way that the published specifications show (MicrosoftDocs/vsts-rest-api-specs, version 7.2):
// git.json (refs, pull requests, commits), graph.json (groups), memberEntitlementManagement.json (members, entitlements),
// workItemTracking.json (comments, reports of revisions), audit.json (the log), wiki.json (batches of pages).
import { CONTRIBUTORS } from './collaboration';
import type { ProperResponse, RestRequest } from './rest-api';

export interface ListOptions {
  /** How many items each list has. */
  readonly total: number;
  /** How many the server gives at once, where it is not asked for fewer. */
  readonly pageSize: number;
  /** More of each item, in bytes. */
  readonly padding?: number;
}

/** What makes an item. */
export interface Item {
  readonly id: number;
  readonly name: string;
  readonly padding?: string;
}

interface PageOfItems {
  readonly items: readonly Item[];
  /** Of the next page; undefined on the last. */
  readonly token: string | undefined;
  readonly total: number;
  readonly origin: string;
}

type Shape = (page: PageOfItems) => Pick<ProperResponse, 'body' | 'headers'>;

/** By the header; servers write it in different ways. */
const inHeader =
  (name: string): Shape =>
  ({ items, token }) => ({
    body: { count: items.length, value: items },
    headers: token === undefined ? {} : { [name]: token },
  });

/** By path below the organization, in lower case. */
const BY_TOKEN: Readonly<Record<string, Shape>> = {
  '_apis/git/repositories/app/refs': inHeader('x-ms-continuationtoken'),
  '_apis/graph/groups': (page) => {
    const items = page.items.map((item) =>
      item.id === page.total - 1 ? { ...item, ...CONTRIBUTORS } : item,
    );
    return inHeader('X-MS-ContinuationToken')({ ...page, items });
  },
  '_apis/build/builds': inHeader('X-Ms-ContinuationToken'),
  '_apis/userentitlements': ({ items, token, total }) => ({
    body: { members: items, continuationToken: token ?? null, totalCount: total, items },
  }),
  '_apis/memberentitlements': ({ items, token, total }) => ({
    body: { items, continuationToken: token === undefined ? [] : [token], totalCount: total },
  }),
  '_apis/wit/workitems/1/comments': ({ items, token, total, origin }) => ({
    body: {
      totalCount: total,
      count: items.length,
      comments: items,
      ...(token === undefined
        ? {}
        : { nextPage: `${origin}/next?continuationToken=${token}`, continuationToken: token }),
    },
  }),
  '_apis/audit/auditlog': ({ items, token }) => ({
    // The last page has a token, too: for whoever asks again tomorrow.
    body: {
      decoratedAuditLogEntries: items,
      continuationToken: token ?? 'later',
      hasMore: token !== undefined,
    },
  }),
  // https://learn.microsoft.com/azure/devops/report/analytics/analytics-query-parts (server-side paging)
  '_odata/v4.0-preview/workitems': ({ items, token, origin, total }) => ({
    body: {
      '@odata.context': `${origin}/MyOrg/SecretSauce/_odata/v4.0-preview/$metadata#WorkItems`,
      '@odata.count': total,
      value: items,
      ...(token === undefined
        ? {}
        : {
            '@odata.nextLink': `${origin.replace('http:', 'https:')}/MyOrg/SecretSauce/_odata/v4.0-preview/WorkItems?$skiptoken=${token}`,
          }),
    },
  }),
  '_apis/wit/reporting/workitemrevisions': ({ items, token, origin }) => ({
    body: {
      values: items,
      nextLink: `${origin}/next?continuationToken=${token ?? 'later'}`,
      continuationToken: token ?? 'later',
      isLastBatch: token === undefined,
    },
  }),
};
const WIKI_BATCH = '_apis/wiki/wikis/secretsauce.wiki/pagesbatch';
/** The parameters that say how many of which items. */
const BY_NUMBER: Readonly<Record<string, readonly [top: string, skip: string]>> = {
  '_apis/git/repositories/app/pullrequests': ['$top', '$skip'],
  '_apis/git/repositories/app/commits': ['searchCriteria.$top', 'searchCriteria.$skip'],
};

export function answerList(
  request: RestRequest,
  path: string,
  options: ListOptions,
): ProperResponse | undefined {
  const { method, url } = request;
  const { total, pageSize, padding } = options;
  if (method === 'POST' && path === WIKI_BATCH) {
    return answerBatch(request, options);
  }
  const shape = BY_TOKEN[path];
  const names = BY_NUMBER[path];
  if (method !== 'GET' || (shape === undefined && names === undefined)) {
    return undefined;
  }
  const read = (name = '') => {
    const text = url.searchParams.get(name);
    return text === null ? undefined : Number(text);
  };
  if (names !== undefined) {
    const [top, skip] = names.map(read);
    const start = skip ?? 0;
    const end = Math.min(total, start + Math.min(top ?? pageSize, pageSize));
    const items = makeItems(start, end, padding).map((item) =>
      path.endsWith('pullrequests') ? { ...item, title: `Change ${item.id}` } : item,
    );
    return { kind: 'response', status: 200, body: { count: items.length, value: items } };
  }
  const start = Number(
    /^after-(\d+)$/.exec(
      url.searchParams.get('continuationToken') ?? url.searchParams.get('$skiptoken') ?? '',
    )?.[1] ?? 0,
  );
  const end = Math.min(total, start + Math.min(read('$top') ?? pageSize, pageSize));
  const page = {
    items: makeItems(start, end, padding),
    token: end < total ? `after-${end}` : undefined,
    total,
    origin: url.origin,
  };
  return { kind: 'response', status: 200, ...shape?.(page) };
}

/** The pages of a wiki: the body says which come next. */
function answerBatch({ body }: RestRequest, { total, pageSize }: ListOptions): ProperResponse {
  const { top, continuationToken } = JSON.parse(body.toString()) as {
    readonly top?: number;
    readonly continuationToken?: string | null;
  };
  const start = Number(continuationToken ?? 0);
  const end = Math.min(total, start + Math.min(top ?? pageSize, pageSize));
  const value = makeItems(start, end).map(({ id }) => ({ id, path: `/Sauce/${id}` }));
  return {
    kind: 'response',
    status: 200,
    headers: end < total ? { 'x-ms-continuationtoken': String(end) } : {},
    body: { count: value.length, value },
  };
}

export function makeItems(start: number, end: number, padding = 0): readonly Item[] {
  return Array.from({ length: Math.max(0, end - start) }, (_, index) => ({
    id: start + index,
    name: `item ${start + index}`,
    ...(padding === 0 ? {} : { padding: 'x'.repeat(padding) }),
  }));
}
