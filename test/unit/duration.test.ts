import assert from 'node:assert/strict';
import { describeDuration, describeProgress } from '../../tasks/AzureDevOpsTokenV1/src/duration';

describe('a duration', () => {
  for (const [ms, text] of [
    [0, '0 s'],
    [49, '0 s'],
    [500, '0.5 s'],
    [9_949, '9.9 s'],
    [10_000, '10 s'],
    [59_400, '59 s'],
    [60_000, '1 min'],
    [125_000, '2 min 5 s'],
    [3_599_000, '59 min 59 s'],
    [3_599_700, '1 h'],
    [3_600_000, '1 h'],
    [5_445_000, '1 h 30 min'],
    [86_399_000, '23 h 59 min'],
    [604_800_000, '168 h'],
  ] as const) {
    it(`of ${ms} ms is ${text}`, () => {
      assert.equal(describeDuration(ms), text);
    });
  }

  it('of a waiting counts its looks', () => {
    assert.equal(describeProgress({ polls: 3, elapsedMs: 20_000 }), 'poll 3 after 20 s');
  });
});
