import assert from 'node:assert/strict';
import { cleanUp } from '../emulators/agent/run-step';
import { openMachine } from '../emulators/places';
import { redirect } from '../emulators/organization/error-responses';
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
