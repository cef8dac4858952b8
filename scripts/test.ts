// Everything that has to be true of a commit: `npm test`. Its last line counts the tests.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { installAgentNodes } from './agent-nodes';
import { ROOT } from './build-task';

const COUNTS = join(ROOT, 'coverage', 'counts.json');

/** A step of the test; its name is shown. */
interface Check {
  readonly name: string;
  readonly command: readonly string[];
}

const bin = (name: string) => join(ROOT, 'node_modules', '.bin', name);

const TESTS = 'tests and coverage';
/** Named here and not in .mocharc.json, so that `npx mocha FILE` runs that file alone. */
const TEST_FILES = ['unit', 'emulators', 'contract', 'task', 'faults', 'attack'].map(
  (folder) => `test/${folder}/**/*.test.ts`,
);
const CHECKS: readonly Check[] = [
  { name: 'build', command: [bin('tsx'), 'scripts/build.ts'] },
  { name: 'types', command: [bin('tsc')] },
  { name: 'lint', command: [bin('eslint'), '.'] },
  { name: 'format', command: [bin('prettier'), '--check', '--log-level', 'warn', '.'] },
  // Most tests wait for processes and servers most of the time.
  { name: TESTS, command: [bin('c8'), bin('mocha'), '--parallel', '--jobs', '2', ...TEST_FILES] },
];

function main(): number {
  rmSync(COUNTS, { force: true });
  const isReady = installAgentNodes();
  const failed = CHECKS.filter(({ name, command }) => {
    console.log(`\n# ${name}`);
    const [file = '', ...args] = command;
    const shell = process.platform === 'win32';
    return spawnSync(file, args, { cwd: ROOT, stdio: 'inherit', shell }).status !== 0;
  }).map(({ name }) => name);
  const { passes, failures, pending, failed: failedTests } = readCounts();
  // Of a run in which tests failed, those are counted; of any other, the check.
  const others = [
    ...(isReady ? [] : ['the Node.js releases of the agents']),
    ...failed.filter((name) => name !== TESTS || failures === 0),
  ];
  console.log('');
  // Again at the end, because the table of the coverage separates the report from it.
  [...failedTests, ...others].forEach((name) => {
    console.log(`Failed: ${name}`);
  });
  console.log(`${passes} passed, ${failures + others.length} failed, ${pending} skipped`);
  return failures + others.length === 0 ? 0 : 1;
}

/** What test/reporter.cjs has counted; zeros if the tests did not run to their end. */
interface Counts {
  readonly passes: number;
  readonly failures: number;
  readonly pending: number;
  /** File, title and first line of the message of each failed test. */
  readonly failed: readonly string[];
}

function readCounts(): Counts {
  return existsSync(COUNTS)
    ? (JSON.parse(readFileSync(COUNTS, 'utf8')) as Counts)
    : { passes: 0, failures: 0, pending: 0, failed: [] };
}

process.exitCode = main();
