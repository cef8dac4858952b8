// The generators of test/attack for longer than `npm test` has time: `npm run soak`, before a release.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildTask, ROOT } from './build-task';

interface MochaConfig {
  readonly 'node-option': readonly string[];
}

/** Of the modules, in one process; of the built task a twentieth of it. */
const RUNS = 10_000;

await buildTask();
const mocha = join(ROOT, 'node_modules', '.bin', 'mocha');
// The files of the configuration would be run as well: only how Node.js is started is taken from it.
const config = JSON.parse(readFileSync(join(ROOT, '.mocharc.json'), 'utf8')) as MochaConfig;
const options = config['node-option'].flatMap((option) => ['--node-option', option]);
const { status } = spawnSync(mocha, ['--no-config', ...options, 'test/attack/**/*.test.ts'], {
  cwd: ROOT,
  stdio: 'inherit',
  shell: process.platform === 'win32',
  env: { ...process.env, SOAK_RUNS: String(RUNS) },
});
process.exitCode = status ?? 1;
