import assert from 'node:assert/strict';
import { AttemptError } from '../../../tasks/AzureDevOpsTokenV1/src/http/connection-error';
import { findRetryReason } from '../../../tasks/AzureDevOpsTokenV1/src/http/retry-reason';
import { isIdempotent } from '../../../tasks/AzureDevOpsTokenV1/src/http/method';
import { response } from './fake-response';

const NOW = Date.parse('2030-01-01T12:00:00Z');
const HOST = 'dev.azure.com';
const responseOf = (status: number, headers = {}) => response(status, headers);
const failure = (code: string, proxyStatus?: number) =>
  new AttemptError(code, { host: HOST, proxyStatus });
const isRetried = (outcome: Parameters<typeof findRetryReason>[0], isHarmless: boolean) =>
  findRetryReason(outcome, isHarmless, NOW) !== undefined;

describe('a request to Azure DevOps', () => {
  for (const status of [408, 429, 500, 502, 503, 504]) {
    it(`is retried after a ${status}`, () => {
      const { reason } = findRetryReason(responseOf(status), true, NOW) ?? assert.fail();
      assert.equal(reason, `${HOST} returned ${status}`);
    });
  }

  for (const status of [200, 203, 302, 400, 401, 403, 404, 501, 505]) {
    it(`is not retried after a ${status}`, () => {
      assert.equal(isRetried(responseOf(status, { 'retry-after': '1' }), true), false);
    });
  }

  it('is retried after a 401 with Retry-After if the token was accepted before, whatever its method', () => {
    const throttled = { ...responseOf(401, { 'retry-after': '1' }), isAfterSuccess: true };
    assert.equal(isRetried(throttled, true), true);
    assert.equal(isRetried(throttled, isIdempotent('POST')), true);
    assert.equal(isRetried({ ...responseOf(401), isAfterSuccess: true }, true), false);
    const denied = { ...responseOf(403, { 'retry-after': '1' }), isAfterSuccess: true };
    assert.equal(isRetried(denied, true), false);
  });

  it('waits as long as the response asks', () => {
    const retryAfter = (value: string) =>
      findRetryReason(responseOf(503, { 'retry-after': value }), true, NOW)?.retryAfterMs;
    assert.equal(retryAfter('7'), 7_000);
    assert.equal(retryAfter('Tue, 01 Jan 2030 12:00:09 GMT'), 9_000);
    assert.equal(retryAfter('soon'), undefined);
  });

  for (const [code, expected, proxyStatus] of [
    ['ECONNREFUSED', true],
    ['RESPONSE_TIMEOUT', true],
    ['UNKNOWN', true],
    ['CERT_HAS_EXPIRED', false],
    ['PROXY_REFUSES', false, 407],
    ['PROXY_REFUSES', true, 503],
  ] as const) {
    it(`is ${expected ? '' : 'not '}retried after ${code} ${proxyStatus ?? ''}`, () => {
      assert.equal(isRetried(failure(code, proxyStatus), true), expected);
    });
  }

  it('names the proxy that refused', () => {
    const { reason } = findRetryReason(failure('PROXY_REFUSES', 503), true, NOW) ?? assert.fail();
    assert.equal(reason, `${HOST}: the proxy returned 503`);
  });
});

describe('a request that is not idempotent', () => {
  for (const [name, outcome] of Object.entries({
    'a 429': responseOf(429),
    'a 503 with Retry-After': responseOf(503, { 'retry-after': '1' }),
    'a refused connection': failure('ECONNREFUSED'),
    'a proxy that does not connect': failure('PROXY_REFUSES', 503),
  })) {
    it(`is retried after ${name}: the server has not acted`, () => {
      assert.equal(isRetried(outcome, isIdempotent('POST')), true);
      assert.equal(isRetried(outcome, isIdempotent('PATCH')), true);
    });
  }

  for (const [name, outcome] of Object.entries({
    'a 408': responseOf(408),
    'a 500': responseOf(500),
    'a 502': responseOf(502),
    'a 503 without Retry-After': responseOf(503),
    'a 504': responseOf(504, { 'retry-after': '1' }),
    'a reset': failure('ECONNRESET'),
    'a timeout': failure('RESPONSE_TIMEOUT'),
  })) {
    it(`is not retried after ${name}: the server may have acted`, () => {
      assert.equal(isRetried(outcome, isIdempotent('POST')), false);
      assert.equal(isRetried(outcome, isIdempotent('PATCH')), false);
      assert.equal(isRetried(outcome, isIdempotent('PUT')), true);
      assert.equal(isRetried(outcome, isIdempotent('DELETE')), true);
    });
  }
});
