import { closeSync, openSync, readSync } from 'node:fs';
import { openCleanMachine, organizationInputs } from './machine';
import type { TaskRun } from './measure';

export interface ListOptions {
  readonly total: number;
  readonly pageSize: number;
  /** The length of an item, about, in bytes: most of those of Azure DevOps have some. */
  readonly padding?: number;
}

/** A list of so many items, joined into a file. */
export function makeListRun({ padding = 1_000, ...list }: ListOptions): TaskRun {
  return {
    open: () => openCleanMachine({ organization: { lists: { ...list, padding } } }),
    inputs: (place) => ({
      ...organizationInputs(place),
      url: 'SecretSauce/_apis/git/repositories/app/refs',
      allPages: 'true',
      outputFile: 'list.json',
    }),
    check: ({ outputs }) => {
      const count = countItems(outputs.get('responseFile')?.value ?? '');
      if (count !== list.total) {
        throw new Error(`the file has ${count} items of ${list.total}`);
      }
    },
  };
}

/** Counts without reading all of it into memory. */
function countItems(path: string): number {
  const mark = '{"id":';
  const piece = Buffer.alloc(1024 * 1024);
  const file = openSync(path, 'r');
  let [count, rest] = [0, ''];
  try {
    for (let size = readSync(file, piece); size > 0; size = readSync(file, piece)) {
      const parts = `${rest}${piece.toString('latin1', 0, size)}`.split(mark);
      count += parts.length - 1;
      rest = parts.at(-1)?.slice(-mark.length + 1) ?? '';
    }
  } finally {
    closeSync(file);
  }
  return count;
}
