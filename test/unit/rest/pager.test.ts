import assert from 'node:assert/strict';
import { readPage } from '../../../tasks/AzureDevOpsTokenV1/src/rest/paging';
import { MOST_PAGES, Pager } from '../../../tasks/AzureDevOpsTokenV1/src/rest/pager';
import { answer } from '../http/fake-response';

/** What comes after each of several pages: the query of the next one, or the end. */
function follow(query: string, ...pages: readonly (readonly [items: unknown[], token?: string])[]) {
  const pager = new Pager(new URL(`https://dev.azure.com/MyOrg/_apis/x${query}`));
  return pages.map(([value, token]) => {
    const body = { value };
    const page = readPage(JSON.stringify(body), body);
    assert.ok('name' in page);
    const headers = token === undefined ? {} : { 'x-ms-continuationtoken': token };
    const next = pager.follow(answer(200, headers), page);
    switch (next.kind) {
      case 'page':
        return next.url.search;
      case 'end':
        return next.isKnown ? 'end' : `end?${next.isRepeated ? ' again' : ''}`;
      case 'problem':
        return next.problem;
    }
  });
}

const loop = (what: 'token' | 'page' | 'end', name: string) => ({
  kind: 'paging-loop',
  what,
  name,
});

describe('the pages of a list', () => {
  it('are followed by their tokens', () => {
    assert.deepEqual(follow('?a=b', [[1], 't'], [[2], 'u'], [[3]]), [
      '?a=b&continuationToken=t',
      '?a=b&continuationToken=u',
      'end',
    ]);
  });

  it('are followed by their tokens although there is $top', () => {
    assert.deepEqual(follow('?$top=1', [[1], 't'], [[2]]), [
      '?%24top=1&continuationToken=t',
      'end',
    ]);
  });

  it('are followed where one has no items', () => {
    assert.deepEqual(follow('', [[], 't'], [[], 'u'], [[1]]), [
      '?continuationToken=t',
      '?continuationToken=u',
      'end',
    ]);
  });

  it('are followed by $skip until one has no items', () => {
    assert.deepEqual(follow('?$top=2', [[1, 2]], [[3, 4]], [[5]], [[]]), [
      '?%24top=2&%24skip=2',
      '?%24top=2&%24skip=4',
      '?%24top=2&%24skip=5',
      'end',
    ]);
  });

  it('begin where the author says', () => {
    assert.deepEqual(follow('?$top=2&$skip=10', [[1, 2]], [[]]), ['?%24top=2&%24skip=12', 'end']);
  });

  it('are not followed without a token and $top, and that is no certainty', () => {
    assert.deepEqual(follow('', [[1, 2]]), ['end?']);
    assert.deepEqual(follow('', [[]]), ['end?']);
  });

  it('go in circles where a token comes again', () => {
    assert.deepEqual(follow('', [[1], 't'], [[2], 'u'], [[3], 't']).at(-1), loop('token', 't'));
  });

  it('go in circles where a page comes again', () => {
    assert.deepEqual(follow('', [[1], 't'], [[1], 'u']).at(-1), loop('page', '2'));
    assert.deepEqual(follow('', [[1], 't'], [[2], 'u'], [[1]]).at(-1), loop('page', '3'));
    assert.deepEqual(follow('?$top=1', [[1]], [[1]]).at(-1), loop('page', '2'));
    assert.deepEqual(follow('?$top=1', [[1]], [[2]], [[1]]).at(-1), loop('page', '3'));
  });

  it('do not go on for ever', () => {
    const pages = Array.from({ length: MOST_PAGES }, (_, index): [unknown[], string] => [
      [index],
      `t${index}`,
    ]);
    const ends = follow('', ...pages);
    assert.equal(ends.at(-2), `?continuationToken=t${MOST_PAGES - 2}`);
    assert.deepEqual(ends.at(-1), loop('end', '10,000'));
  });

  it('may be no pages at all, where a short one comes again', () => {
    assert.deepEqual(follow('?$top=9', [[1]], [[1]]), ['?%24top=9&%24skip=1', 'end? again']);
  });
});
