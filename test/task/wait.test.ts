// Waiting for what a call begins: each story with its log, line by line.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { cleanUp } from '../emulators/agent/run-step';
import type { Fault } from '../emulators/faults';
import { refuse } from '../emulators/organization/error-responses';
import { openMachine } from '../emulators/places';
import { needSignals } from '../skip';
import { perform, type Performance } from '../stage';
import { atServer, call, errorOf, outputOf, requestsOf, say, trickle } from './call-step';
import { assertSecret, filesBelow } from './secrecy';

const RUNS = 'SecretSauce/_apis/pipelines/7/runs';
const RUN =
  'https://dev.azure.com/MyOrg/6ce954b1-ce1f-45d1-b94d-e6bf2464ba2c/_apis/pipelines/7/runs/1';
const QUEUE = {
  url: RUNS,
  method: 'POST',
  body: '{}',
  waitUntil: "state == 'completed'",
  failWhen: "state == 'completed' && result != 'succeeded'",
  waitIntervalInSeconds: '0.2',
};
const CALLING = `Sending POST https://dev.azure.com/MyOrg/${RUNS}`;
const WAITING = `Polling ${RUN} every 0.2 s, for at most 30 min, until this is true: state == 'completed'`;
const look = (number: number, next = '0.2 s') =>
  `Poll ${number} after N s: the server returned 200, and waitUntil is not true yet. Next poll in ${next}.`;

