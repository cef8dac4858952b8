// Fails on a known vulnerability of a package that the task ships: `npm run audit`. It asks the registry of npm.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findAuditProblems, type AuditException } from './audit-report';
import { ROOT } from './build-task';

const EXCEPTIONS = join(ROOT, 'docs', 'audit-exceptions.json');

const { stdout, stderr } = spawnSync('npm audit --omit=dev --json', {
  cwd: ROOT,
  encoding: 'utf8',
  // Node.js starts `npm.cmd` of Windows in a shell only.
  shell: true,
});
const exceptions = JSON.parse(readFileSync(EXCEPTIONS, 'utf8')) as readonly AuditException[];
const problems = findAuditProblems(stdout, exceptions, new Date().toISOString().slice(0, 10));
problems.forEach((problem) => {
  console.error(problem);
});
if (problems.length === 0) {
  console.log('No known vulnerability of a shipped package.');
} else {
  console.error(stderr);
  process.exitCode = 1;
}
