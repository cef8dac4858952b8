import assert from 'node:assert/strict';
import { findChallengeProblem } from '../../../tasks/AzureDevOpsTokenV1/src/identity/arc-challenge';
import { fakeEnvironment } from '../fakes';

const FOLDER = '/var/opt/azcmagent/tokens/';
const find = (challenge: string) => findChallengeProblem(challenge, fakeEnvironment());

// Files in the folder itself are for a machine of its own: test/task/places.test.ts.
(process.platform === 'win32' ? describe.skip : describe)('the file of a challenge', () => {
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