/** The log from the call on, without what the agent says itself; times that depend on the machine are N. */
function linesOf({ step }: Performance): readonly string[] {
  const lines = step.log.filter((line) => !/^##\[(?:debug|section)\]/.test(line));
  return lines
    .slice(lines.findIndex((line) => line.startsWith('Sending ')))
    .filter((line) => line !== '')
    .map((line) =>
      line
        .replace(/(Poll \d+|poll \d+) after [\d.]+ s/, '$1 after N s')
        .replace(/\/tmp\/\S+/, 'FILE')
        .replace(/\d+ bytes/, 'N bytes'),
    );
}

const progressOf = ({ step }: Performance) =>
  [...step.stdout.matchAll(/^##vso\[task\.setprogress value=(\d+);?\](.*)$/gm)].map(
    ([, percent, what = '']) => [Number(percent), what.replace(/after [\d.]+ s/, 'after N s')],
  );

/** With the debug log, the agent repeats each message below "Processed:". */
const WITHOUT_DEBUG = { variables: { 'system.debug': 'false' } };

describe('a run of a pipeline', () => {
  it('is queued and waited for', () =>
    call({ inputs: { ...QUEUE, query: 'result' } }, (performance) => {
      assert.deepEqual(linesOf(performance), [
        CALLING,
        WAITING,
        look(1),
        look(2),
        look(3),
        'Poll 4 after N s: the server returned 200, and waitUntil is true.',
        'The server returned 200.',
        '  $(devops.result)        N bytes',
        '  $(devops.responseFile)  FILE',
        'To use the token, name this step (name: devops), and map $(devops.token) under env: in the steps of this job that need it.',
      ]);
      assert.deepEqual(progressOf(performance), [
        [0, 'Waiting, poll 1 after N s'],
        [0, 'Waiting, poll 2 after N s'],
        [0, 'Waiting, poll 3 after N s'],
      ]);
      assert.deepEqual(requestsOf(performance), [
        `POST https://dev.azure.com/MyOrg/${RUNS}?api-version=7.1`,
        ...Array<string>(3).fill(`GET ${RUN}?api-version=7.1`),
      ]);
      assert.equal(outputOf(performance, 'result'), 'succeeded');
      assert.equal(performance.step.result, 'Succeeded');
    }));

  it('that fails, fails the step', () =>
    call(
      {
        inputs: QUEUE,
        organization: { work: { polls: 1, result: 'failed' } },
        step: WITHOUT_DEBUG,
      },
      (performance) => {
        const [section, last = '', ...others] = linesOf(performance).toReversed();
        assert.equal(section, 'Troubleshooting: failWhen is true');
        assert.deepEqual(others.toReversed(), [
          CALLING,
          WAITING,
          look(1),
          look(2),
          'Poll 3 after N s: the server returned 200, and failWhen is true.',
          `##[error]failWhen is true for the response: state == 'completed' && result != 'succeeded'`,
          `The request was GET ${RUN} (poll 3 after N s).`,
        ]);
        assert.match(
          last,
          /^The expression of failWhen describes the responses with which the step fails/,
        );
        assert.equal(performance.step.result, 'Failed');
        const run = JSON.parse(outputOf(performance, 'result')) as { result: string };
        assert.equal(run.result, 'failed');
        assert.equal(outputOf(performance, 'statusCode'), '200');
      },
    ));

  it('that takes too long, fails the step', () =>
    call(
      {
        inputs: { ...QUEUE, waitIntervalInSeconds: '0.4', waitTimeoutInMinutes: '0.02' },
        organization: { work: { polls: 1_000, result: 'succeeded' } },
        step: WITHOUT_DEBUG,
      },
      (performance) => {
        const lines = linesOf(performance);
        assert.deepEqual(lines.slice(0, 3), [
          CALLING,
          WAITING.replace('0.2 s, for at most 30 min', '0.4 s, for at most 1.2 s'),
          look(1, '0.4 s'),
        ]);
        assert.match(
          lines.at(-4) ?? '',
          /^##\[error\]waitUntil did not become true in time: state == 'completed'$/,
        );
        assert.match(lines.at(-2) ?? '', /^Increase waitTimeoutInMinutes/);
        assert.equal(lines.at(-1), 'Troubleshooting: waitUntil did not become true in time');
        const progress = progressOf(performance).map(([percent]) => Number(percent));
        assert.equal(progress[0], 0);
        assert.deepEqual(
          progress,
          progress.toSorted((a, b) => a - b),
        );
        assert.ok((progress.at(-1) ?? 0) > 30);
        // The last look is at the end of the time, and not after it.
        const calls = performance.organization?.requests.map(({ at }) => at) ?? [];
        const [first = 0] = calls;
        assert.ok((calls.at(-1) ?? 0) - first >= 1_150);
        assert.equal(outputOf(performance, 'statusCode'), '200');
        assert.match(outputOf(performance, 'result'), /"state":"inProgress"/);
      },
    ));

  it('is left alone where the step is cancelled', async function () {
    needSignals(this);
    const cancelling = new AbortController();
    const place = await openMachine({
      organization: { work: { polls: 1_000, result: 'succeeded' } },
    });
    const performance = await perform(
      {
        open: () => Promise.resolve(place),
        inputs: { ...QUEUE, waitIntervalInSeconds: '60', outputFile: 'run.json' },
      },
      {
        cancel: cancelling.signal,
        onLog: (line) => {
          if (line.includes('Next poll in')) {
            cancelling.abort();
          }
        },
      },
    );
    const { step } = performance;
    try {
      assert.deepEqual(linesOf(performance), [
        CALLING,
        WAITING.replace('0.2 s', '1 min'),
        look(1, '1 min'),
        'The step was cancelled. An operation that it started in Azure DevOps continues there.',
      ]);
      assert.equal(step.result, 'Canceled');
      // Twice the limit: the machine may be busy.
      assert.ok((step.cancelledAfterMs ?? Infinity) < 2_000, String(step.cancelledAfterMs));
      assert.deepEqual(filesBelow(step.folders.sources), []);
      performance.tokens.forEach((token) => {
        assertSecret(step, token);
      });
    } finally {
      cleanUp(step);
    }
  });

  it('is waited for through a throttled look, and one that fails', () =>
    call(
      {
        inputs: QUEUE,
        organization: {
          // Those that go wrong count, too.
          work: { polls: 3, result: 'succeeded' },
          faults: [
            undefined,
            refuse(429, 'TF400733: slow.', { 'retry-after': '1' }),
            undefined,
            { kind: 'reset' },
          ],
        },
      },
      (performance) => {
        assert.deepEqual(linesOf(performance).slice(0, 7), [
          CALLING,
          WAITING,
          look(1),
          'dev.azure.com returned 429. Next attempt in 1 s.',
          look(2),
          'dev.azure.com: connection reset (ECONNRESET). Next attempt in 1 s.',
          'Poll 3 after N s: the server returned 200, and waitUntil is true.',
        ]);
        assert.equal(performance.step.result, 'Succeeded', errorOf(performance));
      },
    ));

  it('is looked at as seldom as the server asks', () => {
    const run = { state: 'inProgress', url: RUN };
    const faults = [
      say(run),
      say(run, { 'retry-after': '2' }),
      say({ state: 'completed', result: 'succeeded' }),
    ];
    return call({ inputs: QUEUE, organization: { faults } }, (performance) => {
      const lines = linesOf(performance);
      assert.match(
        lines[3] ?? '',
        /^Poll 2 after N s: .* Next poll in (?:2|1\.9) s, because the server requested this pause \(Retry-After\)\.$/,
      );
      const calls = performance.organization?.requests.map(({ at }) => at) ?? [];
      assert.ok((calls[2] ?? 0) - (calls[1] ?? 0) >= 1_950);
      assert.equal(performance.step.result, 'Succeeded', errorOf(performance));
    });
  });

  it('is not waited for where the server asks for more than five minutes', () => {
    const run = { state: 'inProgress', url: RUN };
    const organization = { lastingFault: say(run, { 'retry-after': '400' }) };
    return call({ inputs: QUEUE, organization }, (performance) => {
      assert.match(errorOf(performance), /it requested a pause of 400 s before the next request/);
      // The outputs are those of the last look.
      assert.equal(outputOf(performance, 'statusCode'), '200');
      assert.match(outputOf(performance, 'result'), /"state":"inProgress"/);
    });
  });

  /**
   * The clocks of the machine and of the identity endpoint jump ahead of the end of the first token. That of the organization does so
   * two seconds later, because a request that carries the first token may be on its way.
   */
  const jumpAhead = () => {
    const [at, hour] = [Date.now() + 4_000, 3_600_000];
    const preload = join(import.meta.dirname, '..', 'emulators', 'jump-clock.cjs');
    const jump = (after: number) => () => (Date.now() < at + after ? 0 : hour) + Date.now();
    return {
      now: jump(0),
      lateNow: jump(2_000),
      machineEnvironment: {
        NODE_OPTIONS: `--require=${JSON.stringify(preload)}`,
        JUMP_AT: String(at),
        JUMP_MS: String(hour),
      },
    };
  };

  it('is waited for with a new token where the first expires', () => {
    const { now, lateNow, machineEnvironment } = jumpAhead();
    return call(
      {
        inputs: { ...QUEUE, waitIntervalInSeconds: '1', query: 'result' },
        machine: { lifetimeSeconds: 3_000, now },
        organization: { work: { polls: 6, result: 'succeeded' }, now: lateNow },
        step: { machineEnvironment },
      },
      (performance) => {
        assert.equal(performance.step.result, 'Succeeded', errorOf(performance));
        const { tokens, step, organization } = performance;
        assert.equal(tokens.length, 2);
        const lines = linesOf(performance);
        const renewals = lines.filter((line) => line.startsWith('Renewed the token'));
        assert.equal(renewals.length, 1);
        assert.match(
          renewals[0] ?? '',
          /^Renewed the token shortly before its expiry\. The new token expires at \d{4}-.*Z\.$/,
        );
        const others = lines.filter((line) => line !== renewals[0]);
        assert.deepEqual(others.slice(0, 9), [
          CALLING,
          WAITING.replace('0.2 s', '1 s'),
          ...[1, 2, 3, 4, 5, 6, 7].map((number) => look(number, '1 s')),
        ]);
        const shown = organization?.requests.map(({ headers }) => headers.authorization) ?? [];
        assert.equal(shown[0], `Bearer ${tokens[0] ?? ''}`);
        assert.equal(shown.at(-1), `Bearer ${tokens[1] ?? ''}`);
        // The steps that follow get the living one.
        assert.equal(step.outputs.get('token')?.value, tokens[1]);
      },
    );
  });

  it('is not waited for with a new token that fails the checks of the first', () => {
    const { now, lateNow, machineEnvironment } = jumpAhead();
    const audience = 'https://management.azure.com/';
    const faults = [undefined, { kind: 'altered', claims: { aud: audience } } as const];
    return call(
      {
        inputs: { ...QUEUE, waitIntervalInSeconds: '1', query: 'state' },
        machine: { lifetimeSeconds: 3_000, now, faults },
        organization: { work: { polls: 100, result: 'succeeded' }, now: lateNow },
        step: { machineEnvironment },
      },
      (performance) => {
        const { step, tokens, organization } = performance;
        assert.equal(step.result, 'Failed');
        assert.ok(errorOf(performance).includes(audience), errorOf(performance));
        assert.match(
          errorOf(performance),
          /Another program probably responded in place of the identity service/,
        );
        // It is shown to nobody, and handed to no step; what was seen before is.
        const second = tokens[1] ?? assert.fail();
        const shown = organization?.requests.map(({ headers }) => headers.authorization) ?? [];
        assert.ok(shown.length > 1 && !shown.includes(`Bearer ${second}`));
        assert.equal(step.outputs.get('token')?.value, tokens[0]);
        assert.equal(outputOf(performance, 'statusCode'), '200');
        assert.equal(outputOf(performance, 'result'), 'inProgress');
      },
    );
  });
});

describe('a look', () => {
  const waiting = (
    inputs: Readonly<Record<string, string>>,
    faults: readonly (Fault | undefined)[],
  ) => ({
    inputs: { url: '_apis/x', waitUntil: 'done', waitIntervalInSeconds: '0.1', ...inputs },
    organization: { faults, lastingFault: say({ done: true }) },
  });

  it('of a GET is the same request', () =>
    call(
      waiting({ url: '_apis/x?a=b', headers: 'If-None-Match: 5' }, [say({ done: false }), say({})]),
      (performance) => {
        const requests = performance.organization?.requests ?? [];
        assert.equal(requests.length, 3);
        assert.ok(requests.every(({ url }) => url.search === '?a=b&api-version=7.1'));
        assert.ok(requests.every(({ headers }) => headers['if-none-match'] === '5'));
        assert.equal(performance.step.result, 'Succeeded', errorOf(performance));
      },
    ));

  it('begins so long after the end of the one before', () => {
    // An answer takes longer than the interval: counted from its beginning, the next look would be due at once.
    const [intervalMs, answerMs] = [300, 900];
    const pauses: number[] = [];
    let endedAt: number | undefined;
    return atServer(
      (_, response) => {
        if (endedAt !== undefined) {
          pauses.push(performance.now() - endedAt);
        }
        response.writeHead(200, { 'content-type': 'application/json', activityid: 'x' });
        setTimeout(() => {
          endedAt = performance.now();
          response.end(JSON.stringify({ done: pauses.length === 2 }));
        }, answerMs);
      },
      { inputs: { waitUntil: 'done', waitIntervalInSeconds: String(intervalMs / 1000) } },
      (result) => {
        assert.equal(result.step.result, 'Succeeded', errorOf(result));
        assert.equal(pauses.length, 2);
        // A timer may fire a moment early.
        assert.ok(pauses.every((pauseMs) => pauseMs >= intervalMs - 5));
      },
    );
  });

  it('ends with the time of the waiting if its response has no end', () => {
    let polls = 0;
    return atServer(
      (_, response) => {
        polls += 1;
        response.writeHead(200, { 'content-type': 'application/json' });
        if (polls === 1) {
          response.end('{"done":false}');
        } else {
          trickle(response, '{"done":true');
        }
      },
      {
        inputs: {
          waitUntil: 'done',
          waitIntervalInSeconds: '0.1',
          waitTimeoutInMinutes: '0.04',
          requestTimeoutInSeconds: '1',
        },
      },
      (result) => {
        assert.equal(result.step.result, 'Failed');
        assert.match(errorOf(result), /the response did not end in time \(IDLE_TIMEOUT\)/);
        assert.match(errorOf(result), /increase waitTimeoutInMinutes/);
        assert.equal(polls, 2);
      },
    );
  });

  it('after a POST has no body, nor what concerns one', () =>
    call(
      waiting({ method: 'POST', body: '{}', headers: 'If-Match: 5\nContent-Type: a/b\nX-Own: a' }, [
        say({ url: 'https://dev.azure.com/MyOrg/_apis/y' }),
      ]),
      (performance) => {
        const [, second] = performance.organization?.requests ?? [];
        assert.equal(second?.url.pathname, '/MyOrg/_apis/y');
        const { 'if-match': match, 'content-type': type, 'x-own': own } = second.headers;
        assert.deepEqual([match, type, own, second.size], [undefined, undefined, 'a', 0]);
      },
    ));

  it('that is a 403 fails the step, also if it is expected of the first response', () => {
    const faults = [refuse(404, 'Not yet.'), refuse(403, 'No.')];
    return call(waiting({ expectedStatus: '200,404,403' }, faults), (performance) => {
      assert.equal(performance.step.result, 'Failed');
      assert.equal(outputOf(performance, 'statusCode'), '403');
    });
  });

  it('that is lost leaves the outputs of the one before', () =>
    call(
      waiting({ maxRetries: '0', query: 'state' }, [say({ state: 'begun' }), { kind: 'reset' }]),
      (performance) => {
        assert.match(
          errorOf(performance),
          /dev\.azure\.com failed: connection reset.*\n.*poll 2 after/,
        );
        assert.equal(outputOf(performance, 'statusCode'), '200');
        assert.equal(outputOf(performance, 'result'), 'begun');
        assert.equal(outputOf(performance, 'responseFile'), '');
      },
    ));

  it('may be of all pages of a list', () =>
    call(
      waiting({ allPages: 'true', waitUntil: 'length(value) == `3`', query: 'value' }, [
        say({ value: [1] }, { 'x-ms-continuationtoken': 'n' }),
        say({ value: [2] }),
        say({ value: [1] }, { 'x-ms-continuationtoken': 'n' }),
        say({ value: [2, 3] }),
      ]),
      (performance) => {
        assert.equal(outputOf(performance, 'result'), '[1,2,3]');
        assert.equal(requestsOf(performance).length, 4);
        assert.equal(performance.step.result, 'Succeeded', errorOf(performance));
      },
    ));
});
