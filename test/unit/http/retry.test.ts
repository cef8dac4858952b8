import assert from 'node:assert/strict';
import {
  findPause,
  parseRetryAfter,
  retry,
  type RetryOptions,
  type RetryReason,
  spreadRetryAfter,
  toSeconds,
} from '../../../tasks/AzureDevOpsTokenV1/src/http/retry';
import { SHORT_REQUEST } from '../../../tasks/AzureDevOpsTokenV1/src/limits';
import { FakeClock } from '../fakes';

const OPTIONS = SHORT_REQUEST.retry;

/** Attempts something with these outcomes; one that is a reason is worth another attempt. */
async function run(
  outcomes: readonly (RetryReason | string)[],
  { options = OPTIONS, random = 1 }: { options?: RetryOptions; random?: number } = {},
) {
  const clock = new FakeClock();
  const lines: string[] = [];
  const elapsed: number[] = [];
  const queue = [...outcomes];
  const result = await retry(
    ({ elapsedMs }) => {
      elapsed.push(elapsedMs);
      return Promise.resolve(queue.length > 1 ? queue.shift()! : queue[0]!);
    },
    {
      clock,
      log: (line) => lines.push(line),
      random: () => random,
      options: () => options,
      findReason: (outcome) => (typeof outcome === 'string' ? undefined : outcome),
    },
  );
  return { result, lines, elapsed, sleeps: clock.sleeps };
}

const BUSY = { reason: 'dev.azure.com returned 503' };

describe('a retry', () => {
  it('does not happen if the outcome is not worth it', async () => {
    const { result, lines } = await run(['done']);
    assert.deepEqual(result, { outcome: 'done', attempts: 1, elapsedMs: 0 });
    assert.deepEqual(lines, []);
  });

  it('ends with the first outcome that is not worth another one', async () => {
    const { result, elapsed } = await run([BUSY, BUSY, 'done']);
    assert.deepEqual(result, { outcome: 'done', attempts: 3, elapsedMs: 3_000 });
    assert.deepEqual(elapsed, [0, 1_000, 3_000]);
  });

  it('ends with the last outcome that is allowed', async () => {
    const { result } = await run([BUSY]);
    assert.deepEqual(result, { outcome: BUSY, attempts: 6, elapsedMs: 25_000 });
  });

  it('is logged with its reason and its pause, in whole seconds, but never 0', async () => {
    const { lines } = await run([BUSY, 'done'], { random: 0.5 });
    assert.deepEqual(lines, ['dev.azure.com returned 503. Next attempt in 1 s.']);
    assert.deepEqual([1, 499, 1_499, 1_500].map(toSeconds), [1, 1, 1, 2]);
  });

  it('waits as long as the server asks', async () => {
    const { sleeps } = await run([{ ...BUSY, retryAfterMs: 7_000 }, 'done'], { random: 0 });
    assert.deepEqual(sleeps, [7_000]);
  });
});

describe('the pause before a retry', () => {
  const at = (attempts: number, elapsedMs = 0) => ({ attempts, elapsedMs });

  it('doubles up to its maximum', () => {
    const pauses = [1, 2, 3, 4, 5].map((attempts) =>
      findPause(at(attempts), OPTIONS, { random: 1 }),
    );
    assert.deepEqual(pauses, [1_000, 2_000, 4_000, 8_000, 10_000]);
  });

  it('is up to a half shorter at random', () => {
    assert.equal(findPause(at(2), OPTIONS, { random: 0 }), 1_000);
    assert.equal(findPause(at(2), OPTIONS, { random: 0.5 }), 1_500);
  });

  it('is at least what the server asks for', () => {
    const pause = (retryAfterMs: number) => findPause(at(3), OPTIONS, { retryAfterMs, random: 0 });
    assert.deepEqual([1_000, 7_000, 40_000].map(pause), [2_000, 7_000, 40_000]);
  });

  it('is up to a tenth longer than the server asks for, if there is time', () => {
    const pause = (retryAfterMs: number, elapsedMs = 0) =>
      findPause(at(1, elapsedMs), OPTIONS, { retryAfterMs, random: 1 });
    assert.deepEqual(
      [7_000, 30_000, 38_000, 40_000].map((ms) => pause(ms)),
      [7_700, 33_000, 40_000, 40_000],
    );
    assert.equal(pause(7_000, 33_000), 7_000);
    assert.equal(pause(7_000, 33_001), undefined);
    assert.equal(spreadRetryAfter(20_000, 0.5), 21_000);
    assert.equal(spreadRetryAfter(300_000, 1), 330_000);
  });

  it('is none after the last retry', () => {
    const options = { ...OPTIONS, maxRetries: 2 };
    assert.equal(findPause(at(2), options, { random: 1 }), 2_000);
    assert.equal(findPause(at(3), options, { random: 1 }), undefined);
    assert.equal(findPause(at(1), { ...OPTIONS, maxRetries: 0 }, { random: 1 }), undefined);
  });

  it('is none if the server asks for more than five minutes', () => {
    const options = { ...OPTIONS, maxElapsedMs: Infinity };
    assert.equal(findPause(at(1), options, { retryAfterMs: 300_000, random: 0 }), 300_000);
    assert.equal(findPause(at(1), options, { retryAfterMs: 300_001, random: 1 }), undefined);
    const clamped = { ...options, atDeadline: 'clamp' } as const;
    assert.equal(findPause(at(1), clamped, { retryAfterMs: 300_001, random: 1 }), undefined);
  });

  it('is none if it would end after the deadline', () => {
    assert.equal(findPause(at(1, 39_000), OPTIONS, { random: 1 }), 1_000);
    assert.equal(findPause(at(1, 39_001), OPTIONS, { random: 1 }), undefined);
  });

  it('ends with the deadline if it is clamped', () => {
    const options = { ...OPTIONS, atDeadline: 'clamp' } as const;
    assert.equal(findPause(at(1, 39_001), options, { random: 1 }), 999);
    assert.equal(findPause(at(1, 0), options, { retryAfterMs: 50_000, random: 1 }), 40_000);
    assert.equal(findPause(at(1, 40_000), options, { random: 1 }), undefined);
    assert.equal(findPause(at(1, 40_001), options, { random: 1 }), undefined);
  });
});

const NOW = Date.parse('2026-01-31T12:00:00Z');

describe('a Retry-After', () => {
  for (const [header, expected] of [
    ['3', 3000],
    ['0', undefined],
    ['-3', undefined],
    ['3.5', 3500],
    ['0.250', 250],
    ['29.999', 29_999],
    ['.5', 500],
    ['1.', 1000],
    ['0.0', undefined],
    ['0.0001', 1],
    ['1.5.5', undefined],
    ['1,5', undefined],
    ['1e3', undefined],
    ['soon', undefined],
    ['5 minutes', undefined],
    ['1x', undefined],
    ['x1', undefined],
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
