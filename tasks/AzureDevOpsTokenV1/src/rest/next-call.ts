import type { ResponseProblem } from '../errors/rest-response';
import { mayGetToken } from '../hosts';
import type { HttpResponse } from '../http/response';
import type { RestCall } from '../inputs/task-inputs';
import { withContinuationToken } from './page';
import type { NextPage } from './paging';
import { findFields } from './raw-json';
import { withUrl, type CurrentCall } from './outcome';

type Found = Extract<NextPage, { kind: 'page' | 'token' | 'link' }>;

/**
 * The request of the next page.
 * @param first the request of the first page, whose URL or body gets a continuation token
 * @param response of the page before
 */
export function toNextCall(
  first: RestCall,
  found: Found,
  { response, allowedHosts }: { response: HttpResponse; allowedHosts: readonly string[] },
): CurrentCall | ResponseProblem {
  // A host that may not get the token chooses what comes after its page, also if that is at a host that may get it.
  const { tokenWithheldFrom } = response;
  switch (found.kind) {
    case 'page':
      return { ...withUrl(first, found.url), tokenWithheldFrom };
    case 'token':
      return { ...withToken(first, found.text), tokenWithheldFrom };
    case 'link':
      return followLink(first, found.text, { response, allowedHosts });
  }
}

function withToken(first: RestCall, token: string): CurrentCall {
  return first.method === 'POST'
    ? { ...withUrl(first, first.url), body: withBodyToken(first.body ?? '', token) }
    : withUrl(first, withContinuationToken(first.url, token));
}

/**
 * Follows a link as a redirect is followed: the token and the headers of the author go only to hosts that may get the token, and
 * after the first other host to none, because that host chooses all later URLs.
 */
function followLink(
  first: RestCall,
  link: string,
  { response, allowedHosts }: { response: HttpResponse; allowedHosts: readonly string[] },
): CurrentCall | ResponseProblem {
  const url = URL.canParse(link, response.url.href) ? new URL(link, response.url) : undefined;
  const isTrusted = url !== undefined && mayGetToken(url, allowedHosts);
  if (url === undefined || first.method !== 'GET' || !(isTrusted || url.protocol === 'https:')) {
    return { kind: 'next-link', target: url === undefined ? '' : url.origin };
  }
  const tokenWithheldFrom = response.tokenWithheldFrom ?? (isTrusted ? undefined : url.host);
  return { ...withUrl(first, url), tokenWithheldFrom };
}

const TOKEN = 'continuationToken';

/** Sets the token in the JSON of a body, which has a field for it. Everything else stays as its author wrote it. */
function withBodyToken(json: string, token: string): string {
  const [start, end] = findFields(json).get(TOKEN) ?? [0, 0];
  return `${json.slice(0, start)}${JSON.stringify(token)}${json.slice(end)}`;
}
