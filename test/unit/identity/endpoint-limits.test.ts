import assert from 'node:assert/strict';
import { findPause } from '../../../tasks/AzureDevOpsTokenV1/src/http/retry';
import {
  findRetryOptions,
  findTimeouts,
} from '../../../tasks/AzureDevOpsTokenV1/src/identity/endpoint-limits';

const pauseAfter = (
  attempts: number,
  elapsedMs: number,
  {
    isThere,
    retryAfterMs,
    random = 1,
  }: { isThere: boolean; retryAfterMs?: number; random?: number },
) => findPause({ attempts, elapsedMs }, findRetryOptions(isThere), { retryAfterMs, random });
const THERE = { isThere: true };
const NOT_THERE = { isThere: false };

describe('the timeouts of an attempt at an identity endpoint', () => {
  it('are short while no identity service has responded', () => {
    assert.deepEqual(findTimeouts({ elapsedMs: 0 }, false), {
      connectMs: 3_000,
      responseMs: 6_000,
      idleMs: 5_000,
      bodyMs: 20_000,
    });
  });

  it('end with the limit for a machine without an endpoint', () => {
    const { connectMs, responseMs } = findTimeouts({ elapsedMs: 10_000 }, false);
    assert.deepEqual([connectMs, responseMs], [2_000, 2_000]);
  });

  it('are longer once the identity service has responded', () => {
    assert.deepEqual(findTimeouts({ elapsedMs: 60_000 }, true), {
      connectMs: 3_000,
      responseMs: 15_000,
      idleMs: 5_000,
      bodyMs: 20_000,
    });
  });

  it('end with the limit for a busy endpoint', () => {
    const { responseMs, bodyMs } = findTimeouts({ elapsedMs: 90_000 }, true);
    assert.deepEqual([responseMs, bodyMs], [15_000, 10_000]);
  });
});

describe('the pause before another attempt at an identity endpoint', () => {
  it('doubles from two seconds to ten, less up to a half at random', () => {
    const pauses = [1, 2, 3, 4, 20].map((attempts) => pauseAfter(attempts, 0, THERE));
    assert.deepEqual(pauses, [2_000, 4_000, 8_000, 10_000, 10_000]);
    assert.equal(pauseAfter(3, 0, { ...THERE, random: 0 }), 4_000);
    assert.equal(pauseAfter(3, 0, { ...THERE, random: 0.5 }), 6_000);
  });

  it('is as long as the server asks', () => {
    assert.equal(pauseAfter(1, 0, { ...THERE, retryAfterMs: 7_000, random: 0 }), 7_000);
    assert.equal(pauseAfter(1, 0, { ...THERE, retryAfterMs: 500 }), 2_000);
  });

  it('leaves room for a last attempt', () => {
    assert.equal(pauseAfter(4, 7_000, NOT_THERE), 2_000);
    assert.equal(pauseAfter(9, 85_000, THERE), 5_000);
    assert.equal(pauseAfter(1, 1_000, { ...THERE, retryAfterMs: 200_000 }), 89_000);
  });

  it('is none once the last attempt was made', () => {
    assert.equal(pauseAfter(4, 9_000, NOT_THERE), undefined);
    assert.equal(pauseAfter(4, 9_000, THERE), 10_000);
    assert.equal(pauseAfter(14, 90_000, THERE), undefined);
    assert.equal(pauseAfter(14, 91_000, THERE), undefined);
  });

  it('is none if the server asks for more than five minutes', () => {
    assert.equal(pauseAfter(1, 0, { ...THERE, retryAfterMs: 300_000 }), 90_000);
    assert.equal(pauseAfter(1, 0, { ...THERE, retryAfterMs: 300_001 }), undefined);
  });
});

describe('all attempts together', () => {
  /** The longest that can pass when each attempt waits for `waitMs` and each pause is as long as it gets. */
  function worstCase(isThere: boolean): { totalMs: number; lastAttemptAtMs: number } {
    let elapsedMs = 0;
    let lastAttemptAtMs = 0;
    for (let attempts = 1; ; attempts++) {
      lastAttemptAtMs = elapsedMs;
      const { responseMs, bodyMs } = findTimeouts({ elapsedMs }, isThere);
      elapsedMs += responseMs + (isThere ? bodyMs : 0);
      const pause = pauseAfter(attempts, elapsedMs, { isThere });
      if (pause === undefined) {
        return { totalMs: elapsedMs, lastAttemptAtMs };
      }
      elapsedMs += pause;
    }
  }

  it('take less than 15 seconds where there is no endpoint', () => {
    assert.ok(worstCase(false).totalMs <= 12_000);
  });

  it('take at most 120 seconds if the endpoint is busy', () => {
    assert.ok(worstCase(true).totalMs <= 115_000);
  });

  it('go on for at least 75 seconds if the endpoint is busy, whatever the random numbers are', () => {
    for (const random of [0, 0.5, 1]) {
      let elapsedMs = 0;
      for (let attempts = 1; ; attempts++) {
        const pause = pauseAfter(attempts, elapsedMs, { ...THERE, random });
        if (pause === undefined) {
          break;
        }
        elapsedMs += pause;
      }
      assert.equal(elapsedMs, 90_000);
    }
  });
});
