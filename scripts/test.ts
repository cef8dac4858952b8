// Everything that has to be true of a commit: `npm test`. Its last line counts the tests.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './build-task';

const COUNTS = join(ROOT, 'coverage', 'counts.json');
const NPM = process.platform === 'win32' ? 'npm.cmd' : 'npm';

/** A step of the test; its name is shown. */
interface Check {
  readonly name: string;
  readonly command: readonly string[];
}

const bin = (name: string) => join(ROOT, 'node_modules', '.bin', name);

const CHECKS: readonly Check[] = [
  { name: 'build', command: [bin('tsx'), 'scripts/build.ts'] },
  { name: 'types', command: [bin('tsc')] },
  { name: 'lint', command: [bin('eslint'), '.'] },
  { name: 'format', command: [bin('prettier'), '--check', '--log-level', 'warn', '.'] },
  { name: 'tests and coverage', command: [bin('c8'), bin('mocha')] },
];

/** The releases of Node.js that agents bring, installed once. */
const AGENT_NODES = join(ROOT, 'test', 'agent-nodes');
const INSTALL: Check = {
  name: 'the Node.js releases of the agents',
  command: [NPM, 'ci', '--prefix', AGENT_NODES, '--no-audit', '--no-fund', '--loglevel=error'],
};

function main(): number {
  rmSync(COUNTS, { force: true });
  const isInstalled = existsSync(join(AGENT_NODES, 'node_modules', '.package-lock.json'));
  const failed = [...(isInstalled ? [] : [INSTALL]), ...CHECKS].filter(({ name, command }) => {
    console.log(`\n# ${name}`);
    const [file = '', ...args] = command;
    const { status } = spawnSync(file, args, {
      cwd: ROOT,
      stdio: 'inherit',
      shell: process.platform === 'win32',
    });
    return status !== 0;
  });
  const { passes, failures, pending } = readCounts();
  const others = failed.filter(({ name }) => name !== 'tests and coverage' || failures === 0);
  console.log('');
  others.forEach(({ name }) => {
    console.log(`Failed: ${name}`);
  });
  console.log(`${passes} passed, ${failures + others.length} failed, ${pending} skipped`);
  return failed.length === 0 ? 0 : 1;
}

function readCounts(): { passes: number; failures: number; pending: number } {
  return existsSync(COUNTS)
    ? (JSON.parse(readFileSync(COUNTS, 'utf8')) as ReturnType<typeof readCounts>)
    : { passes: 0, failures: 0, pending: 0 };
}

process.exitCode = main();
