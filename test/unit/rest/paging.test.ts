import assert from 'node:assert/strict';
import {
  readContinuationToken,
  readPage,
  readPlace,
  readTop,
  withContinuationToken,
  withMoreSkipped,
} from '../../../tasks/AzureDevOpsTokenV1/src/rest/page';
import { MAX_PAGES } from '../../../tasks/AzureDevOpsTokenV1/src/limits';
import { Pager } from '../../../tasks/AzureDevOpsTokenV1/src/rest/paging';
import { response } from '../http/fake-response';

const at = (query: string) => new URL(`https://dev.azure.com/MyOrg/_apis/x${query}`);

describe('the list of a page', () => {
  for (const [name, body, list] of [
    ['value', { count: 1, value: [1] }, 'value'],
    ['value before all others', { members: [2], value: [1], items: [3] }, 'value'],
    ['members before items', { items: [3], members: [1], continuationToken: 'x' }, 'members'],
    ['items', { items: [1], others: [2] }, 'items'],
    ['the only one', { comments: [1], totalCount: 1 }, 'comments'],
    ['the body itself', [1], undefined],
    ['empty', { value: [], other: [1] }, 'value'],
  ] as const) {
    it(`is ${name}`, () => {
      const json = JSON.stringify(body);
      const page = readPage(json, body);
      assert.ok('name' in page);
      assert.equal(page.name, list);
      assert.equal('others' in page && page.others.some(([other]) => !(other in body)), false);
      const isEmpty = name === 'empty';
      assert.deepEqual([json.slice(...page.items), page.count], isEmpty ? ['', 0] : ['1', 1]);
    });
  }

  for (const [body, lists] of [
    [{}, []],
    [null, []],
    [5, []],
    ['value', []],
    [{ value: 5 }, []],
    [{ a: [1], b: [2], c: 3 }, ['a', 'b']],
  ] as const) {
    it(`is none in ${JSON.stringify(body)}`, () => {
      assert.deepEqual(readPage(JSON.stringify(body), body), { lists });
    });
  }

  it('stays as it is written, with all that stands beside it', () => {
    const json =
      '{ "total" : 12345678901234567890, "value" :[ {"id": 9007199254740993 ,"a":"]\\"}"}, [1] ] , "\\u0078":{"value":[7]} }';
    const page = readPage(json, JSON.parse(json));
    assert.ok('name' in page);
    assert.equal(json.slice(...page.items), '{"id": 9007199254740993 ,"a":"]\\"}"}, [1]');
    assert.deepEqual(page.others, [
      ['total', '12345678901234567890'],
      ['x', '{"value":[7]}'],
    ]);
  });

  it('is found by its bytes, whatever characters come before it', () => {
    const json = '{"a":"é–😀","value":["é",2]}';
    const page = readPage(json, JSON.parse(json));
    assert.ok('name' in page);
    assert.equal(
      Buffer.from(json)
        .subarray(...page.items)
        .toString(),
      '"é",2',
    );
  });

  it('has the same digest as another one only if its items are the same', () => {
    const long = 'x'.repeat(3_000_000);
    const digests = [[long], [`${long}y`], [long, 1], [1], [2]].map((body) => {
      const page = readPage(JSON.stringify(body), body);
      return 'digest' in page ? page.digest : assert.fail();
    });
    assert.equal(new Set(digests).size, digests.length);
    const again = readPage(JSON.stringify({ value: [long] }), { value: [long] });
    assert.equal('digest' in again && again.digest, digests[0]);
  });
});

describe('the token of the next page', () => {
  const token = (headers: Readonly<Record<string, string>>, body: unknown) =>
    readContinuationToken(response(200, headers), placeOf(body));
  const placeOf = (body: unknown) => {
    const fields = Array.isArray(body) ? body : { value: [], ...(body as object | null) };
    const page = readPage(JSON.stringify(fields), fields);
    return 'place' in page ? page.place : assert.fail('it has no list');
  };

  for (const [name, [headers, body, expected]] of Object.entries({
    'in the header': [{ 'x-ms-continuationtoken': 'a' }, {}, 'a'],
    'in the body': [{}, { continuationToken: 'b' }, 'b'],
    'in a list of the body': [{}, { continuationToken: ['c'] }, 'c'],
    'in both': [{ 'x-ms-continuationtoken': 'a' }, { continuationToken: 'b' }, 'a'],
    'on a page before the last': [{}, { continuationToken: 'd', hasMore: true }, 'd'],
    'on the last page of the audit log': [
      {},
      { continuationToken: 'd', hasMore: false },
      undefined,
    ],
    'on the last page of a report of work items': [
      { 'x-ms-continuationtoken': 'd' },
      { continuationToken: 'd', isLastBatch: true },
      undefined,
    ],
    empty: [{ 'x-ms-continuationtoken': '' }, {}, undefined],
    null: [{}, { continuationToken: null }, undefined],
    'a number': [{}, { continuationToken: 5 }, '5'],
    'a number in a list': [{}, { continuationToken: [50, 6] }, '50'],
    'a boolean': [{}, { continuationToken: true }, undefined],
    'on the last page of test cases': [
      {},
      { continuationToken: 'd', hasMoreElements: false },
      undefined,
    ],
    nowhere: [{}, [1], undefined],
    'of nothing': [{}, null, undefined],
  } as const)) {
    it(`(${name}) is ${expected ?? 'none'}`, () => {
      assert.equal(token(headers, body), expected);
    });
  }

  it('has all digits of a number', () => {
    for (const text of ['9007199254740993', '[ 12345678901234567890, 6 ]', '-1.5E+300']) {
      const json = `{"x":1,"continuationToken": ${text} }`;
      assert.equal(readPlace(json, JSON.parse(json)).token, /[^[\], ]+/.exec(text)?.[0]);
    }
  });

  it('is added to the address, or replaces the one before', () => {
    const next = withContinuationToken(at('?$top=5'), 'a/b&c');
    assert.equal(next.searchParams.get('continuationToken'), 'a/b&c');
    assert.equal(next.searchParams.get('$top'), '5');
    const again = withContinuationToken(at('?ContinuationToken=x&y=z'), 'n');
    assert.equal(again.search, '?ContinuationToken=n&y=z');
  });
});

