import assert from 'node:assert/strict';
import { isGuid } from '../../tasks/AzureDevOpsTokenV1/src/guid';

const GUID = '01234567-89ab-cdef-0123-456789ABCDEF';

describe('a GUID', () => {
  it('is 32 digits in five groups, in any case', () => {
    assert.ok(isGuid(GUID) && isGuid(GUID.toLowerCase()));
  });

  for (const value of [
    undefined,
    5,
    [GUID],
    '',
    `{${GUID}}`,
    ` ${GUID}`,
    `${GUID}\n`,
    GUID.replaceAll('-', ''),
  ]) {
    it(`is not ${JSON.stringify(value)}`, () => {
      assert.ok(!isGuid(value));
    });
  }
});
