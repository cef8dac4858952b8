import { accessSync, constants, statSync, type Stats } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { describeSystemError } from '../errors/system-error';
import { findForeignEncoding, readStart } from '../json-text';
import { PAIRED_HASH } from '../untrusted-text';
import { findWindowsPathProblem } from './windows-path';
import { findMacro } from './macro';
import { describeMissing, describeValue, refuse, type Parsed } from './parse-values';

/**
 * Parses the path of a file that can be read now.
 * @param folder what a relative path is relative to
 * @returns its absolute path
 */
export function parseReadableFile(text: string, folder: string): Parsed<string> {
  const problem = findProblem(text);
  if (problem !== undefined) {
    return problem;
  }
  const path = resolve(folder, text);
  try {
    if (!statSync(path).isFile()) {
      return refuse(path, 'the path of a file');
    }
    accessSync(path, constants.R_OK);
    return { value: path };
  } catch (error) {
    return refuseUnreadable(path, error);
  }
}

/**
 * Checks that a file that is sent as JSON is UTF-8, as JSON has to be (RFC 8259, 8.1). Windows PowerShell 5.1 writes UTF-16 by
 * `>` and `Out-File`.
 */
export function checkJsonFile(path: string): Parsed<string> {
  try {
    const encoding = findForeignEncoding(readStart(path));
    return encoding === undefined ? { value: path } : refuseEncoding(path, encoding);
  } catch (error) {
    return refuseUnreadable(path, error);
  }
}

function refuseEncoding(path: string, encoding: string): Parsed<string> {
  return {
    problem: `names a file in ${encoding}, and JSON has to be UTF-8. The path is ${describeValue(path)}. Save the file as UTF-8 (in PowerShell: Set-Content -Encoding utf8), or set a Content-Type in headers that is not JSON.`,
  };
}

function refuseUnreadable(path: string, error: unknown): Parsed<string> {
  return {
    problem:
      `names a file that cannot be read: ${describeSystemError(error)}. The path is ${describeValue(path)}. ` +
      'Correct the path, or create the file in an earlier step.',
  };
}

/**
 * Parses the path of a file that can be written later. Its folder may not exist yet.
 * @param folder what a relative path is relative to
 * @returns its absolute path
 */
export function parseWritableFile(
  text: string,
  folder: string,
  platform: NodeJS.Platform = process.platform,
): Parsed<string> {
  const isWindows = platform === 'win32';
  const problem = findProblem(text) ?? (isWindows ? refuseOnWindows(text) : undefined);
  if (problem !== undefined) {
    return problem;
  }
  if (/[/\\]$/.test(text)) {
    return refuse(text, 'the path of a file');
  }
  const path = resolve(folder, text);
  try {
    const existing = statSync(path, { throwIfNoEntry: false });
    if (existing?.isFile() === false) {
      return refuse(text, 'the path of a file, and not of a folder or a device');
    }
    const parent = findExisting(dirname(path));
    accessSync(parent, constants.W_OK | constants.X_OK);
    // Other systems say this themselves, and let a file without write permission be replaced.
    if (isWindows && !statSync(parent).isDirectory()) {
      return refuse(text, `the path of a file, and ${describeValue(parent)} in it is no folder`);
    }
    const readOnly = isWindows && existing ? refuseReadOnly(path, existing) : undefined;
    return readOnly ?? { value: path };
  } catch (error) {
    return {
      problem:
        `names a file that cannot be written: ${describeSystemError(error)}. The path is ${describeValue(path)}. ` +
        'Correct the path, or the permissions of its folder.',
    };
  }
}

function refuseOnWindows(path: string): { readonly problem: string } | undefined {
  const reason = findWindowsPathProblem(path);
  return reason === undefined
    ? undefined
    : {
        problem:
          `is ${describeValue(path)}, and Windows cannot have a file with this path: ${reason}. ` +
          'Correct the path.',
      };
}

/** Windows does not replace a file that has the attribute "read-only". Node.js shows it as a mode without write permission. */
function refuseReadOnly(path: string, { mode }: Stats): { readonly problem: string } | undefined {
  return (mode & 0o200) === 0
    ? {
        problem: `is ${describeValue(path)}, and this file exists and is read-only. Remove the attribute in an earlier step (attrib -R), or choose another path.`,
      }
    : undefined;
}

function findProblem(path: string): { readonly problem: string } | undefined {
  const variable = findMacro(path);
  if (variable !== undefined) {
    return { problem: `contains ${describeMissing(variable)}` };
  }
  // The path becomes an output and is written to the log, and the agent would run a command in it.
  const isHarmful = /\p{Cc}/u.test(path) || path.search(PAIRED_HASH) >= 0;
  return isHarmful ? refuse(path, 'a path without control characters and without ##') : undefined;
}

/** The folder, or its closest parent that exists. */
function findExisting(folder: string): string {
  const isThere = statSync(folder, { throwIfNoEntry: false }) !== undefined;
  return isThere || dirname(folder) === folder ? folder : findExisting(dirname(folder));
}
