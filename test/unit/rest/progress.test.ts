import assert from 'node:assert/strict';
import { describeCall, describeResult } from '../../../tasks/AzureDevOpsTokenV1/src/rest/progress';

const RESULT = {
  statusCode: 200,
  responseHeaders: '{}',
  result: 'Größe',
  isResultSecret: false,
  responseFile: '/work/x',
  warnings: [],
  error: undefined,
};

describe('the report of a call', () => {
  it('says what is called, without its query', () => {
    const url = new URL('https://dev.azure.com/MyOrg/_apis/x?secret=1');
    const line = 'Sending GET https://dev.azure.com/MyOrg/_apis/x';
    assert.equal(describeCall({ method: 'GET', url }), line);
  });

  it('says what came of it, and where to find it, and never what it is', () => {
    assert.deepEqual(describeResult(RESULT), [
      'The server returned 200.',
      '  $(devops.result)        7 bytes',
      '  $(devops.responseFile)  /work/x',
    ]);
  });

  it('does not say how long a secret is', () => {
    const lines = describeResult({ ...RESULT, isResultSecret: true, responseFile: undefined });
    assert.deepEqual(lines, ['The server returned 200.', '  $(devops.result)        a secret']);
  });

  it('says nothing of what is not there', () => {
    const lines = describeResult({ ...RESULT, result: '', responseFile: '/a##vso[x]' });
    assert.deepEqual(lines, ['The server returned 200.', '  $(devops.responseFile)  /a**vso[x]']);
  });
});
