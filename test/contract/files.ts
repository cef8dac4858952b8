import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, TASK_FOLDER } from '../../scripts/build-task';
import { loadTask } from '../emulators/agent/task-definition';

export const readText = (path: string) => readFileSync(join(ROOT, path), 'utf8');
export const readJson = (path: string) =>
  JSON.parse(readText(path)) as Readonly<Record<string, unknown>>;

export const task = loadTask(TASK_FOLDER);

/** The pages of the project, as paths from its root. */
export function listPages(): readonly string[] {
  return listFiles().filter((path) => path.endsWith('.md'));
}

/** Every file of the project that is, or could be, committed. */
export function listFiles(): readonly string[] {
  const args = ['ls-files', '--cached', '--others', '--exclude-standard'];
  return execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).split('\n').filter(Boolean);
}

/** The rows of each table of a page, without heads, as cells. */
export function readTables(markdown: string): readonly (readonly (readonly string[])[])[] {
  return [...markdown.matchAll(/^\|.*\|\n\|[ :|-]+\|\n((?:\|.*\|\n?)*)/gm)].map(([, rows = '']) =>
    rows
      .trim()
      .split('\n')
      .map((row) =>
        row
          .slice(1, -1)
          .split('|')
          .map((cell) => cell.trim()),
      ),
  );
}
