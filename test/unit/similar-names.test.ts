import assert from 'node:assert/strict';
import { findSimilarNames } from '../../scripts/similar-names';

const NAMES = ['default', 'not-a-member', 'call-not-a-member', 'no-endpoint', 'no-identity', 'pod'];

describe('the names like a misspelled one', () => {
  for (const [what, text, expected] of [
    ['with letters in another order', 'defualt', ['default']],
    ['with a letter left out', 'no-endpont', ['no-endpoint']],
    ['in capitals', 'DEFAULT', ['default']],
    ['with a part of the name only', 'member', ['not-a-member', 'call-not-a-member']],
    ['nearest first', 'not-a-membr', ['not-a-member']],
    ['if none is like it', 'something-else-entirely', []],
    ['for an empty text', '', []],
  ] as const) {
    it(`are found ${what}`, () => {
      assert.deepEqual(findSimilarNames(text, NAMES), expected);
    });
  }

  it('are three at most', () => {
    const names = ['call-a', 'call-b', 'call-c', 'call-d'];
    assert.deepEqual(findSimilarNames('call', names), ['call-a', 'call-b', 'call-c']);
  });
});
