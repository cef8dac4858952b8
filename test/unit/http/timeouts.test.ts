import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { Timeout } from '../../../tasks/AzureDevOpsTokenV1/src/http/timeouts';

describe('a deadline', () => {
  beforeEach(() => {
    mock.timers.enable({ apis: ['setTimeout'] });
  });

  afterEach(() => {
    mock.timers.reset();
  });

  function open(isIdleTimeout: boolean) {
    const deadline = new Timeout({ ms: 100, isIdleTimeout });
    const state = { code: '' };
    deadline.expired.catch((error: unknown) => {
      state.code = (error as { code: string }).code;
    });
    return { deadline, state };
  }

  const settle = () =>
    new Promise((resolve) => {
      process.nextTick(resolve);
    });

  it('comes when its time is over', async () => {
    const { state } = open(false);
    mock.timers.tick(99);
    await settle();
    assert.equal(state.code, '');
    mock.timers.tick(1);
    await settle();
    assert.equal(state.code, 'SILENT');
  });

  it('does not come once it is cleared', async () => {
    const { deadline, state } = open(true);
    deadline.clear();
    mock.timers.tick(200);
    await settle();
    assert.equal(state.code, '');
  });
});

describe('a deadline in real time', () => {
  async function expires(isIdleTimeout: boolean): Promise<boolean> {
    const deadline = new Timeout({ ms: 600, isIdleTimeout });
    let isOver = false;
    deadline.expired.catch(() => {
      isOver = true;
    });
    const start = performance.now();
    while (performance.now() - start < 900) {
      deadline.postpone();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    deadline.clear();
    return isOver;
  }

  it('of a silence is put off by what comes', async () => {
    assert.equal(await expires(true), false);
  });

  it('of all of an attempt is not', async () => {
    assert.equal(await expires(false), true);
  });
});
