// Preloaded into a task: notes each program that it starts, with its arguments and its environment.
'use strict';

const childProcess = require('node:child_process');
const { appendFileSync } = require('node:fs');

for (const name of ['spawn', 'spawnSync', 'exec', 'execSync', 'execFile', 'execFileSync', 'fork']) {
  const start = childProcess[name];
  childProcess[name] = (...args) => {
    appendFileSync(process.env.SPAWN_GUARD, `${JSON.stringify([name, args])}\n`);
    return start(...args);
  };
}
