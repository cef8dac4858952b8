// Loaded by mocha, and by its processes. When it has run the tests, it gives these a second to end, and kills them then. On a busy machine
// that is too short for Node.js to write the coverage of a process, which is lost. Mocha has no option for it; its pool of processes has.
'use strict';

const { createRequire } = require('node:module');

const ENOUGH_MS = 120_000;

const workerpool = createRequire(require.resolve('mocha'))('workerpool');
const { pool } = workerpool;

workerpool.pool = (script, options) =>
  pool(script, { ...options, workerTerminateTimeout: ENOUGH_MS });

// The coverage is that of the modules of the task, which the tests load. What they start runs the built task, or no code of the task: to
// write down what such a process ran takes it a fifth of its time, and leads to nothing. Node.js itself has read the variable by now.
if (process.env.MOCHA_WORKER_ID !== undefined) {
  delete process.env.NODE_V8_COVERAGE;
}
