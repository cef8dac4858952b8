import assert from 'node:assert/strict';
import {
  describeIdentity,
  describeForkBuild,
  HOW_TO_USE,
  describeMember,
} from '../../tasks/AzureDevOpsTokenV1/src/log';

const token = {
  token: 'aaa.bbb.ccc',
  expiresOn: new Date('2030-01-02T03:04:05Z'),
  tenantId: 'tenant',
  clientId: 'client',
  objectId: 'object',
};
const IMDS = { source: 'IMDS', identityName: 'managed identity of the agent machine' };
const before = (ms: number) => token.expiresOn.getTime() - ms;

describe('the report of the identity', () => {
  it('tells who it is and how long the token lives', () => {
    const resourceId = '/subscriptions/1/providers/Microsoft.Compute/virtualMachines/agent-1';
    assert.deepEqual(describeIdentity({ ...token, resourceId }, IMDS, before(3_600_000)), [
      'Got a token for Azure DevOps from IMDS as the system-assigned managed identity of the agent machine:',
      '  client ID  client',
      '  object ID  object',
      '  tenant ID  tenant',
      `  resource   ${resourceId}`,
      'The token expires at 2030-01-02T03:04:05Z, in 1 h.',
    ]);
  });

  it('tells a user-assigned identity from the resource, whatever its case', () => {
    const resourceId = '/x/USERassignedIdentities/deploy';
    assert.match(
      describeIdentity({ ...token, resourceId }, IMDS, 0)[0] ?? '',
      /as the user-assigned managed/,
    );
  });

  it('says no kind and no resource where the token does not tell', () => {
    const lines = describeIdentity(token, IMDS, before(0));
    assert.equal(
      lines[0],
      'Got a token for Azure DevOps from IMDS as the managed identity of the agent machine:',
    );
    assert.equal(lines.length, 5);
  });

  it('says what could not be checked, and claims nothing that is not known', () => {
    const unknown = { tenantId: undefined, clientId: undefined, objectId: undefined };
    assert.deepEqual(
      describeIdentity({ ...token, ...unknown, uncheckedClaims: 'all' }, IMDS, before(0)),
      [
        'Got a token for Azure DevOps from IMDS as the managed identity of the agent machine.',
        'The claims of the token were not checked, because the token cannot be read.',
        'The token expires at 2030-01-02T03:04:05Z, in 0 s.',
      ],
    );
    const lines = describeIdentity({ ...token, uncheckedClaims: ['aud', 'oid'] }, IMDS, before(0));
    assert.equal(
      lines[4],
      'These claims were not checked, because the token does not have them: aud, oid.',
    );
  });

  it('makes the resource harmless', () => {
    const resourceId = '##vso[task.complete result=Failed]';
    assert.equal(
      describeIdentity({ ...token, resourceId }, IMDS, 0)[4],
      '  resource   **vso[task.complete result=Failed]',
    );
  });

  it('never holds the token', () => {
    assert.ok(!describeIdentity(token, IMDS, 0).join('\n').includes('aaa.bbb.ccc'));
  });

  it('says how to use the output', () => {
    assert.match(HOW_TO_USE, /name: devops.*\$\(devops\.token\).*env:/);
  });
});

describe('the warning about a fork', () => {
  const CONNECTION = {
    input: 'azureSubscription',
    id: '3b0f6a52-8d1c-4e7f-9a2b-5c6d7e8f9a0b',
    tenantId: 't',
    clientId: 'c',
    oidcRequestUrl: new URL('https://dev.azure.com/MyOrg/oidctoken'),
    jobToken: 'token',
  } as const;
  const NO_IDENTITY =
    /\n1\. Create a second pipeline .*set pool: to a pool whose agents have no identity, .*\n2\. Turn off builds of forks.*\n3\. .*Project settings > Agent pools > .*Pipeline permissions\. .*Open access\. .*\nTroubleshooting: /;

  for (const [name, [inputs, identity, remedy, other]] of Object.entries({
    managedIdentity: [{}, /the identity of this agent\./, NO_IDENTITY, /secrets|connection/],
    'azureRM for the agent': [
      { isAgentConnection: true },
      /the identity of this agent\.\nThe service connection \(azureSubscription\) does not protect the identity/,
      NO_IDENTITY,
      /secrets/,
    ],
    'a federated connection': [
      { connection: CONNECTION },
      /the service connection 3b0f6a52-8d1c-4e7f-9a2b-5c6d7e8f9a0b \(azureSubscription\)\./,
      /clear "Make secrets available to builds of forks"\..*skips this step/,
      /pool|identity of this agent/,
    ],
  } as const)) {
    it(`names the identity and the remedy of its connection type: ${name}`, () => {
      const warning = describeForkBuild(inputs);
      assert.match(warning, /^This build is of a pull request from a fork, and its code can use/);
      assert.match(warning, identity);
      assert.match(warning, remedy);
      assert.doesNotMatch(warning, other);
    });
  }
});

describe('the report of a member', () => {
  const organization = { name: 'MyOrg', url: 'https://dev.azure.com/MyOrg' };

  it('says by which name the organization knows it', () => {
    const line = describeMember({ organization, displayName: 'agent-1' });
    assert.equal(line, 'The identity is a member of MyOrg, with the name "agent-1".');
  });

  it('says so without a name where there is none', () => {
    for (const displayName of [undefined, '', ' \u200b']) {
      assert.equal(
        describeMember({ organization, displayName }),
        'The identity is a member of MyOrg.',
      );
    }
  });

  it('makes the name harmless', () => {
    const line = describeMember({ organization, displayName: '##vso[x]\nb' });
    assert.equal(line, 'The identity is a member of MyOrg, with the name "**vso[x] b".');
  });
});
