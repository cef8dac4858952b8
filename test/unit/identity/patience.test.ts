import assert from 'node:assert/strict';
import {
  retryOptionsFor,
  pauseAfter,
} from '../../../tasks/AzureDevOpsTokenV1/src/identity/patience';

const at = (attempts: number, elapsedMs: number, isThere: boolean) => ({
  attempts,
  elapsedMs,
  isThere,
});

describe('the patience of an attempt', () => {
  it('is short while nobody is known to be there', () => {
    assert.deepEqual(retryOptionsFor(at(0, 0, false)), {
      toConnectMs: 3_000,
      toFirstByteMs: 6_000,
      betweenBytesMs: 5_000,
      toLastByteMs: 20_000,
    });
  });

  it('ends with the limit for a machine without an endpoint', () => {
    const { toConnectMs, toFirstByteMs } = retryOptionsFor(at(2, 10_000, false));
    assert.deepEqual([toConnectMs, toFirstByteMs], [2_000, 2_000]);
  });

  it('is longer for somebody who is there', () => {
    assert.deepEqual(retryOptionsFor(at(3, 60_000, true)), {
      toConnectMs: 3_000,
      toFirstByteMs: 15_000,
      betweenBytesMs: 5_000,
      toLastByteMs: 20_000,
    });
  });

  it('ends with the limit for somebody who is there', () => {
    const { toFirstByteMs, toLastByteMs } = retryOptionsFor(at(9, 90_000, true));
    assert.deepEqual([toFirstByteMs, toLastByteMs], [15_000, 10_000]);
  });
});

describe('the pause before another attempt', () => {
  it('doubles from two seconds to ten, less up to a half by chance', () => {
    const pauses = [1, 2, 3, 4, 20].map((attempts) =>
      pauseAfter(at(attempts, 0, true), undefined, 1),
    );
    assert.deepEqual(pauses, [2_000, 4_000, 8_000, 10_000, 10_000]);
    assert.equal(pauseAfter(at(3, 0, true), undefined, 0), 4_000);
    assert.equal(pauseAfter(at(3, 0, true), undefined, 0.5), 6_000);
  });

  it('is as long as the server asks', () => {
    assert.equal(pauseAfter(at(1, 0, true), 7_000, 1), 7_000);
    assert.equal(pauseAfter(at(1, 0, true), 500, 1), 2_000);
  });

  it('leaves room for a last attempt', () => {
    assert.equal(pauseAfter(at(4, 7_000, false), undefined, 1), 2_000);
    assert.equal(pauseAfter(at(9, 85_000, true), undefined, 1), 5_000);
    assert.equal(pauseAfter(at(1, 1_000, true), 200_000, 1), 89_000);
  });

  it('is none once the last attempt was made', () => {
    assert.equal(pauseAfter(at(4, 9_000, false), undefined, 1), undefined);
    assert.equal(pauseAfter(at(4, 9_000, true), undefined, 1), 10_000);
    assert.equal(pauseAfter(at(14, 90_000, true), undefined, 1), undefined);
    assert.equal(pauseAfter(at(14, 91_000, true), undefined, 1), undefined);
  });

  it('is none where the server asks for more than five minutes', () => {
    assert.equal(pauseAfter(at(1, 0, true), 300_000, 1), 90_000);
    assert.equal(pauseAfter(at(1, 0, true), 300_001, 1), undefined);
  });
});

describe('all attempts together', () => {
  /** The longest that can pass when each attempt waits for `waitMs` and each pause is as long as it gets. */
  function worstCase(isThere: boolean): { totalMs: number; lastAttemptAtMs: number } {
    let elapsedMs = 0;
    let lastAttemptAtMs = 0;
    for (let attempts = 1; ; attempts++) {
      lastAttemptAtMs = elapsedMs;
      const retryOptions = retryOptionsFor(at(attempts - 1, elapsedMs, isThere));
      elapsedMs += retryOptions.toFirstByteMs + (isThere ? retryOptions.toLastByteMs : 0);
      const pause = pauseAfter(at(attempts, elapsedMs, isThere), undefined, 1);
      if (pause === undefined) {
        return { totalMs: elapsedMs, lastAttemptAtMs };
      }
      elapsedMs += pause;
    }
  }

  it('take less than 15 seconds where nobody is there', () => {
    assert.ok(worstCase(false).totalMs <= 12_000);
  });

  it('take at most 120 seconds where somebody is there', () => {
    assert.ok(worstCase(true).totalMs <= 115_000);
  });

  it('go on for at least 75 seconds where somebody is there, whatever chance does', () => {
    for (const random of [0, 0.5, 1]) {
      let elapsedMs = 0;
      for (let attempts = 1; ; attempts++) {
        const pause = pauseAfter(at(attempts, elapsedMs, true), undefined, random);
        if (pause === undefined) {
          break;
        }
        elapsedMs += pause;
      }
      assert.equal(elapsedMs, 90_000);
    }
  });
});
