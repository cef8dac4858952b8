import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  checkJsonFile,
  parseReadableFile,
  parseWritableFile,
} from '../../../tasks/AzureDevOpsTokenV1/src/inputs/parse-files';
import { skip } from '../../skip';
import { makeFolder } from '../folders';

const problemOf = (parsed: object) => (parsed as { problem?: string }).problem ?? 'none';

describe('a file of the system', () => {
  const folder = makeFolder();
  const file = join(folder, 'file');

  before(() => {
    writeFileSync(file, 'x');
    mkdirSync(join(folder, 'folder'));
  });

  it('can be read where it is there', () => {
    assert.deepEqual(parseReadableFile(file, '.'), { value: file });
  });

  it('cannot be read where it is not, or is none', () => {
    const nothing = join(folder, 'nothing');
    assert.equal(
      problemOf(parseReadableFile(nothing, folder)),
      `names a file that cannot be read: no such file or directory (ENOENT). The path is "${nothing}". Correct the path, or create the file in an earlier step.`,
    );
    assert.match(problemOf(parseReadableFile('folder', folder)), /the path of a file\./);
    // Windows says ENOENT.
    assert.match(problemOf(parseReadableFile(join(file, 'x'), folder)), /\((?:ENOTDIR|ENOENT)\)/);
  });

  it('can be sent as JSON if it is UTF-8', () => {
    const json = join(folder, 'a.json');
    for (const [content, reason] of [
      [Buffer.from('\uFEFF{}'), /^none$/],
      [
        Buffer.from('\uFEFF{}', 'utf16le'),
        /^names a file in UTF-16.*, and JSON has to be UTF-8\. The path is ".*a\.json"\. Save the file as UTF-8 .* headers that is not JSON\.$/,
      ],
    ] as const) {
      writeFileSync(json, content);
      assert.match(problemOf(checkJsonFile(json)), reason);
    }
    rmSync(json);
    assert.match(problemOf(checkJsonFile(json)), /^names a file that cannot be read: .*\(ENOENT\)/);
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
    ['folder', /and not of a folder or a device/],
    ['new/', /the path of a file/],
    ['new\\', /the path of a file/],
    [
      'file/new',
      /^names a file that cannot be written: .*\(ENOTDIR\)\. The path is |in it is no folder\.$/,
    ],
    ['x'.repeat(300), /\(ENAMETOOLONG\)/],
    [
      '$(folder)/new',
      /contains \$\(folder\), because the pipeline has no such variable\. Define the variable/,
    ],
    ['a\u0000b', /without control characters/],
    ['a\nb', /without control characters/],
    ['##vso[task.complete]', /and without ##/],
    ['#\u200b#vso[task.complete]', /and without ##/],
  ] as const) {
    it(`cannot be written as ${JSON.stringify(path.slice(0, 30))}`, () => {
      assert.match(problemOf(parseWritableFile(path, folder)), reason);
      assert.ok(!problemOf(parseWritableFile(path, folder)).includes('##vso'));
    });
  }

  for (const [path, reason] of [
    ['a?.json', /Windows cannot have a file with this path: a name in it contains \?\. Correct/],
    ['report:2026.json', /a name in it contains :\. Correct the path\.$/],
    ['sub/con.json', /con is the name of a device/],
    ['file/new', /the path of a file, and ".*file" in it is no folder|ENOTDIR/],
  ] as const) {
    it(`cannot be written on Windows as ${path}`, () => {
      assert.match(problemOf(parseWritableFile(path, folder, 'win32')), reason);
    });
  }

  it('cannot be written on Windows if it is read-only', () => {
    chmodSync(file, 0o444);
    try {
      assert.match(
        problemOf(parseWritableFile('file', folder, 'win32')),
        /^is ".*file", and this file exists and is read-only\. Remove the attribute/,
      );
      // Elsewhere, the permissions of the folder decide.
      if (process.platform !== 'win32') {
        assert.deepEqual(parseWritableFile('file', folder), { value: file });
      }
    } finally {
      chmodSync(file, 0o644);
    }
  });

  it('cannot be written in place of what is no file', function () {
    if (process.platform === 'win32') {
      skip(this, 'Windows has other access rights');
    }
    assert.match(
      problemOf(parseWritableFile('/dev/null', folder)),
      /and not of a folder or a device/,
    );
  });
});
