import assert from 'node:assert/strict';
import { systemClock } from '../../tasks/AzureDevOpsTokenV1/src/clock';

describe('the clock', () => {
  it('tells the time of the machine', () => {
    const before = Date.now();
    const now = systemClock.now();
    assert.ok(before <= now && now <= Date.now());
  });

  it('sleeps for as long as it is told', async () => {
    const start = systemClock.elapsed();
    await systemClock.sleep(30);
    // Timers of Node.js may be early by a part of a millisecond.
    assert.ok(systemClock.elapsed() - start >= 29);
  });
});
