import assert from 'node:assert/strict';
import { cleanUp } from '../emulators/agent/run-step';
import { openMachine } from '../emulators/places';
import { redirect } from '../emulators/organization/refusals';
import { startOrganization } from '../emulators/organization/organization';
import { perform, type Performance } from '../stage';

describe('a step with no input', () => {
  let last: Performance | undefined;

  before(async () => {
    last = await perform({});
  });

  after(() => {
    if (last !== undefined) {
      cleanUp(last.step);
    }
  });

  it('asks the identity endpoint once and the organization once, as the identity', () => {
    assert.equal(last?.step.result, 'Succeeded');
    assert.equal(last.requests.length, 1);
    const [question, ...others] = last.organization?.requests ?? [];
    assert.equal(others.length, 0);
    assert.equal(question?.method, 'GET');
    assert.equal(question.url.host, 'dev.azure.com');
    assert.equal(question.url.pathname, '/MyOrg/_apis/connectionData');
    assert.equal(question.url.search, '?api-version=7.1-preview.1');
    assert.equal(question.headers.authorization, `Bearer ${last.tokens[0] ?? ''}`);
    assert.equal(question.headers['x-tfs-fedauthredirect'], 'Suppress');
  });

  it('opens one connection to the organization', () => {
    assert.equal(last?.organization?.connections(), 1);
  });

  it('says in the user agent whose call it is, and nothing of the machine', () => {
    const agent = last?.organization?.requests[0]?.headers['user-agent'] ?? '';
    assert.match(agent, /^AzureDevOpsToken\/\d+\.\d+\.\d+$/);
  });
});

describe('the token', () => {
  it('does not follow a redirect, not even to a host that the step names', async () => {
    const other = await startOrganization();
    const { step, organization } = await perform({
      open: () =>
        openMachine({ organization: { lastingFault: redirect(`${other.origin}/MyOrg`) } }),
      inputs: { allowedHosts: new URL(other.origin).host },
    });
    await other.close();
    cleanUp(step);
    assert.equal(step.result, 'Failed');
    assert.equal(organization?.requests.length, 1);
    assert.equal(other.requests.length, 0);
  });
});

/** What somebody may write, or have written, to get the token elsewhere or to another path. */
const HOSTILE = [
  'http://dev.azure.com/MyOrg',
  'ftp://dev.azure.com/MyOrg',
  'file:///etc/passwd',
  'javascript:alert(1)',
  '//dev.azure.com/MyOrg',
  'dev.azure.com/MyOrg',
  'https://dev.azure.com',
  'https://dev.azure.com/',
  'https://dev.azure.com//MyOrg',
  'https://dev.azure.com/MyOrg/SecretSauce',
  'https://dev.azure.com/MyOrg/..',
  'https://dev.azure.com/MyOrg/../OtherOrg',
  'https://dev.azure.com/%4dyOrg',
  'https://dev.azure.com/MyOrg%2f..%2fOtherOrg',
  'https://dev.azure.com/MyOrg?x=y',
  'https://dev.azure.com/MyOrg?',
  'https://dev.azure.com/MyOrg#x',
  'https://dev.azure.com/My Org',
  'https://dev.azure.com/My\tOrg',
  'https://dev.azure.com\\MyOrg',
  'https:\\\\dev.azure.com\\MyOrg',
  'https:/dev.azure.com/MyOrg',
  'https://dev.azure.com:8443/MyOrg',
  'https://dev.azure.com./MyOrg',
  'https://dev.azure.com.evil.example/MyOrg',
  'https://evil.example/dev.azure.com/MyOrg',
  'https://evil-dev.azure.com/MyOrg',
  'https://evil.dev.azure.com/MyOrg',
  'https://dev.azure.com@evil.example/MyOrg',
  'https://user:password@dev.azure.com/MyOrg',
  'https://dev。azure。com/MyOrg',
  'https://ⅾev.azure.com/MyOrg',
  'https://evil.example',
  'https://myorg.visualstudio.com.evil.example',
  'https://myorg.visualstudio.com/SecretSauce',
  'https://myorg.vsrm.visualstudio.com',
  'https://visualstudio.com',
  'http://myorg.visualstudio.com',
  'https://my_org.visualstudio.com',
  'https://127.0.0.1/MyOrg',
  'http://127.0.0.1/MyOrg',
  'http://2130706433/MyOrg',
  'https://[::1]/MyOrg',
  'http://169.254.169.254/metadata/identity',
  'MyOrg/..',
  'MyOrg/SecretSauce',
  'My Org',
  'My.Org',
  '-MyOrg',
  'MyOrg-',
  '..',
  'M'.repeat(51),
  'MyOrg\r\nHost: evil.example',
  '$(organization)',
  '##vso[task.complete]',
];

describe('an organization that is none', () => {
  it('comes in many kinds', () => {
    assert.ok(HOSTILE.length >= 30);
  });

  for (const organization of HOSTILE) {
    it(`is refused before anything is sent: ${JSON.stringify(organization)}`, async () => {
      const performance = await perform({ inputs: { organization } });
      const { step, requests } = performance;
      cleanUp(step);
      assert.equal(step.result, 'Failed');
      assert.equal(step.issues.length, 1);
      assert.match(step.issues[0]?.message ?? '', /^Reading the inputs of the step: organization /);
      assert.equal(requests.length, 0);
      assert.equal(performance.organization?.connections(), 0);
    });
  }
});
