import { realpathSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';

/** The separators of glibc and of musl. */
const SEPARATOR = /[:;\n]/;
// They contain links to opened files and to the working folder of a process, which is the folder of the sources.
const SYSTEM_FOLDERS = ['/proc', '/dev'];

/**
 * Whether LD_LIBRARY_PATH names no folder in which the sources of a job are. Other folders that a job can write to, such as /tmp, count
 * as outside. No entry may be relative, contain a variable of the loader
 * (`$ORIGIN`) or be below the work folder of the agent. An empty entry is relative, too: the loader reads the working folder.
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

/** Compares both the paths as written and the paths behind symbolic links. */
function isBelow(folder: string, parent: string): boolean {
  return isInside(resolve(folder), resolve(parent)) || isInside(follow(folder), follow(parent));
}

function isInside(folder: string, parent: string): boolean {
  const path = relative(parent, folder);
  return !/^\.\.(?:[\\/]|$)/.test(path) && !isAbsolute(path);
}

/** Resolves the symbolic links in the part of the path that exists. */
function follow(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(follow(parent), relative(parent, path));
  }
}
