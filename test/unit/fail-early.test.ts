import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { failEarly } from '../../tasks/AzureDevOpsTokenV1/src/fail-early';

describe('failing early', () => {
  it('is one error, and the end of the step', () => {
    const log = mock.method(console, 'log', () => undefined);
    failEarly('It broke.');
    log.mock.restore();
    assert.deepEqual(
      log.mock.calls.map(({ arguments: written }) => written),
      [
        ['##vso[task.logissue type=error]It broke.'],
        ['##vso[task.complete result=Failed]It broke.'],
      ],
    );
  });
});
