// Mocha's own report, and what the last lines of `npm test` say: the counts, the failed tests, what was skipped and why, and the files that
// took longest.
'use strict';

const { mkdirSync, writeFileSync } = require('node:fs');
const { join, relative } = require('node:path');
const { reporters } = require('mocha');

const TEST_FOLDER = __dirname;
/** The end of the title of a skipped test, see skip.ts. */
const REASON = / \(skipped: (.*)\)$/;

/** The first line of its message; of a property, also the seed that runs its counterexample again. */
function describe(error) {
  const [first, second] = String(error?.message).split('\n');
  return second?.startsWith('{ seed:') ? `${first} ${second}` : first;
}

module.exports = class extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    const failed = [];
    const skipped = {};
    const durations = {};
    const add = (counts, key, count) => {
      counts[key] = (counts[key] ?? 0) + count;
    };
    const nameOf = ({ file }) => relative(TEST_FOLDER, file ?? '').replaceAll('\\', '/');
    runner.on('fail', (test, error) => {
      failed.push(`${test.file}: ${test.fullTitle()}: ${describe(error)}`);
    });
    runner.on('pending', (test) => {
      add(skipped, REASON.exec(test.title)?.[1] ?? 'no reason is given', 1);
    });
    for (const event of ['test end', 'hook end']) {
      runner.on(event, (runnable) => {
        add(durations, nameOf(runnable), runnable.duration ?? 0);
      });
    }
    runner.once('end', () => {
      const { passes, failures, pending } = this.stats;
      const slowest = Object.entries(durations).sort(([, one], [, other]) => other - one);
      const counts = { passes, failures, pending, failed, skipped, slowest };
      const folder = join(__dirname, '..', 'coverage');
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'counts.json'), JSON.stringify(counts));
    });
  }
};
