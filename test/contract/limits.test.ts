// How long a step can take: what the constants of the code add up to is what overview.md says, and within the contract.
import assert from 'node:assert/strict';
import { MAX_REDIRECTS } from '../../tasks/AzureDevOpsTokenV1/src/http/exchange';
import { MAX_RETRY_AFTER_MS, RETRY_OPTIONS } from '../../tasks/AzureDevOpsTokenV1/src/http/retry';
import {
  NOBODY_THERE,
  retryOptionsFor,
  pauseAfter,
  SOMEBODY_THERE,
} from '../../tasks/AzureDevOpsTokenV1/src/identity/patience';
import { CALL_DEFAULTS } from '../../tasks/AzureDevOpsTokenV1/src/inputs/read-rest-call';
import { DELAYS } from '../../tasks/AzureDevOpsTokenV1/src/rest/rest-client';
import { MAX_PAGES } from '../../tasks/AzureDevOpsTokenV1/src/rest/paging';
import { readTables, readText } from './files';

const [table = []] = readTables(readText('overview.md')).filter(([first]) =>
  first?.[0]?.startsWith('finds no identity endpoint'),
);
/** The numbers of a row, in order. */
const numbersOf = (what: string) => {
  const row = table.find(([first]) => first?.startsWith(what)) ?? assert.fail(what);
  return [...(row[1] ?? '').matchAll(/\d+/g)].map(([number]) => Number(number));
};
/** The greatest `maxRetries`. */
const MOST_RETRIES = 20;
const pausesOf = (retries: number) =>
  Array.from({ length: retries }, (_, index) =>
    Math.min(DELAYS.delayMs * 2 ** index, DELAYS.maxDelayMs),
  ).reduce((sum, pauseMs) => sum + pauseMs, 0) / 1000;

/** Asks the identity endpoint as slowly as its patience lets it: every attempt and every pause takes its longest. */
function worstCase(isThere: boolean): number {
  let elapsedMs = 0;
  for (let attempts = 1; ; attempts += 1) {
    const { toFirstByteMs, toLastByteMs } = retryOptionsFor({ attempts, elapsedMs, isThere });
    elapsedMs += toFirstByteMs + (isThere ? toLastByteMs : 0);
    const pauseMs = pauseAfter({ attempts, elapsedMs, isThere }, undefined, 1);
    if (pauseMs === undefined) {
      return elapsedMs;
    }
    elapsedMs += pauseMs;
  }
}

describe('the longest that a step takes', () => {
  it('is what overview.md says, where there is no identity endpoint', () => {
    const [seconds = 0] = numbersOf('finds no identity endpoint');
    assert.equal(seconds, 15);
    assert.ok(NOBODY_THERE.endMs <= seconds * 1000);
    assert.ok(worstCase(false) <= seconds * 1000, String(worstCase(false)));
  });

  it('… where it is busy, whatever it does', () => {
    const [most = 0, least = 0] = numbersOf('asks an identity endpoint');
    assert.deepEqual([most, least], [120, 75]);
    assert.ok(SOMEBODY_THERE.endMs <= most * 1000);
    assert.ok(SOMEBODY_THERE.lastAttemptAtMs >= least * 1000);
    assert.ok(worstCase(true) <= most * 1000, String(worstCase(true)));
  });

  it('… where Microsoft Entra is asked: for the word of Azure DevOps, and for the token', () => {
    const [seconds = 0] = numbersOf('asks Microsoft Entra');
    assert.ok(2 * RETRY_OPTIONS.endMs <= seconds * 1000);
  });

  it('… where the organization is asked', () => {
    const [seconds = 0] = numbersOf('asks the organization');
    assert.equal(seconds, 60);
    assert.ok(RETRY_OPTIONS.endMs <= seconds * 1000);
    assert.ok(RETRY_OPTIONS.lastAttemptAtMs < RETRY_OPTIONS.endMs);
  });

  it('… of a call, and of the pauses in it', () => {
    assert.deepEqual(numbersOf('makes a call'), [1, MAX_REDIRECTS + 1, MAX_REDIRECTS]);
    assert.deepEqual(numbersOf('pauses between'), [
      pausesOf(Number(CALL_DEFAULTS.maxRetries)),
      pausesOf(MOST_RETRIES),
      MAX_RETRY_AFTER_MS / 1000,
    ]);
  });

  it('… of a list', () => {
    assert.deepEqual(numbersOf('reads a list'), [MAX_PAGES]);
  });

  it('… after it was cancelled, as test/task/cancel.test.ts measures', () => {
    assert.deepEqual(numbersOf('ends after'), [1]);
  });
});
