// Preloaded into a task whose waits would take minutes: time runs FAST_CLOCK times as fast for the code of the task.
'use strict';

const factor = Number(process.env.FAST_CLOCK);
const { setTimeout: wait } = globalThis;
const time = process.hrtime.bind(process);
const now = () => {
  const [seconds, nanoseconds] = time();
  return seconds * 1e3 + nanoseconds / 1e6;
};
const today = Date.now.bind(Date);
const [started, startedToday] = [now(), today()];

globalThis.setTimeout = (run, ms, ...rest) => wait(run, ms / factor, ...rest);
process.hrtime = () => {
  const ms = started + (now() - started) * factor;
  const seconds = Math.floor(ms / 1e3);
  return [seconds, Math.floor((ms - seconds * 1e3) * 1e6)];
};
Date.now = () => startedToday + (today() - startedToday) * factor;
