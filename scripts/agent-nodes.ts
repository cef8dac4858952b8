import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ARE_STEPS_ON_WINDOWS } from '../test/step-platform';
import { ROOT } from './build-task';

/** The releases of Node.js to run the task on: agents ship 20.20.2 and 24.18.1 for it, and can fall back to older ones. */
export type NodeMajor = 6 | 16 | 20 | 24;

const FOLDER = join(ROOT, 'test', 'agent-nodes');

/** The Node.js that an agent would start, or nothing where this machine has none (they come for Linux on x64). */
export function findAgentNode(major: NodeMajor): string | undefined {
  const file = join(FOLDER, 'node_modules', `node-${major}`, 'bin', 'node');
  // Under Wine, each step runs in Node.js 20, whichever is named.
  const isThere = existsSync(file) && (major === 20 || !ARE_STEPS_ON_WINDOWS);
  return isThere ? file : undefined;
}

/** Installs those releases once; says whether that went well. */
export function installAgentNodes(): boolean {
  if (existsSync(join(FOLDER, 'node_modules', '.package-lock.json'))) {
    return true;
  }
  console.log('Installing the releases of Node.js that agents bring …');
  // Node.js starts `npm.cmd` of Windows in a shell only.
  const { status } = spawnSync('npm ci --no-audit --no-fund --loglevel=error', {
    cwd: FOLDER,
    stdio: 'inherit',
    shell: true,
  });
  return status === 0;
}
