// Mocha's own report, and the counts for the last line of `npm test`.
'use strict';

const { mkdirSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { reporters } = require('mocha');

module.exports = class extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    runner.once('end', () => {
      const { passes, failures, pending } = this.stats;
      const folder = join(__dirname, '..', 'coverage');
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'counts.json'), JSON.stringify({ passes, failures, pending }));
    });
  }
};
