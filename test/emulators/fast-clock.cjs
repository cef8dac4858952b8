// Preloaded into a task whose waits would take minutes: time runs FAST_CLOCK times as fast for the code of the task. With FAST_CLOCK_FROM_MS,
// only timers of at least that many milliseconds do, and all limits below leave as much time as ever.
'use strict';

const promises = require('node:timers/promises');

const factor = Number(process.env.FAST_CLOCK);
const from = Number(process.env.FAST_CLOCK_FROM_MS ?? 0);
const { setTimeout: wait } = globalThis;
const { setTimeout: sleep } = promises;
const time = process.hrtime.bind(process);
const now = () => {
  const [seconds, nanoseconds] = time();
  return seconds * 1e3 + nanoseconds / 1e6;
};
const today = Date.now.bind(Date);
const [started, startedToday] = [now(), today()];
const shorten = (ms) => (ms >= from ? ms / factor : ms);

globalThis.setTimeout = (run, ms, ...rest) => wait(run, shorten(ms), ...rest);
promises.setTimeout = (ms, ...rest) => sleep(shorten(ms), ...rest);
if (from === 0) {
  process.hrtime = () => {
    const ms = started + (now() - started) * factor;
    const seconds = Math.floor(ms / 1e3);
    return [seconds, Math.floor((ms - seconds * 1e3) * 1e6)];
  };
  Date.now = () => startedToday + (today() - startedToday) * factor;
}
