import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HttpResponse } from '../../../tasks/AzureDevOpsTokenV1/src/http/response';
import type { RestCall } from '../../../tasks/AzureDevOpsTokenV1/src/inputs/task-inputs';
import { readPages } from '../../../tasks/AzureDevOpsTokenV1/src/rest/read-pages';
import { response } from '../http/fake-response';
import { FakeClock } from '../fakes';

const CALL = {
  method: 'GET',
  url: new URL('https://dev.azure.com/MyOrg/_apis/x'),
  isExpected: (status: number): boolean => status === 200 || status === 404,
} as RestCall;
const TYPE = { 'content-type': 'application/json', activityid: 'x' };

const page = (items: readonly unknown[], token?: string) =>
  response(
    200,
    { ...TYPE, ...(token === undefined ? {} : { 'x-ms-continuationtoken': token }) },
    JSON.stringify({ value: items }),
  );

/** Reads pages, each of which takes some seconds; all that happens, in order. */
async function read(pages: readonly HttpResponse[], secondsEach = 1, call = CALL) {
  const events: string[] = [];
  const clock = new FakeClock();
  const left = [...pages];
  const outcome = await readPages(call, {
    allowedHosts: [],
    send: ({ url }) => {
      events.push(`ask${url.search}`);
      clock.advance(secondsEach * 1000);
      return Promise.resolve(left.shift() ?? assert.fail('there is no other page'));
    },
    sink: {
      start: ({ status }) => {
        events.push(`start ${status}`);
        return Promise.resolve(true);
      },
      write: (piece) => {
        events.push(`write ${Buffer.from(piece).toString()}`);
        return Promise.resolve();
      },
    },
    keptBytes: 1_000,
    clock,
    log: (line) => events.push(line),
  });
  return { outcome, events };
}

describe('the pages of a list', () => {
  it('are each asked for before the one before is written', async () => {
    const { outcome, events } = await read([page([1], 't'), page([2], 'u'), page([3])]);
    assert.deepEqual(events, [
      'ask',
      'ask?continuationToken=t',
      'start 200',
      'write {"value":[',
      'write 1',
      'ask?continuationToken=u',
      'write ,',
      'write 2',
      'write ,',
      'write 3',
      'write ]}',
      'The list has 3 items on 3 pages.',
    ]);
    assert.equal(outcome.response.bytes.toString(), '{"value":[1,2,3]}');
    assert.deepEqual(
      [outcome.statusProblem, outcome.problem, outcome.warnings],
      [undefined, undefined, []],
    );
  });

  it('are given up for a page that fails while the one before it is written', async () => {
    const failure = new Error('The connection broke off');
    const unhandled: unknown[] = [];
    const others = process.listeners('unhandledRejection');
    process.removeAllListeners('unhandledRejection').on('unhandledRejection', (error) => {
      unhandled.push(error);
    });
    const requests = [() => Promise.resolve(page([1], 't')), () => Promise.reject(failure)];
    const reading = readPages(CALL, {
      send: () => requests.shift()?.() ?? assert.fail('there is no other page'),
      sink: {
        start: () => Promise.resolve(true),
        // Node.js reports a rejection that is not handled before the next turn of its loop.
        write: () => sleep(1),
      },
      allowedHosts: [],
      keptBytes: 1_000,
      clock: new FakeClock(),
      log: () => undefined,
    });
    try {
      await assert.rejects(reading, failure);
    } finally {
      process.removeAllListeners('unhandledRejection');
      others.forEach((listener) => process.on('unhandledRejection', listener));
    }
    assert.deepEqual(unhandled, []);
  });

  it('show how far they are every ten seconds', async () => {
    const pages = [page([1], 'a'), page([2], 'b'), page([3], 'c'), page([4])];
    const { events } = await read(pages, 5);
    const lines = events.filter((event) => event.endsWith('so far.'));
    assert.deepEqual(lines, [
      'The list has 1 item on 1 page so far.',
      'The list has 3 items on 3 pages so far.',
    ]);
  });

  it('may be in doubt', async () => {
    const { outcome } = await read([page([1, 2])]);
    assert.match(
      outcome.warnings[0] ?? '',
      /^The list may be incomplete: it has 2 items on 1 page, and the API returned no continuation token\.\nIf the list is complete, ignore this warning\. .* add for example \$top=100 to the query of url\.\nTroubleshooting: Warning: the list may be incomplete$/,
    );
  });

  for (const [name, [bad, kind]] of Object.entries({
    'no JSON': [response(200, TYPE, 'x'), 'not-json'],
    'no list': [response(200, TYPE, '{}'), 'no-list'],
    'the same page': [page([1], 'v'), 'paging-loop'],
    'a page with a link that may not be followed': [
      response(200, TYPE, '{"value":[2],"@odata.nextLink":"http://store.example.com/x"}'),
      'next-link',
    ],
  } as const)) {
    it(`leave nothing where one is ${name}`, async () => {
      const { outcome } = await read([page([1], 't'), bad, page([])]);
      assert.equal(outcome.problem?.kind, kind);
      assert.equal(outcome.response.isWhole, false);
      assert.equal(outcome.response.bytes.length, 0);
    });
  }

  it('are given up for an answer that is no success, which is written in their place', async () => {
    // The status is one that the step expects of its first answer.
    const { outcome, events } = await read([page([1], 't'), response(404, TYPE, '{"a":1}')]);
    assert.equal(outcome.statusProblem?.kind, 'not-found');
    assert.deepEqual(events.slice(-2), ['start 404', 'write {"a":1}']);
    assert.deepEqual([outcome.response.status, outcome.response.isWhole], [404, true]);
  });

  it('are given up for a page on which a person would sign in', async () => {
    const signIn = response(
      200,
      { activityid: 'x', 'content-type': 'text/html' },
      '<title>A | Sign In</title>',
    );
    const { outcome, events } = await read([page([1], 't'), signIn]);
    assert.equal(outcome.statusProblem?.kind, 'unknown-identity');
    assert.deepEqual(events.slice(-2), ['start 200', `write ${signIn.text}`]);
  });

  it('leave an answer in no file that is too long to be known as a whole', async () => {
    const cut = { ...response(404, TYPE, '{}'), isKept: false };
    assert.equal((await read([cut])).outcome.response.isWhole, false);
    const broken = { ...response(404, TYPE, '{}'), isWhole: false };
    assert.equal((await read([broken])).outcome.response.isWhole, false);
  });

  it('have a page only once that the server gives again where it does not heed $skip', async () => {
    const top = { ...CALL, url: new URL(`${CALL.url.href}?$top=9`) };
    const { outcome } = await read([page([1]), page([1])], 1, top);
    assert.equal(outcome.response.bytes.toString(), '{"value":[1]}');
    assert.match(
      outcome.warnings[0] ?? '',
      /and the same page again for \$skip\.\nIf the list is complete, ignore/,
    );
  });

  it('say which input needs JSON', async () => {
    const { outcome } = await read([response(200, TYPE, 'x')]);
    assert.ok(outcome.problem?.kind === 'not-json');
    assert.deepEqual(
      [outcome.problem.input, outcome.problem.contentType],
      ['allPages', 'application/json'],
    );
  });

  it('are none where the step expects another answer', async () => {
    const { outcome, events } = await read([response(404, TYPE, '{"a":1}')]);
    assert.deepEqual([outcome.statusProblem, outcome.problem], [undefined, undefined]);
    assert.deepEqual(events, ['ask', 'start 404', 'write {"a":1}']);
  });
});
