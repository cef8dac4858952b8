// Skips a test, or all tests of a suite, and says why: `npm test` names each reason at its end.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findAgentNode, type NodeMajor } from '../scripts/agent-nodes';
import { findGitObstacle } from './emulators/git-machine';

export const NO_MOUNT = 'this machine cannot make mount namespaces (Linux, as root)';
export const NO_NETWORK = 'this machine cannot make network namespaces (Linux, as root)';

/** @param context `this` of a test, or of a hook `before` */
export function skip(context: Mocha.Context, reason: string): never {
  const runnable = context.runnable();
  const because = ` (skipped: ${reason})`;
  const name = (test: Mocha.Runnable) => {
    // Titles are all that the processes of `--parallel` pass on.
    test.title = test.title.replace(/ \(skipped: .*\)$/, '') + because;
  };
  if ('type' in runnable && runnable.type === 'hook') {
    runnable.parent?.eachTest(name);
  } else {
    name(runnable);
  }
  return context.skip();
}

/** Skips a test that cancels a step if the step would be killed. Under Wine, the launcher of test/windows/ sends the events of a console. */
export function needSignals(context: Mocha.Context): void {
  if (process.platform === 'win32') {
    skip(context, 'Node.js cannot send a signal or a console event on Windows');
  }
}

/** Skips a test that makes links if this user may not make them, or the system does not follow them. */
export function needLinks(context: Mocha.Context): void {
  const folder = mkdtempSync(join(tmpdir(), 'links-'));
  try {
    symlinkSync(import.meta.filename, join(folder, 'link'));
    readFileSync(join(folder, 'link'));
  } catch {
    skip(context, 'this user may not make symbolic links (Windows: Developer Mode)');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export const missingNode = (major: NodeMajor) => `the agent's Node.js ${major} is not installed`;

/** The Node.js that an agent would start; without it, the test is skipped. */
export function needAgentNode(context: Mocha.Context, major: NodeMajor): string {
  return findAgentNode(major) ?? skip(context, missingNode(major));
}

/** Skips a test that runs these tools if one of them is missing. The scripts of a page do not run on Windows. */
export function needTools(context: Mocha.Context, ...tools: readonly string[]): void {
  const isThere = (tool: string) =>
    spawnSync(tool, ['--version'], { stdio: 'ignore' }).status === 0;
  const missing = process.platform === 'win32' ? tools[0] : tools.find((tool) => !isThere(tool));
  if (missing !== undefined) {
    skip(context, `${missing} is not installed`);
  }
}

/** Skips a test whose later steps use git with the credentials of a step. */
export function needGit(context: Mocha.Context): void {
  const obstacle = findGitObstacle();
  if (obstacle !== undefined) {
    skip(context, obstacle);
  }
}
