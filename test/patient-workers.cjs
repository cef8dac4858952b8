// Loaded by mocha: when it has run the tests, it gives its processes a second to end, and kills them then. On a busy machine that is too
// short for Node.js to write the coverage of a process, which is lost. Mocha has no option for it; its pool of processes has.
'use strict';

const { createRequire } = require('node:module');

const ENOUGH_MS = 120_000;

const workerpool = createRequire(require.resolve('mocha'))('workerpool');
const { pool } = workerpool;

workerpool.pool = (script, options) =>
  pool(script, { ...options, workerTerminateTimeout: ENOUGH_MS });
