// Preloaded into a task whose waits would take minutes: time runs FAST_CLOCK times as fast for the code of the task.
'use strict';

const factor = Number(process.env.FAST_CLOCK);
const { setTimeout: wait } = globalThis;
const now = performance.now.bind(performance);
const today = Date.now.bind(Date);
const [started, startedToday] = [now(), today()];

globalThis.setTimeout = (run, ms, ...rest) => wait(run, ms / factor, ...rest);
performance.now = () => started + (now() - started) * factor;
Date.now = () => startedToday + (today() - startedToday) * factor;
