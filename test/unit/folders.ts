import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A new folder for the tests of a `describe`, which removes it. */
export function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'unit-'));
  after(() => {
    rmSync(folder, { recursive: true });
  });
  return folder;
}

/** A new folder for each test of a `describe`. Returns the path of a name in it, or its own. */
export function useFolder(): (...names: readonly string[]) => string {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'unit-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });
  return (...names) => join(folder, ...names);
}
