import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { Timers } from '../../../tasks/AzureDevOpsTokenV1/src/http/timeouts';

describe('the timers of an attempt', () => {
  beforeEach(() => {
    mock.timers.enable({ apis: ['setTimeout'] });
  });

  afterEach(() => {
    mock.timers.reset();
  });

  function open() {
    const timers = new Timers();
    const state = { code: '' };
    timers.expired.catch((error: unknown) => {
      state.code = (error as { code: string }).code;
    });
    return { timers, state };
  }

  async function tick(ms: number): Promise<void> {
    mock.timers.tick(ms);
    await new Promise((resolve) => {
      process.nextTick(resolve);
    });
  }

  it('end with the code of the first one that is over', async () => {
    const { timers, state } = open();
    timers.start('connect', 100, 'CONNECT_TIMEOUT');
    timers.start('response', 200, 'RESPONSE_TIMEOUT');
    await tick(99);
    assert.equal(state.code, '');
    await tick(1);
    assert.equal(state.code, 'CONNECT_TIMEOUT');
  });

  it('do not end once they are stopped', async () => {
    const { timers, state } = open();
    timers.start('connect', 100, 'CONNECT_TIMEOUT');
    timers.start('response', 200, 'RESPONSE_TIMEOUT');
    timers.stop('connect');
    await tick(150);
    assert.equal(state.code, '');
    timers.stopAll();
    await tick(100);
    assert.equal(state.code, '');
  });

  it('never end without a limit', async () => {
    const { timers, state } = open();
    timers.start('attempt', Infinity, 'RESPONSE_TIMEOUT');
    timers.refresh('attempt');
    await tick(2 ** 31 - 1);
    assert.equal(state.code, '');
  });
});

describe('a timer in real time', () => {
  async function expires(refreshed: string): Promise<boolean> {
    const timers = new Timers();
    timers.start('idle', 60, 'RESPONSE_TIMEOUT');
    let isOver = false;
    timers.expired.catch(() => {
      isOver = true;
    });
    // Node.js runs timers in the order in which they end, so that a busy machine changes nothing.
    for (let elapsedMs = 0; elapsedMs < 90; elapsedMs += 5) {
      timers.refresh(refreshed);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    timers.stopAll();
    return isOver;
  }

  it('does not end while it is refreshed', async () => {
    assert.equal(await expires('idle'), false);
  });

  it('ends if only another one is refreshed', async () => {
    assert.equal(await expires('other'), true);
  });
});
