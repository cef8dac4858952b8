import assert from 'node:assert/strict';
import { JoinedList } from '../../../tasks/AzureDevOpsTokenV1/src/rest/joined-list';
import { readPage } from '../../../tasks/AzureDevOpsTokenV1/src/rest/page';

const HEAD = { url: new URL('https://dev.azure.com/x'), status: 200, headers: {} };

async function joined(pages: readonly unknown[], keptBytes = 1_000) {
  const written: string[] = [];
  const list = new JoinedList(
    {
      start: ({ status }) => {
        written.push(`${status} `);
        return Promise.resolve(true);
      },
      write: (piece) => {
        written.push(Buffer.from(piece).toString());
        return Promise.resolve();
      },
    },
    keptBytes,
  );
  for (const body of pages) {
    const json = JSON.stringify(body);
    const page = readPage(json, body);
    assert.ok('name' in page);
    await list.add(page, HEAD, [Buffer.from(json).subarray(...page.items)]);
  }
  const received = await list.end();
  return { list, received, written: written.join('') };
}

describe('a joined list', () => {
  for (const [name, [pages, expected]] of Object.entries({
    'of one page': [[{ value: [1, 2] }], '{"value":[1,2]}'],
    'of several': [[{ value: [1] }, { value: [2, 3] }], '{"value":[1,2,3]}'],
    'of lists': [[[1], [2]], '[1,2]'],
    'of nothing': [[{ count: 0, value: [] }], '{"value":[],"count":0}'],
    'of empty pages': [[[], [1], [], [2]], '[1,2]'],
    'with its own count': [
      [
        { count: 1, value: [1] },
        { count: 1, value: [2] },
      ],
      '{"value":[1,2],"count":2}',
    ],
    'with the other fields of the first page': [
      [
        { totalCount: 2, value: [1], 'a"b': { c: [1] }, continuationToken: 't', hasMore: true },
        { totalCount: 9, value: [2] },
      ],
      '{"totalCount":2,"a\\"b":{"c":[1]},"value":[1,2]}',
    ],
    'without other lists': [[{ members: [1], items: [1] }, { members: [2] }], '{"members":[1,2]}'],
    'without what leads to other pages': [
      [{ values: [1], nextLink: 'x', nextPage: 'y', isLastBatch: false }],
      '{"values":[1]}',
    ],
  } as const)) {
    it(`${name} is one document`, async () => {
      const { written, received } = await joined(pages);
      assert.equal(written, `200 ${expected}`);
      assert.equal(received.bytes.toString(), expected);
      assert.deepEqual([received.isKept, received.isWhole], [true, true]);
    });
  }

  it('counts its items and pages', async () => {
    const { list } = await joined([[1, 2], [], [3]]);
    assert.deepEqual([list.count, list.pages], [3, 3]);
  });

  it('is kept in memory as far as it may be', async () => {
    assert.equal((await joined([[1], [2]], 5)).received.isKept, true);
    const { received, written } = await joined([[1], [2]], 4);
    assert.deepEqual([received.isKept, received.bytes.length], [false, 0]);
    assert.equal(written, '200 [1,2]');
  });
});
