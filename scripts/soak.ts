// The generators of test/attack for longer than `npm test` has time: `npm run soak`, before a release.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { buildTask, ROOT } from './build-task';

/** Of the modules, in one process; of the built task a twentieth of it. */
const RUNS = 10_000;

await buildTask();
const mocha = join(ROOT, 'node_modules', '.bin', 'mocha');
const options = ['--no-parallel', '--spec', 'test/attack/**/*.test.ts', '--reporter', 'spec'];
const { status } = spawnSync(mocha, ['--no-config', ...nodeOptions(), ...options], {
  cwd: ROOT,
  stdio: 'inherit',
  shell: process.platform === 'win32',
  env: { ...process.env, SOAK_RUNS: String(RUNS) },
});
process.exitCode = status ?? 1;

function nodeOptions(): readonly string[] {
  return ['--node-option', 'import=tsx', '--node-option', 'no-experimental-require-module'];
}
