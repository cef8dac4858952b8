import assert from 'node:assert/strict';
import { isIdempotent, isSafe, METHODS } from '../../../tasks/AzureDevOpsTokenV1/src/http/method';

describe('a method', () => {
  it('may be repeated, or not', () => {
    assert.deepEqual(METHODS.filter(isIdempotent), ['GET', 'PUT', 'DELETE', 'HEAD']);
  });

  it('only reads, or not', () => {
    assert.deepEqual(METHODS.filter(isSafe), ['GET', 'HEAD']);
  });
});
