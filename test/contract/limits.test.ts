// How long a step can take: what the constants of the code add up to is what docs/reference.md says, and within the contract.
import assert from 'node:assert/strict';
import { findPause } from '../../tasks/AzureDevOpsTokenV1/src/http/retry';
import {
  findRetryOptions,
  findTimeouts,
} from '../../tasks/AzureDevOpsTokenV1/src/identity/endpoint-limits';
import { CALL_DEFAULTS } from '../../tasks/AzureDevOpsTokenV1/src/inputs/read-rest-call';
import {
  BUSY_ENDPOINT,
  GIT_SIGN_IN,
  INPUT_RANGES,
  MAX_PAGES,
  MAX_REDIRECTS,
  MAX_RETRY_AFTER_MS,
  NO_ENDPOINT,
  REST_CALL_RETRY,
  SHORT_REQUEST,
  type SignInLimits,
} from '../../tasks/AzureDevOpsTokenV1/src/limits';
import { readTables, readText } from './files';

const [table = []] = readTables(readText('docs/reference.md')).filter(([first]) =>
  first?.[0]?.startsWith('finds no identity endpoint'),
);
/** The numbers of a row, in order. */
const numbersOf = (what: string) => {
  const row = table.find(([first]) => first?.startsWith(what)) ?? assert.fail(what);
  return [...(row[1] ?? '').matchAll(/\d+/g)].map(([number]) => Number(number));
};
const pausesOf = (retries: number) =>
  Array.from({ length: retries }, (_, index) =>
    Math.min(REST_CALL_RETRY.delayMs * 2 ** index, REST_CALL_RETRY.maxDelayMs),
  ).reduce((sum, pauseMs) => sum + pauseMs, 0) / 1000;

/** Milliseconds until the last attempt at an identity endpoint ends, if every attempt and every pause takes its longest. */
function worstCase(isThere: boolean, limits?: SignInLimits): number {
  let elapsedMs = 0;
  for (let attempts = 1; ; attempts += 1) {
    const { responseMs, bodyMs } = findTimeouts({ elapsedMs }, isThere, limits);
    elapsedMs += responseMs + (isThere ? bodyMs : 0);
    const pauseMs = findPause({ attempts, elapsedMs }, findRetryOptions(isThere, limits), {
      random: 1,
    });
    if (pauseMs === undefined) {
      return elapsedMs;
    }
    elapsedMs += pauseMs;
  }
}

describe('the longest that a step takes', () => {
  it('is what docs/reference.md says, where there is no identity endpoint', () => {
    const [seconds = 0] = numbersOf('finds no identity endpoint');
    assert.equal(seconds, 15);
    assert.ok(NO_ENDPOINT.totalMs <= seconds * 1000);
    assert.ok(worstCase(false) <= seconds * 1000, String(worstCase(false)));
  });

  it('… where it is busy, whatever it does', () => {
    const [most = 0, least = 0] = numbersOf('requests a token from a busy');
    assert.deepEqual([most, least], [120, 75]);
    assert.ok(BUSY_ENDPOINT.totalMs <= most * 1000);
    assert.ok(BUSY_ENDPOINT.retry.maxElapsedMs >= least * 1000);
    assert.ok(worstCase(true) <= most * 1000, String(worstCase(true)));
  });

  it('… where Microsoft Entra is asked: for the word of Azure DevOps, and for the token', () => {
    const [seconds = 0] = numbersOf('requests a token from Microsoft Entra');
    assert.ok(2 * SHORT_REQUEST.totalMs <= seconds * 1000);
  });

  it('… where the organization is asked', () => {
    const [seconds = 0] = numbersOf('checks the membership');
    assert.equal(seconds, 60);
    assert.ok(SHORT_REQUEST.totalMs <= seconds * 1000);
  });

  it('… of a call, and of the pauses in it', () => {
    assert.deepEqual(numbersOf('makes a REST call'), [1, MAX_REDIRECTS + 1, MAX_REDIRECTS]);
    assert.deepEqual(numbersOf('pauses between'), [
      pausesOf(Number(CALL_DEFAULTS.maxRetries)),
      pausesOf(INPUT_RANGES.maxRetries[1]),
      MAX_RETRY_AFTER_MS / 1000,
    ]);
  });

  it('… of a credential for git, which waits for it', () => {
    const [silent = 0, busy = 0] = numbersOf('gets a credential for git');
    assert.deepEqual([silent, busy], [15, 75]);
    const { entra } = GIT_SIGN_IN;
    assert.ok(worstCase(false, GIT_SIGN_IN) <= silent * 1000);
    assert.ok(worstCase(true, GIT_SIGN_IN) <= busy * 1000);
    // After an attempt without a response there is no time left for another one.
    assert.ok(entra.attemptMs + entra.retry.delayMs / 2 >= entra.retry.maxElapsedMs);
    assert.ok(entra.attemptMs <= silent * 1000 && 2 * entra.totalMs <= busy * 1000);
  });

  it('… of a list', () => {
    assert.deepEqual(numbersOf('reads a list'), [MAX_PAGES]);
  });

  it('… after it was cancelled, as test/task/cancel.test.ts measures', () => {
    assert.deepEqual(numbersOf('ends after'), [1]);
  });
});
