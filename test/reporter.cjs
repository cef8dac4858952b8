// Mocha's own report, and what the last lines of `npm test` say: the counts and the failed tests.
'use strict';

const { mkdirSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { reporters } = require('mocha');

module.exports = class extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    const failed = [];
    runner.on('fail', (test, error) => {
      failed.push(`${test.file}: ${test.fullTitle()}: ${String(error?.message).split('\n')[0]}`);
    });
    runner.once('end', () => {
      const { passes, failures, pending } = this.stats;
      const folder = join(__dirname, '..', 'coverage');
      mkdirSync(folder, { recursive: true });
      writeFileSync(
        join(folder, 'counts.json'),
        JSON.stringify({ passes, failures, pending, failed }),
      );
    });
  }
};
