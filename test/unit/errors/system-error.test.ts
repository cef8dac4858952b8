import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { describeSystemError } from '../../../tasks/AzureDevOpsTokenV1/src/errors/system-error';

describe('an error of the system', () => {
  it('is told by the words of the system', () => {
    try {
      statSync('/nowhere/at/all');
      assert.fail('it is there');
    } catch (error) {
      assert.equal(describeSystemError(error), 'no such file or directory (ENOENT)');
    }
  });

  for (const [name, [error, expected]] of Object.entries({
    'unknown to it': [
      Object.assign(new Error('secret'), { errno: -99_999, code: 'EX' }),
      'Error EX',
    ],
    'without a number': [
      Object.assign(new TypeError('secret'), { code: 'ERR_X' }),
      'TypeError ERR_X',
    ],
    'without a code': [Object.assign(new Error('secret'), { errno: -2 }), 'Error'],
    'that is none': ['secret', 'string'],
  } as const)) {
    it(`${name} is told by its kind`, () => {
      assert.equal(describeSystemError(error), expected);
    });
  }
});
