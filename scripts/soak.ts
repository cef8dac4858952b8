// The generators of test/attack for longer than `npm test` has time: `npm run soak`, before a release.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { buildTask, ROOT } from './build-task';

/** Of the modules, in one process; of the built task a twentieth of it. */
const RUNS = 10_000;

await buildTask();
const mocha = join(ROOT, 'node_modules', 'mocha', 'bin', 'mocha.js');
const { status } = spawnSync(process.execPath, [mocha, 'test/attack/**/*.test.ts'], {
  cwd: ROOT,
  stdio: 'inherit',
  env: { ...process.env, SOAK_RUNS: String(RUNS) },
});
process.exitCode = status ?? 1;
