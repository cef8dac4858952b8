import assert from 'node:assert/strict';
import type { Method } from '../../../tasks/AzureDevOpsTokenV1/src/http/method';
import type { HttpResponse } from '../../../tasks/AzureDevOpsTokenV1/src/http/response';
import type { RestCall } from '../../../tasks/AzureDevOpsTokenV1/src/inputs/task-inputs';
import { compileExpression } from '../../../tasks/AzureDevOpsTokenV1/src/jmespath';
import { findPollAddress, pollUntil } from '../../../tasks/AzureDevOpsTokenV1/src/rest/poll';
import { toOutcome } from '../../../tasks/AzureDevOpsTokenV1/src/rest/outcome';
import { FakeClock } from '../fakes';
import { response } from '../http/fake-response';

const RUN = 'https://dev.azure.com/MyOrg/_apis/pipelines/7/runs/1';
const say = (body: unknown, status = 200) =>
  response(status, { 'content-type': 'application/json', activityid: 'x' }, JSON.stringify(body));
const WAIT = {
  until: compileExpression("state == 'completed'"),
  intervalMs: 10_000,
  timeoutMs: 60_000,
};

interface Story {
  readonly call?: Partial<RestCall>;
  /** What the server asks to wait after each answer. */
  readonly askedPausesMs?: readonly number[];
  readonly lookMs?: number;
}

async function wait(answers: readonly HttpResponse[], story: Story = {}) {
  const clock = new FakeClock();
  const lines: string[] = [];
  const progress: number[] = [];
  const polls: RestCall[] = [];
  const lefts: number[] = [];
  const [first = assert.fail('there is no answer'), ...others] = answers;
  const call = {
    method: 'POST',
    url: new URL('https://dev.azure.com/MyOrg/_apis/pipelines/7/runs?a=b'),
    headers: new Map([
      ['content-type', 'a/b'],
      ['if-match', '5'],
      ['x-own', 'a'],
    ]),
    body: '{}',
    wait: WAIT,
    isExpected: (status: number) => status === 200 || status === 202,
    ...story.call,
  } as RestCall;
  const pauses = [...(story.askedPausesMs ?? [])];
  let requested = pauses.shift() ?? 0;
  const outcome = await pollUntil(toOutcome(call, first), {
    wait: WAIT,
    allowedHosts: [],
    clock,
    log: (line) => lines.push(line),
    showProgress: (percent) => progress.push(percent),
    requestedPauseMs: () => requested,
    poll: ({ call: poll }, leftMs) => {
      polls.push(poll);
      lefts.push(leftMs);
      clock.advance(story.lookMs ?? 0);
      requested = pauses.shift() ?? 0;
      return Promise.resolve(toOutcome(poll, others.shift() ?? say({ state: 'x' })));
    },
  });
  return { outcome, clock, lines, progress, polls, lefts };
}

