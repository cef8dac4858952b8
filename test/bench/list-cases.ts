import { closeSync, openSync, readSync } from 'node:fs';
import { openMachine } from '../emulators/places';
import type { Case } from './measure';

const PAGE_SIZE = 500;

/**
 * A list of so many items, joined into a file.
 * @param padding the length of an item, about, in bytes: most of those of Azure DevOps have some
 */
export function makeListCase(total: number, padding = 1_000): Case {
  const lists = { total, pageSize: PAGE_SIZE, padding };
  return {
    name: `${total.toLocaleString('en')} items`,
    open: () => openMachine({ organization: { lists } }),
    inputs: {
      url: 'SecretSauce/_apis/git/repositories/app/refs',
      allPages: 'true',
      outputFile: 'list.json',
    },
    check: ({ outputs }) => {
      const count = countItems(outputs.get('responseFile')?.value ?? '');
      if (count !== total) {
        throw new Error(`the file has ${count} items of ${total}`);
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
