import { createHash } from 'node:crypto';
import type { ResponseProblem } from '../errors/rest-response';
import type { HttpResponse } from '../http/response';
import { readContinuationToken, readTop, withMoreSkipped, type Page } from './page';
import { MAX_PAGES } from '../limits';

type PagingLoop = Extract<ResponseProblem, { kind: 'paging-loop' }>;

/** What comes after a page. */
export type NextPage =
  | { readonly kind: 'page'; readonly url: URL }
  /** The page with a continuation token, or at a link of the server: untrusted text. */
  | { readonly kind: 'token' | 'link'; readonly text: string }
  | {
      readonly kind: 'end';
      /** Whether the server has said so. */
      readonly isKnown: boolean;
      /** Whether the server returned an earlier page again, because it ignores `$skip`. */
      readonly isRepeated: boolean;
    }
  | { readonly kind: 'problem'; readonly problem: ResponseProblem };

const KNOWN_END: NextPage = { kind: 'end', isKnown: true, isRepeated: false };

/** Follows the pages of a list by continuation token or link, or by `$top` and `$skip` if there is neither. */
export class Pager {
  readonly #top: number | undefined;
  /** Digests of the tokens and pages so far, because a list can have many pages. */
  readonly #tokens = new Set<string>();
  readonly #pages = new Set<string>();
  #url: URL;
  #isByToken = false;
  #wasFull = false;
  #number = 0;

  constructor(url: URL) {
    this.#url = url;
    this.#top = readTop(url);
  }

  /** @param page the page in the response */
  follow(response: HttpResponse, page: Page): NextPage {
    this.#number += 1;
    const isRepeated = page.count > 0 && !addNew(this.#pages, page.digest);
    const found = findNext(response, page);
    if (isRepeated && (this.#isByToken || found !== undefined || this.#wasFull)) {
      return loop('page', String(this.#number));
    }
    if (found !== undefined) {
      this.#isByToken = true;
      return addNew(this.#tokens, createHash('sha256').update(found.text).digest('base64'))
        ? this.#continueWith(found)
        : loop('token', found.text);
    }
    if (this.#isByToken || page.place.isLast) {
      return KNOWN_END;
    }
    if (isRepeated || this.#top === undefined) {
      return { kind: 'end', isKnown: false, isRepeated };
    }
    // A page with fewer items than requested can be all that the server returns at once. Only an empty page is surely the last.
    this.#wasFull = page.count >= this.#top;
    if (page.count === 0) {
      return KNOWN_END;
    }
    this.#url = withMoreSkipped(this.#url, page.count);
    return this.#continueWith({ kind: 'page', url: this.#url });
  }

  #continueWith(next: NextPage): NextPage {
    return this.#number < MAX_PAGES ? next : loop('end', MAX_PAGES.toLocaleString('en'));
  }
}

/** The continuation token of the next page, else the link to it. */
function findNext(
  response: HttpResponse,
  { place }: Page,
): Extract<NextPage, { text: string }> | undefined {
  const token = readContinuationToken(response, place);
  if (token !== undefined) {
    return { kind: 'token', text: token };
  }
  return place.nextLink === undefined || place.isLast
    ? undefined
    : { kind: 'link', text: place.nextLink };
}

function loop(what: PagingLoop['what'], name: string): NextPage {
  return { kind: 'problem', problem: { kind: 'paging-loop', what, name } };
}

/** @returns whether it is new */
function addNew(seen: Set<string>, digest: string): boolean {
  const isNew = !seen.has(digest);
  seen.add(digest);
  return isNew;
}
