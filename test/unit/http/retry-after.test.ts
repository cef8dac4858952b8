import assert from 'node:assert/strict';
import { parseRetryAfter } from '../../../tasks/AzureDevOpsTokenV1/src/http/retry-after';

const NOW = Date.parse('2026-01-31T12:00:00Z');

describe('a Retry-After', () => {
  for (const [header, expected] of [
    ['3', 3000],
    ['0', undefined],
    ['-3', undefined],
    ['3.5', undefined],
    ['soon', undefined],
    ['', undefined],
    [undefined, undefined],
    ['Sat, 31 Jan 2026 12:00:10 GMT', 10_000],
    ['Sat, 31 Jan 2026 11:59:50 GMT', undefined],
    ['31536000', 31_536_000_000],
    ['99999999999', 1e12],
    ['9'.repeat(400), 1e12],
    ['Fri, 31 Dec 9999 23:59:59 GMT', 1e12],
  ] as const) {
    it(`of ${JSON.stringify(header)} asks for ${String(expected)} ms`, () => {
      assert.equal(parseRetryAfter(header, NOW), expected);
    });
  }
});
