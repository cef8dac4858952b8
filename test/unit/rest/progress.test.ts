import assert from 'node:assert/strict';
import {
  describeCall,
  describeResult,
  describeStart,
} from '../../../tasks/AzureDevOpsTokenV1/src/rest/progress';
import { hideLiveToken } from '../../../tasks/AzureDevOpsTokenV1/src/untrusted-text';

const TOKEN = 'a-token-that-a-server-returns-in-a-link';

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

  it('shows a URL that a server names as untrusted text', () => {
    hideLiveToken(TOKEN);
    const url = new URL(`https://dev.azure.com/MyOrg/${TOKEN}/${'x'.repeat(600)}`);
    const until = { text: 'a', evaluate: () => false };
    for (const line of [
      describeCall({ method: 'GET', url }),
      describeStart({ url }, { until, intervalMs: 1_000, timeoutMs: 60_000 }),
    ]) {
      assert.match(line, / https:\/\/dev\.azure\.com\/MyOrg\/\*\*\*\/x+…/);
      assert.ok(line.length < 600);
    }
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