describe('waiting', () => {
  it('looks until an answer is the one', async () => {
    const answers = [say({ url: RUN }), say({ state: 'x' }), say({ state: 'completed' })];
    const { outcome, clock, lines, progress, polls } = await wait(answers);
    assert.deepEqual(lines, [
      `Polling ${RUN} every 10 s, for at most 1 min, until this is true: state == 'completed'`,
      'Poll 1 after 0 s: the server returned 200, and waitUntil is not true yet. Next poll in 10 s.',
      'Poll 2 after 10 s: the server returned 200, and waitUntil is not true yet. Next poll in 10 s.',
      'Poll 3 after 20 s: the server returned 200, and waitUntil is true.',
    ]);
    assert.deepEqual(clock.sleeps, [10_000, 10_000]);
    assert.deepEqual(progress, [0, 16]);
    assert.deepEqual(outcome.progress, { polls: 3, elapsedMs: 20_000 });
    assert.equal(outcome.problem, undefined);
    for (const { method, url, body, headers, isExpected } of polls) {
      assert.deepEqual([method, url.href, body], ['GET', RUN, undefined]);
      assert.deepEqual([...headers], [['x-own', 'a']]);
      assert.deepEqual([200, 202, 299, 404].map(isExpected), [true, true, true, false]);
    }
  });

  it('ends with the first answer where that is the one', async () => {
    const { outcome, polls, lines } = await wait([say({ state: 'completed' })]);
    assert.deepEqual([polls.length, outcome.problem], [0, undefined]);
    assert.deepEqual(lines, ['Poll 1 after 0 s: the server returned 200, and waitUntil is true.']);
  });

  it('ends where failWhen is true', async () => {
    const failWhen = compileExpression("result == 'failed'");
    const answers = [say({ url: RUN }), say({ result: 'failed' })];
    const { outcome, polls } = await wait(answers, { call: { failWhen } });
    assert.deepEqual([polls.length, outcome.problem], [1, undefined]);
  });

  it('ends with its time, after a last look', async () => {
    const { outcome, clock, polls, lefts } = await wait([say({ url: RUN })], { lookMs: 2_500 });
    // 10 s and 2.5 s four times, then what is left.
    assert.deepEqual(clock.sleeps, [10_000, 10_000, 10_000, 10_000, 10_000]);
    assert.equal(polls.length, 5);
    assert.deepEqual(lefts, [50_000, 37_500, 25_000, 12_500, 0]);
    assert.deepEqual(outcome.problem, {
      kind: 'wait-over',
      expression: "state == 'completed'",
      requestedPauseMs: 0,
      lastStatus: 200,
    });
    assert.deepEqual(outcome.progress, { polls: 6, elapsedMs: 62_500 });
  });

  it('waits as long as the server asks', async () => {
    const answers = [say({ url: RUN }), say({}), say({ state: 'completed' })];
    const { clock, lines } = await wait(answers, { askedPausesMs: [0, 30_000] });
    assert.deepEqual(clock.sleeps, [10_000, 30_000]);
    assert.match(
      lines[2] ?? '',
      /Next poll in 30 s, because the server requested this pause \(Retry-After\)\.$/,
    );
  });

  it('ends where the server asks to wait for longer than there is time', async () => {
    const { outcome, clock } = await wait([say({ url: RUN })], { askedPausesMs: [61_000] });
    assert.deepEqual(clock.sleeps, []);
    assert.ok(outcome.problem?.kind === 'wait-over');
    assert.equal(outcome.problem.requestedPauseMs, 61_000);
  });

  it('leaves it to the next call to say that the server asks for too long', async () => {
    const answers = [say({ url: RUN }), say({ state: 'completed' })];
    const { clock, polls } = await wait(answers, { askedPausesMs: [300_001] });
    assert.deepEqual([clock.sleeps, polls.length], [[0], 1]);
  });

  it('repeats a GET as it is', async () => {
    const answers = [say({ url: RUN }), say({ state: 'completed' })];
    const { polls } = await wait(answers, { call: { method: 'GET', body: undefined } });
    const [{ url, headers } = assert.fail()] = polls;
    assert.equal(url.search, '?a=b');
    assert.equal(headers.get('if-match'), '5');
  });

  for (const [name, [answers, call, kind]] of Object.entries({
    'there is nowhere to look': [[say({})], {}, 'no-poll-address'],
    'the token may not go there': [[say({ url: 'https://example.com/x' })], {}, 'poll-host'],
    'a look is no JSON': [[say({ url: RUN }), response(200, {}, 'x')], {}, 'not-json'],
    'the first answer to a GET is no JSON': [
      [response(200, {}, 'x')],
      { method: 'GET' },
      'not-json',
    ],
  } as const)) {
    it(`ends where ${name}`, async () => {
      const { outcome, lines } = await wait(answers, { call });
      assert.equal(outcome.problem?.kind, kind);
      assert.ok(!lines.some((line) => line.endsWith(' is true.')));
    });
  }

  it('ends where a look is no success', async () => {
    const { outcome, lines } = await wait([say({ url: RUN }), say({ message: 'x' }, 410)]);
    assert.equal(outcome.statusProblem?.kind, 'unexpected');
    assert.ok(!lines.some((line) => line.endsWith(' is true.')));
    assert.deepEqual(outcome.progress, { polls: 2, elapsedMs: 10_000 });
  });

  it('continues for 60 seconds while the address after a POST does not exist', async () => {
    const missing = Array.from({ length: 6 }, () => say({ message: 'x' }, 404));
    const { outcome } = await wait([say({ url: RUN }), ...missing]);
    assert.equal(outcome.statusProblem?.kind, 'not-found');
    assert.deepEqual(outcome.progress, { polls: 7, elapsedMs: 60_000 });
    const done = await wait([say({ url: RUN }), ...missing.slice(1), say({ state: 'completed' })]);
    assert.equal(done.outcome.statusProblem, undefined);
  });

  it('needs no JSON of what only says where to look', async () => {
    const first = response(202, { location: RUN }, '');
    const { outcome, polls } = await wait([first, say({ state: 'completed' })]);
    assert.deepEqual([polls.length, outcome.problem], [1, undefined]);
  });
});

const POLL_URL = 'https://dev.azure.com/MyOrg/_apis/pipelines/7/runs/42';
const find = (
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
  method: Method = 'POST',
) => {
  const requested = { method, url: new URL('https://dev.azure.com/MyOrg/_apis/x?y=z') };
  const said = response(200, headers, JSON.stringify(body));
  const found = findPollAddress(requested, said, ['a.example.com']);
  return found !== undefined && 'url' in found ? found.url.href : found;
};

describe('where to look again', () => {
  it('is the same address after a GET', () => {
    assert.equal(find({ url: POLL_URL }, {}, 'GET'), 'https://dev.azure.com/MyOrg/_apis/x?y=z');
  });

  for (const [name, [body, headers, expected]] of Object.entries({
    'in the Location': [{ url: `${POLL_URL}/x` }, { location: POLL_URL }, POLL_URL],
    'in a relative Location': [{}, { location: '/MyOrg/x' }, 'https://dev.azure.com/MyOrg/x'],
    'in url': [{ url: POLL_URL, _links: { self: { href: `${POLL_URL}/x` } } }, {}, POLL_URL],
    'in _links': [{ _links: { self: { href: POLL_URL } } }, {}, POLL_URL],
    'in _links, where url is none': [
      { url: 5, _links: { self: { href: POLL_URL } } },
      {},
      POLL_URL,
    ],
    'at a host that the step names': [
      { url: 'https://a.example.com/x' },
      {},
      'https://a.example.com/x',
    ],
    nowhere: [{}, {}, undefined],
    'in nothing': [null, {}, undefined],
    'in a list': [[POLL_URL], {}, undefined],
    'in odd links': [{ _links: { self: null } }, {}, undefined],
    'in what is no address': [{ url: 'https://[' }, {}, undefined],
  } as const)) {
    it(`(${name}) is ${expected ?? 'not known'}`, () => {
      for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'] as const) {
        assert.equal(find(body, headers, method), expected);
      }
    });
  }

  for (const url of [
    'https://evil.example.com/x',
    'http://dev.azure.com/x',
    'https://dev.azure.com:8443/x',
    'https://user@dev.azure.com/x',
  ]) {
    it(`is refused where the token may not go: ${url}`, () => {
      assert.deepEqual(find({ url }), { refused: new URL(url).host });
    });
  }
});
