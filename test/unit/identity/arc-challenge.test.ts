import assert from 'node:assert/strict';
import { findChallengeProblem } from '../../../tasks/AzureDevOpsTokenV1/src/identity/arc-challenge';
import { skip } from '../../skip';
import { fakeEnvironment } from '../fakes';

const FOLDER = '/var/opt/azcmagent/tokens/';
const find = (challenge: string) => findChallengeProblem(challenge, fakeEnvironment());

// Files in the folder itself are for a machine of its own: test/task/places.test.ts.
describe('the file of a challenge', () => {
  before(function () {
    if (process.platform === 'win32') {
      skip(this, 'the folder is that of Linux');
    }
  });

  for (const path of [
    '',
    '/etc/passwd',
    '/etc/passwd.key',
    `${FOLDER}../../../../etc/x.key`,
    `${FOLDER}deeper/x.key`,
    '/var/opt/azcmagent/tokensx/x.key',
    ` ${FOLDER}x.key`,
  ]) {
    it(`is refused outside its folder: ${path}`, () => {
      const problem = find(`Basic realm=${path}`);
      assert.deepEqual(problem, { path, reason: `it is not in ${FOLDER}` });
    });
  }

  it('is refused where the challenge is another one', () => {
    assert.equal(find('Bearer authorization_uri=x')?.path, '');
  });

  it('is refused where there is none', () => {
    const path = `${FOLDER}00000000-0000-4000-8000-000000000000.key`;
    const reason = 'no such file or directory (ENOENT)';
    assert.deepEqual(find(`Basic realm=${path}`), { path, reason });
  });
});

const DATA = 'C:\\ProgramData';
const WINDOWS_FOLDER = `${DATA}\\AzureConnectedMachineAgent\\Tokens\\`;
const NAME = '00000000-0000-4000-8000-000000000000.key';
const NOT_IN = `it is not in ${WINDOWS_FOLDER}`;
const NO_KEY = 'its name is not that of a key file';
const NOT_THERE = 'no such file or directory (ENOENT)';

// The platform is an argument, so that the table is checked everywhere. A path that is allowed is looked for, and not found.
describe('the file of a challenge on Windows', () => {
  const findOn = (path: string, variables: Readonly<Record<string, string>>) =>
    findChallengeProblem(`Basic realm=${path}`, fakeEnvironment(variables), 'win32')?.reason;

  for (const [what, path, reason] of [
    ['a key file in the folder', `${WINDOWS_FOLDER}${NAME}`, NOT_THERE],
    ['a parent folder by slashes', `${WINDOWS_FOLDER}../../k.key`, NOT_IN],
    ['a parent folder by backslashes', `${WINDOWS_FOLDER}..\\..\\k.key`, NOT_IN],
    ['a parent folder by both', `${WINDOWS_FOLDER}../..\\k.key`, NOT_IN],
    ['a parent folder first', `${DATA}\\..\\Users\\k.key`, NOT_IN],
    ['a folder below it', `${WINDOWS_FOLDER}deeper\\k.key`, NOT_IN],
    ['a folder below it by a slash', `${WINDOWS_FOLDER}deeper/k.key`, NOT_IN],
    ['the folder by slashes', `${WINDOWS_FOLDER.replaceAll('\\', '/')}${NAME}`, NOT_IN],
    ['a file relative to the drive', 'C:k.key', NOT_IN],
    ['a file relative to a drive in the folder', `${WINDOWS_FOLDER}D:k.key`, NO_KEY],
    ['a stream of a file', `${WINDOWS_FOLDER}x:k.key`, NO_KEY],
    ['a stream of a key file', `${WINDOWS_FOLDER}${NAME}:x`, NO_KEY],
    ['another drive', `D${WINDOWS_FOLDER.slice(1)}${NAME}`, NOT_IN],
    ['a share', `\\\\host\\C$\\Tokens\\${NAME}`, NOT_IN],
    ['a share by slashes', `//host/Tokens/${NAME}`, NOT_IN],
    ['a path of the device namespace', `\\\\?\\${WINDOWS_FOLDER}${NAME}`, NOT_IN],
    ['a device', '\\\\.\\pipe\\k.key', NOT_IN],
    ['a device in the folder', `${WINDOWS_FOLDER}con.key`, NO_KEY],
    ['the short name of the folder', `${DATA}\\AZUREC~1\\Tokens\\${NAME}`, NOT_IN],
    ['a short name', `${WINDOWS_FOLDER}000000~1.key`, NO_KEY],
    ['a name with a space at its end', `${WINDOWS_FOLDER}${NAME} `, NO_KEY],
    ['a name with a dot at its end', `${WINDOWS_FOLDER}${NAME}.`, NO_KEY],
    ['the folder itself', WINDOWS_FOLDER, NO_KEY],
    ['a wildcard', `${WINDOWS_FOLDER}*.key`, NO_KEY],
    ['another kind of file', `${WINDOWS_FOLDER}k.txt`, NO_KEY],
  ] as const) {
    it(`is ${reason === NOT_THERE ? 'looked for' : 'refused'} if it is ${what}`, () => {
      assert.equal(findOn(path, { ProgramData: DATA }), reason);
    });
  }

  for (const folder of [undefined, 'ProgramData', 'C:', '\\ProgramData', '\\\\host\\share']) {
    it(`is refused if ProgramData is ${String(folder)}`, () => {
      const path = `${folder ?? ''}\\AzureConnectedMachineAgent\\Tokens\\${NAME}`;
      assert.match(
        findOn(path, folder === undefined ? {} : { ProgramData: folder }) ?? '',
        /ProgramData is not a folder on a drive/,
      );
    });
  }
});
