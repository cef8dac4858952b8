// Why the pages of a list cannot be joined.
import { untrustedText } from '../untrusted-text';
import type { AzureDevOpsContext } from './azure-devops-problem';
import { describeSentRequest } from './azure-devops-texts';
import type { ProblemTable } from './task-error';

export type ListProblem =
  /** A page without an array, or with several. */
  | {
      readonly kind: 'no-list';
      /** The names of its arrays: untrusted text. */
      readonly lists: readonly string[];
    }
  | {
      readonly kind: 'paging-loop';
      /** What was returned twice; `end`: the list has too many pages. */
      readonly what: 'token' | 'page' | 'end';
      /** The token, which is untrusted text, or the number of the page, or of pages. */
      readonly name: string;
    }
  /** The link to the next page is no https URL, or comes after another method than GET. `target` is its origin: untrusted text. */
  | { readonly kind: 'next-link'; readonly target: string };

const TOP_AND_SKIP =
  'set $top and $skip in url, for example ?$top=100&$skip=100 for the second page';

type ProblemOf<Kind extends ListProblem['kind']> = ListProblem & { readonly kind: Kind };

export const LIST_TABLE: ProblemTable<ListProblem & AzureDevOpsContext> = {
  'no-list': {
    id: 'no-list',
    heading: 'The response is not a list',
    conclusion: describeNoList,
    details: describeSentRequest,
    hint: () =>
      'Remove allPages: it joins an array at the top level of the response, which is value, else members, else items, else the only array. ' +
      `If the response has pages, use one step for each page: ${TOP_AND_SKIP}.`,
  },
  'paging-loop': {
    id: 'endless-pages',
    heading: 'The pages do not end',
    conclusion: describePagingLoop,
    details: (problem) =>
      `${describeSentRequest(problem)} The list is not complete, so it was discarded.`,
    hint: (problem) =>
      `Remove allPages, and use one step for each page: ${describePage(problem)}, as the documentation of the API says.`,
  },
  'next-link': {
    id: 'next-link',
    heading: 'The link to the next page cannot be followed',
    conclusion: ({ target }) =>
      `The link to the next page cannot be followed: ${target === '' ? 'it is not a URL' : `it leads to ${untrustedText(target)}`}.`,
    details: (problem) =>
      `${describeSentRequest(problem)} The list is not complete, so it was discarded.`,
    hint: () =>
      'Remove allPages, and use one step for each page, as the documentation of the API says. allPages follows only https links, and only after a GET.',
  },
};

/** How a step requests one page. A continuation token that the server repeats is of no use. */
function describePage({ what, method }: ProblemOf<'paging-loop'> & AzureDevOpsContext): string {
  if (method === 'POST') {
    return what === 'token' ? 'set the page in body' : 'set continuationToken in body';
  }
  return what === 'token' ? TOP_AND_SKIP : `${TOP_AND_SKIP}, or set continuationToken in url`;
}

function describeNoList({ lists }: ProblemOf<'no-list'>): string {
  const names = lists.map(untrustedText).join(', ');
  return names === ''
    ? 'The response has no array at its top level that allPages could join.'
    : `The response has several arrays (${names}), and allPages cannot choose one of them.`;
}

function describePagingLoop({ what, name: untrusted }: ProblemOf<'paging-loop'>): string {
  const name = untrustedText(untrusted);
  switch (what) {
    case 'token':
      return `The list does not end: the server returned the continuation token "${name}" for the second time.`;
    case 'page':
      return `The list does not end: page ${name} is the same as an earlier page.`;
    case 'end':
      return `The list has more than ${name} pages, which is the limit of allPages.`;
  }
}
