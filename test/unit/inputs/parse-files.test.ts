import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  parseReadableFile,
  parseWritableFile,
} from '../../../tasks/AzureDevOpsTokenV1/src/inputs/parse-files';
import { skip } from '../../skip';

const problemOf = (parsed: object) => (parsed as { problem?: string }).problem ?? 'none';

describe('a file of the system', () => {
  const folder = mkdtempSync(join(tmpdir(), 'files-'));
  const file = join(folder, 'file');

  before(() => {
    writeFileSync(file, 'x');
    mkdirSync(join(folder, 'folder'));
  });

  after(() => {
    rmSync(folder, { recursive: true });
  });

  it('can be read where it is there', () => {
    assert.deepEqual(parseReadableFile(file, '.'), { value: file });
  });

  it('cannot be read where it is not, or is none', () => {
    const nothing = join(folder, 'nothing');
    assert.equal(
      problemOf(parseReadableFile(nothing, folder)),
      `is "${nothing}", which cannot be read: no such file or directory (ENOENT).`,
    );
    assert.match(problemOf(parseReadableFile('folder', folder)), /not a file\.$/);
    assert.match(problemOf(parseReadableFile(join(file, 'x'), folder)), /\(ENOTDIR\)/);
  });

  it('can be written, relative to a folder or not, there or not', () => {
    const paths: readonly (readonly [string, string])[] = [
      ['new', join(folder, 'new')],
      ['file', file],
      ['a/b/new', join(folder, 'a', 'b', 'new')],
      ['folder/../new', join(folder, 'new')],
      [file, file],
    ];
    for (const [path, value] of paths) {
      assert.deepEqual(parseWritableFile(path, folder), { value });
    }
  });

  for (const [path, reason] of [
    ['folder', /something else has that name/],
    ['new/', /the path of a file/],
    ['new\\', /the path of a file/],
    ['file/new', /which cannot be written: .*\(ENOTDIR\)/],
    ['x'.repeat(300), /\(ENAMETOOLONG\)/],
    ['$(folder)/new', /holds \$\(folder\): the pipeline has no such variable\. Define it/],
    ['a\u0000b', /without control characters/],
    ['a\nb', /without control characters/],
    ['##vso[task.complete]', /and ##/],
    ['#\u200b#vso[task.complete]', /and ##/],
  ] as const) {
    it(`cannot be written as ${JSON.stringify(path.slice(0, 30))}`, () => {
      assert.match(problemOf(parseWritableFile(path, folder)), reason);
      assert.ok(!problemOf(parseWritableFile(path, folder)).includes('##vso'));
    });
  }

  it('cannot be written in place of what is no file', function () {
    if (process.platform === 'win32') {
      skip(this, 'Windows has other access rights');
    }
    assert.match(problemOf(parseWritableFile('/dev/null', folder)), /something else has that name/);
  });
});