describe('a page without a token', () => {
  for (const [query, top] of [
    ['?$top=100', 100],
    ['?%24TOP=7', 7],
    ['?searchCriteria.$top=50', 50],
    ['?top=9', undefined],
    ['?my$top=9', undefined],
    ['?$topics=9', undefined],
    ['?$top=0', undefined],
    ['?$top=all', undefined],
    ['?$top=1.5', undefined],
    ['', undefined],
  ] as const) {
    it(`has ${top ?? 'an unknown number of'} items at most: ${query}`, () => {
      assert.equal(readTop(at(query)), top);
    });
  }

  it('is followed by the one that begins later', () => {
    assert.equal(withMoreSkipped(at('?$top=2'), 2).searchParams.get('$skip'), '2');
    const next = withMoreSkipped(at('?searchCriteria.$top=2'), 2);
    assert.equal(next.searchParams.get('searchCriteria.$skip'), '2');
    const topics = withMoreSkipped(at('?topics.$top=2'), 2);
    assert.equal(topics.searchParams.get('topics.$skip'), '2');
    assert.equal(withMoreSkipped(at('?$SKIP=10&$top=2'), 2).searchParams.get('$SKIP'), '12');
  });

  it('leaves the address that it comes from as it was', () => {
    const url = at('?$top=2');
    withMoreSkipped(url, 2);
    withContinuationToken(url, 'x');
    assert.equal(url.search, '?$top=2');
  });
});

/** What comes after each of several pages: the query of the next one, or the end. */
function follow(
  query: string,
  ...pages: readonly (readonly [items: unknown[], token?: string | undefined, fields?: object])[]
) {
  const pager = new Pager(new URL(`https://dev.azure.com/MyOrg/_apis/x${query}`));
  return pages.map(([value, token, fields]) => {
    const body = { value, ...fields };
    const page = readPage(JSON.stringify(body), body);
    assert.ok('name' in page);
    const headers = token === undefined ? {} : { 'x-ms-continuationtoken': token };
    const next = pager.follow(response(200, headers), page);
    switch (next.kind) {
      case 'page':
        return next.url.search;
      case 'token':
        return withContinuationToken(new URL(`https://dev.azure.com/${query}`), next.text).search;
      case 'link':
        return `link ${next.text}`;
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

  it('are followed by their links', () => {
    for (const name of ['@odata.nextLink', '@nextLink', 'odata.nextLink', 'nextLink', 'nextPage']) {
      const context = { '@odata.context': 'c' };
      const pages = follow(
        '?$top=1',
        [[1], undefined, { ...context, [name]: 'u' }],
        [[2], undefined, context],
      );
      assert.deepEqual(pages, ['link u', 'end']);
    }
    assert.deepEqual(follow('?$top=1', [[1], undefined, { '@odata.context': 'c' }]), ['end']);
    assert.deepEqual(follow('', [[1], undefined, { nextLink: 'u', hasMore: false }]), ['end']);
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
    assert.deepEqual(follow('?$top=9', [[1]], [[1], 't']).at(-1), loop('page', '2'));
    assert.deepEqual(follow('?$top=1', [[1]], [[2]], [[1]]).at(-1), loop('page', '3'));
  });

  it('do not go on for ever', () => {
    const pages = Array.from({ length: MAX_PAGES }, (_, index): [unknown[], string] => [
      [index],
      `t${index}`,
    ]);
    const ends = follow('', ...pages);
    assert.equal(ends.at(-2), `?continuationToken=t${MAX_PAGES - 2}`);
    assert.deepEqual(ends.at(-1), loop('end', '10,000'));
  });

  it('may be no pages at all, where a short one comes again', () => {
    assert.deepEqual(follow('?$top=9', [[1]], [[1]]), ['?%24top=9&%24skip=1', 'end? again']);
  });
});
