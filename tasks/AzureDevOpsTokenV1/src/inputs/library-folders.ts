import { realpathSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';

/** Those of glibc, and of musl. */
const SEPARATOR = /[:;\n]/;
// Behind them is what a process has opened, or its working folder: that of the sources.
const SYSTEM_FOLDERS = ['/proc', '/dev'];

/**
 * Whether LD_LIBRARY_PATH names no folder that a job can write to: no entry is relative (an empty one is, too: to the folder
 * of the sources), holds a token that the loader expands (`$ORIGIN`), or is below the agent's work folder.
 * https://man7.org/linux/man-pages/man8/ld.so.8.html
 */
export function areOutside(folders: string, workFolder: string | undefined): boolean {
  const closed = [...SYSTEM_FOLDERS, ...(workFolder === undefined ? [] : [workFolder])];
  return (
    folders === '' ||
    folders
      .split(SEPARATOR)
      .every(
        (folder) =>
          isAbsolute(folder) &&
          !folder.includes('$') &&
          !closed.some((parent) => isBelow(folder, parent)),
      )
  );
}

/** As it is written, or behind links. */
function isBelow(folder: string, parent: string): boolean {
  return isInside(resolve(folder), resolve(parent)) || isInside(follow(folder), follow(parent));
}

function isInside(folder: string, parent: string): boolean {
  const path = relative(parent, folder);
  return path === '' || (!/^\.\.(?:[\\/]|$)/.test(path) && !isAbsolute(path));
}

/** The path without links, as far as it exists. */
function follow(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(follow(parent), relative(parent, path));
  }
}
