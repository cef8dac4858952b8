import assert from 'node:assert/strict';
import { findWindowsPathProblem } from '../../../tasks/AzureDevOpsTokenV1/src/inputs/windows-path';

const DEVICE = 'it leads to a device';
const isDevice = (name: string) => `${name} is the name of a device`;
const contains = (character: string) => `a name in it contains ${character}`;

describe('a path on Windows', () => {
  for (const path of [
    'a.json',
    'sub/a b.json',
    'sub\\..\\a.json',
    './a',
    '.hidden',
    'a..b',
    'C:\\out dir\\a.json',
    'c:/a.json',
    'C:a.json',
    '\\a.json',
    '\\\\host\\share\\a.json',
    '//host/share/a.json',
    '\\\\?\\C:\\a.json',
    '\\\\?\\UNC\\host\\share\\a.json',
    'console.json',
    'com10.txt',
    'com.txt',
    'com0.txt',
    'acon',
    'a.con',
    'äöü 漢字 😀.json',
    'x'.repeat(255),
  ]) {
    it(`is accepted: ${path.slice(0, 40)}`, () => {
      assert.equal(findWindowsPathProblem(path), undefined);
    });
  }

  for (const [path, problem] of [
    ...Array.from('<>"|?*').map(
      (character) => [`a${character}.json`, contains(character)] as const,
    ),
    ['a?/x.json', contains('?')],
    ['report:2026.json', contains(':')],
    ['C:\\report:2026.json', contains(':')],
    ['C:report:2026.json', contains(':')],
    ['report.json::$DATA', contains(':')],
    ['1:a.json', contains(':')],
    ['a\u0001b', 'a name in it contains a control character'],
    ['a.json.', 'a name in it ends in a dot'],
    ['a.json ', 'a name in it ends in a space'],
    ['sub./a.json', 'a name in it ends in a dot'],
    ['sub /a.json', 'a name in it ends in a space'],
    ['...', 'a name in it ends in a dot'],
    ['con', isDevice('con')],
    ['con.json', isDevice('con')],
    ['CON.tar.gz', isDevice('CON')],
    ['con .json', isDevice('con')],
    ['sub/nul', isDevice('nul')],
    ['aux/a.json', isDevice('aux')],
    ['prn.txt', isDevice('prn')],
    ['com1.txt', isDevice('com1')],
    ['LPT9', isDevice('LPT9')],
    ['com².txt', isDevice('com²')],
    ['conin$', isDevice('conin$')],
    ['C:con.json', isDevice('con')],
    ['\\\\.\\C:\\a.json', DEVICE],
    ['\\\\.\\pipe\\a', DEVICE],
    ['//./pipe/a', DEVICE],
    ['\\\\?\\Volume{x}\\a', DEVICE],
    ['\\\\?\\GLOBALROOT\\Device\\a', DEVICE],
    ['\\\\?\\C:\\a.json.', 'a name in it ends in a dot'],
    ['\\\\?\\UNC\\host\\share\\con', isDevice('con')],
    ['x'.repeat(256), 'a name in it has more than 255 characters'],
  ] as const) {
    it(`is refused: ${JSON.stringify(path.slice(0, 40))}`, () => {
      assert.equal(findWindowsPathProblem(path), problem);
    });
  }
});
