// One step, in a thread of its own: loads the built task, and starts it when it is told to.
'use strict';

const { readdirSync } = require('node:fs');
const { join } = require('node:path');
const { parentPort, workerData } = require('node:worker_threads');

/** These start something when they are loaded. */
const STARTING = ['index.js', 'git-credential.js', 'json-process.js'];

for (const name of readdirSync(workerData)) {
  if (name.endsWith('.js') && !STARTING.includes(name)) {
    require(join(workerData, name));
  }
}
parentPort.once('message', () => require(join(workerData, 'index.js')));
parentPort.postMessage('loaded');
