// When a call is repeated: how often, and after how long. Each status, method and failure is in test/unit/http.
import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { FAST_CLOCK, FAST_CLOCK_ENVIRONMENT } from '../emulators/fast-clock';
import type { Fault } from '../emulators/faults';
import { refuse } from '../emulators/organization/error-responses';
import { openMachine, openMachineBehindProxy } from '../emulators/places';
import { call, errorOf, outputOf, say, type CallOptions } from './call-step';

const status = (value: number, headers: Readonly<Record<string, string>> = {}): Fault =>
  refuse(value, 'Not now.', headers);

/** What came of a call whose first answers are these: how many requests, and the seconds between them by the clock of the step. */
function repeat(faults: readonly Fault[], inputs: CallOptions['inputs'] = {}) {
  const organization = { faults, lastingFault: say({ end: true }) };
  const machineEnvironment = FAST_CLOCK_ENVIRONMENT;
  return call({ inputs, organization, step: { machineEnvironment } }, (performance) => {
    const times = performance.organization?.requests.map(({ at }) => at) ?? [];
    return {
      performance,
      result: performance.step.result,
      count: times.length,
      gaps: times.slice(1).map((time, index) => ((time - (times[index] ?? 0)) / 1000) * FAST_CLOCK),
    };
  });
}

describe('a GET', () => {
  it('waits longer each time, and says in the log why, and how long', async () => {
    const { performance, result, count, gaps } = await repeat([status(500), { kind: 'reset' }]);
    assert.deepEqual([result, count], ['Succeeded', 3]);
    // At least half of 1 and 2 seconds, by chance.
    [0.45, 0.95].forEach((least, index) => {
      assert.ok((gaps[index] ?? 0) >= least, String(gaps));
    });
    const lines = performance.step.log.filter((line) => line.includes('Next attempt in'));
    assert.equal(lines.length, 2);
    assert.match(lines[0] ?? '', /^dev\.azure\.com returned 500\. Next attempt in 1 s\.$/);
    assert.match(lines[1] ?? '', /^dev\.azure\.com: connection reset \(ECONNRESET\)\. Next/);
  });

  it('is tried maxRetries + 1 times', async () => {
    const { result, count } = await repeat([status(500), status(500)], { maxRetries: '1' });
    assert.deepEqual([result, count], ['Failed', 2]);
    const never = await repeat([status(500)], { maxRetries: '0' });
    assert.deepEqual([never.result, never.count], ['Failed', 1]);
  });
});

describe('Retry-After', () => {
  it('on an answer that is no refusal is waited for before the next request', async () => {
    const preview = refuse(400, 'The requested version is under preview: "7.1-preview"', {
      'retry-after': '2',
    });
    const { result, count, gaps, performance } = await repeat([preview]);
    assert.deepEqual([result, count], ['Succeeded', 2]);
    assert.ok((gaps[0] ?? 0) >= 1.95, String(gaps));
    assert.ok(
      performance.step.log.some((line) =>
        line.includes('requested a pause (Retry-After). Next request in'),
      ),
    );
  });
});

describe('a call that is not idempotent', () => {
  const inputs = { method: 'POST', body: '{}' };
  for (const [name, method, fault] of [
    ['a 429', 'POST', status(429)],
    ['a 503 with Retry-After', 'PATCH', status(503, { 'retry-after': '1' })],
  ] as const) {
    it(`(${method}) is repeated after ${name}, with its body`, async () => {
      const { result, count, performance } = await repeat([fault], { ...inputs, method });
      assert.deepEqual([result, count], ['Succeeded', 2]);
      assert.equal(performance.organization?.requests[1]?.body.toString(), '{}');
    });
  }

  for (const [name, method, fault] of [
    ['a 500', 'POST', status(500)],
    ['a reset', 'PATCH', { kind: 'reset' }],
  ] as const) {
    it(`(${method}) is not repeated after ${name}`, async () => {
      const { result, count, performance } = await repeat([fault], { ...inputs, method });
      assert.deepEqual([result, count], ['Failed', 1]);
      // Whoever runs the step again should know.
      assert.match(
        errorOf(performance),
        /[Cc]heck (?:first )?whether (?:it|the server) acted|expectedStatus/,
      );
    });
  }

  it('is repeated after a connection that was refused', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    const open = () => openMachine({ hosts: { 'dev.azure.com': port } });
    await call({ open, inputs: { ...inputs, maxRetries: '1' } }, (performance) => {
      assert.match(errorOf(performance), /connection refused \(ECONNREFUSED\).*\n.*2 attempts/);
    });
  });

  it('is repeated where the proxy did not connect', () =>
    call(
      {
        open: () => openMachineBehindProxy({ refusal: '503 Service Unavailable' }),
        inputs: { ...inputs, maxRetries: '1' },
      },
      (performance) => {
        assert.equal(performance.proxy?.requests.length, 2);
      },
    ));

  it('is asked once more with -preview: the server did not act', () =>
    call(
      { inputs: { url: '_apis/graph/users', method: 'POST', body: '{"a":1}' } },
      (performance) => {
        assert.equal(performance.step.result, 'Succeeded', errorOf(performance));
        const bodies = performance.organization?.requests.map(({ body }) => body.toString());
        assert.deepEqual(bodies, ['{"a":1}', '{"a":1}']);
      },
    ));
});

describe('a DELETE', () => {
  it('that was repeated may find nothing any more', async () => {
    const { result, count, performance } = await repeat([{ kind: 'reset' }, status(404)], {
      method: 'DELETE',
    });
    assert.deepEqual([result, count], ['Succeeded', 2]);
    assert.equal(outputOf(performance, 'statusCode'), '404');
  });
});

describe('the limits of the rate', () => {
  it('are for the author to read, and do not hold a good answer up', async () => {
    const headers = {
      'x-ratelimit-resource': 'Core/Core',
      'x-ratelimit-delay': '0.500',
      'x-ratelimit-remaining': '12',
    };
    const { result, count, performance } = await repeat([say({ a: 1 }, headers)]);
    assert.deepEqual([result, count], ['Succeeded', 1]);
    const all = JSON.parse(outputOf(performance, 'responseHeaders')) as Record<string, string>;
    assert.equal(all['x-ratelimit-delay'], '0.500');
  });
});
