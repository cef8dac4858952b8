import { accessSync, constants, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { describeSystemError } from '../errors/system-error';
import { findForeignEncoding, readStart } from '../json-text';
import { PAIRED_HASH } from '../untrusted-text';
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
    problem: `is ${describeValue(path)}, which is ${encoding}, and JSON has to be UTF-8. Save the file as UTF-8 (in PowerShell: Set-Content -Encoding utf8), or set a Content-Type in headers that is not JSON.`,
  };
}

function refuseUnreadable(path: string, error: unknown): Parsed<string> {
  return {
    problem:
      `is ${describeValue(path)}, and this file cannot be read: ${describeSystemError(error)}. ` +
      'Correct the path, or create the file in an earlier step.',
  };
}

/**
 * Parses the path of a file that can be written later. Its folder may not exist yet.
 * @param folder what a relative path is relative to
 * @returns its absolute path
 */
export function parseWritableFile(text: string, folder: string): Parsed<string> {
  const problem = findProblem(text);
  if (problem !== undefined) {
    return problem;
  }
  if (/[/\\]$/.test(text)) {
    return refuse(text, 'the path of a file');
  }
  const path = resolve(folder, text);
  try {
    if (statSync(path, { throwIfNoEntry: false })?.isFile() === false) {
      return refuse(text, 'the path of a file, and not of a folder or a device');
    }
    accessSync(findExisting(dirname(path)), constants.W_OK | constants.X_OK);
    return { value: path };
  } catch (error) {
    return {
      problem:
        `is ${describeValue(path)}, and this file cannot be written: ${describeSystemError(error)}. ` +
        'Correct the path, or the permissions of its folder.',
    };
  }
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
