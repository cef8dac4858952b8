// All tests of the task with the Windows build of Node.js 20, under Wine: `npm run test:windows`, by hand.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { endWine, findObstacle, findProcesses, startWine } from '../test/windows/windows-node';
import { buildTask, ROOT } from './build-task';

/** A step under Wine takes three to ten times as long. */
const TEST_LIMIT_MS = 600_000;
/** More of them, and Wine hangs now and then. */
const JOBS = '1';

async function main(): Promise<number> {
  const obstacle = findObstacle();
  if (obstacle !== undefined) {
    console.log(`Not run: ${obstacle}`);
    return 1;
  }
  await buildTask();
  startWine();
  try {
    const mocha = join(ROOT, 'node_modules', '.bin', 'mocha');
    const chosen = process.argv.slice(2);
    const files = chosen.length === 0 ? ['test/windows/*.test.ts', 'test/task/*.test.ts'] : chosen;
    const limits = ['--parallel', '--jobs', JOBS, '--timeout', String(TEST_LIMIT_MS)];
    const env = { ...process.env, TEST_STEPS_ON: 'windows' };
    return (
      spawnSync(mocha, [...limits, ...files], { cwd: ROOT, stdio: 'inherit', env }).status ?? 1
    );
  } finally {
    endWine();
    console.log(`Processes that are left: ${findProcesses().join(', ') || 'none'}`);
  }
}

process.exitCode = await main();
