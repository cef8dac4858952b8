import assert from 'node:assert/strict';
import { createHttpHeaders, createPipelineRequest, RestError } from '@azure/core-rest-pipeline';
import { RETRY_OPTIONS, RetryPolicy } from '../../../tasks/AzureDevOpsTokenV1/src/http/retry';
import { isIdempotent, type Method } from '../../../tasks/AzureDevOpsTokenV1/src/http/method';
import { FakeClock } from '../fakes';

function retries(random = 1, method: Method = 'GET') {
  const clock = new FakeClock();
  const lines: string[] = [];
  const log = (line: string) => lines.push(line);
  const one = new RetryPolicy({
    isHarmless: isIdempotent(method),
    clock,
    log,
    retryOptions: RETRY_OPTIONS,
    random: () => random,
  });
  return { one, clock, lines };
}

function response(status: number, headers: Readonly<Record<string, string>> = {}) {
  const request = createPipelineRequest({ url: 'https://dev.azure.com' });
  return { status, headers: createHttpHeaders(headers), request };
}

describe('repeating a request to Azure DevOps', () => {
  for (const status of [408, 429, 500, 502, 503, 504]) {
    it(`is worth it after a ${status}`, () => {
      const { one, lines } = retries();
      const given = { retryCount: 0, response: response(status) };
      assert.deepEqual(one.retry(given), { retryAfterInMs: 1_000 });
      assert.deepEqual(lines, [`dev.azure.com: it answered ${status}. Next attempt in 1 s.`]);
    });
  }

  for (const status of [200, 203, 302, 400, 401, 403, 404, 501, 505]) {
    it(`is not worth it after a ${status}`, () => {
      const { one, lines } = retries();
      const given = { retryCount: 0, response: response(status, { 'retry-after': '1' }) };
      assert.deepEqual(one.retry(given), { skipStrategy: true });
      assert.deepEqual(lines, []);
    });
  }

  for (const [code, expected] of [
    ['ECONNREFUSED', true],
    ['SILENT', true],
    [undefined, true],
    ['CERT_HAS_EXPIRED', false],
    ['PROXY_REFUSES', false],
  ] as const) {
    it(`is ${expected ? '' : 'not '}worth it after ${String(code)}`, () => {
      const error = new RestError('x', code === undefined ? {} : { code });
      const given = { retryCount: 0, responseError: error };
      assert.equal(retries().one.retry(given).skipStrategy, expected ? undefined : true);
    });
  }

  it('waits longer each time, up to ten seconds', () => {
    const { one } = retries();
    const pauses = [0, 1, 2, 3, 4, 5].map(
      (retryCount) => one.retry({ retryCount, response: response(500) }).retryAfterInMs,
    );
    assert.deepEqual(pauses, [1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
  });

  it('leaves up to a half of a pause out, by chance', () => {
    const { one } = retries(0);
    assert.equal(one.retry({ retryCount: 1, response: response(500) }).retryAfterInMs, 1_000);
  });

  it('waits as long as the server asks, and at least as long as it would anyway', () => {
    const { one } = retries();
    const pause = (seconds: string) =>
      one.retry({ retryCount: 2, response: response(429, { 'retry-after': seconds }) });
    assert.equal(pause('7').retryAfterInMs, 7_000);
    assert.equal(pause('1').retryAfterInMs, 4_000);
    assert.equal(pause('40').retryAfterInMs, 40_000);
    assert.deepEqual(pause('41'), { skipStrategy: true });
  });

  it('says the seconds rounded up', () => {
    const { one, lines } = retries(0.5);
    one.retry({ retryCount: 1, response: response(500) });
    assert.match(lines[0] ?? '', /in 2 s\.$/);
  });

  it('starts no attempt later than it may', () => {
    const { one, clock } = retries();
    clock.advance(39_000);
    assert.equal(one.retry({ retryCount: 0, response: response(500) }).retryAfterInMs, 1_000);
    clock.advance(1);
    assert.equal(one.retry({ retryCount: 0, response: response(500) }).skipStrategy, true);
  });

  it('ends with the last attempt within 60 seconds in all', () => {
    assert.ok(RETRY_OPTIONS.endMs < 60_000 && RETRY_OPTIONS.lastAttemptAtMs < RETRY_OPTIONS.endMs);
    const { one, clock } = retries();
    assert.deepEqual(one.startAttempt(), { ms: 20_000, isIdleTimeout: false });
    clock.advance(40_000);
    assert.equal(one.startAttempt().ms, 15_000);
    assert.deepEqual(one.describe(), { attempts: 2, elapsedMs: 40_000 });
  });
});

describe('repeating a request that is not idempotent', () => {
  const retry = (given: Parameters<RetryPolicy['retry']>[0], method: Method = 'POST') =>
    retries(1, method).one.retry({ ...given });

  for (const [name, given] of Object.entries({
    'a 429': { retryCount: 0, response: response(429) },
    'a 503 with Retry-After': { retryCount: 0, response: response(503, { 'retry-after': '1' }) },
    'a refused connection': {
      retryCount: 0,
      responseError: new RestError('x', { code: 'ECONNREFUSED' }),
    },
    'a proxy that does not connect': {
      retryCount: 0,
      responseError: new RestError('x', { code: 'PROXY_REFUSES', statusCode: 503 }),
    },
  })) {
    it(`is worth it after ${name}: the server has not acted`, () => {
      assert.equal(retry(given).retryAfterInMs, 1_000);
      assert.equal(retry(given, 'PATCH').retryAfterInMs, 1_000);
    });
  }

  for (const [name, given] of Object.entries({
    'a 408': { retryCount: 0, response: response(408) },
    'a 500': { retryCount: 0, response: response(500) },
    'a 502': { retryCount: 0, response: response(502) },
    'a 503 without Retry-After': { retryCount: 0, response: response(503) },
    'a 504': { retryCount: 0, response: response(504, { 'retry-after': '1' }) },
    'a reset': { retryCount: 0, responseError: new RestError('x', { code: 'ECONNRESET' }) },
    silence: { retryCount: 0, responseError: new RestError('x', { code: 'SILENT' }) },
  })) {
    it(`could do harm after ${name}: the server may have acted`, () => {
      assert.equal(retry(given).skipStrategy, true);
      assert.equal(retry(given, 'PATCH').skipStrategy, true);
      assert.equal(retry(given, 'PUT').retryAfterInMs, 1_000);
      assert.equal(retry(given, 'DELETE').retryAfterInMs, 1_000);
    });
  }
});

describe('a server that asks to wait', () => {
  it('is not waited for longer than five minutes', () => {
    const retryOptions = { ...RETRY_OPTIONS, lastAttemptAtMs: Infinity, endMs: Infinity };
    const one = new RetryPolicy({
      isHarmless: true,
      clock: new FakeClock(),
      log: () => undefined,
      retryOptions,
      random: () => 1,
    });
    const pause = (seconds: string) =>
      one.retry({ retryCount: 0, response: response(429, { 'retry-after': seconds }) });
    assert.equal(pause('300').retryAfterInMs, 300_000);
    assert.equal(pause('301').skipStrategy, true);
  });
});
