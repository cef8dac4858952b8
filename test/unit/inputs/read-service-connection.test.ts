import assert from 'node:assert/strict';
import { InputReader } from '../../../tasks/AzureDevOpsTokenV1/src/inputs/input-reader';
import { readConnection } from '../../../tasks/AzureDevOpsTokenV1/src/inputs/read-service-connection';
import type { ServiceEndpoint } from '../../emulators/agent/endpoints';
import {
  APPLICATION,
  azureDevOps,
  azureRM,
  CONNECTION_ID,
  OF_AGENT,
  OF_GOVERNMENT,
  WITH_CERTIFICATE,
  WITH_SECRET,
} from '../../emulators/service-connections';
import { FakeAgent, type FakeEndpoint } from '../fakes';

const URI = 'https://dev.azure.com/MyOrg/p/_apis/distributedtask/oidctoken';

interface Story {
  readonly input?: 'azureDevOpsServiceConnection' | 'azureSubscription';
  readonly id?: string;
  readonly uri?: string;
  readonly job?: FakeEndpoint;
}

function read(endpoint: ServiceEndpoint, story: Story = {}) {
  const { input = 'azureSubscription', id = CONNECTION_ID, uri = URI } = story;
  const lower = (record: Readonly<Record<string, string>>) =>
    Object.fromEntries(
      Object.entries(record).map(([name, value]) => [
        /^(?:tenantid|serviceprincipalid)$/i.test(name) ? name.toLowerCase() : name,
        value,
      ]),
    );
  const { job = { scheme: 'OAuth', parameters: { AccessToken: 'job.access.token' } } } = story;
  const agent = new FakeAgent(
    { [input]: id },
    { 'System.OidcRequestUri': uri },
    {
      [CONNECTION_ID]: { ...endpoint, parameters: lower(endpoint.parameters) },
      SYSTEMVSSCONNECTION: job,
    },
  );
  const reader = new InputReader(agent, []);
  return { ...readConnection(reader, input), problems: reader.problems };
}

const problemOf = (endpoint: ServiceEndpoint, story?: Story) => {
  const { problems, connection, requested } = read(endpoint, story);
  assert.deepEqual([connection, requested], [undefined, undefined]);
  assert.equal(problems.length, 1, problems.join('\n'));
  return problems[0] ?? '';
};

describe('a service connection', () => {
  for (const [name, [endpoint, input]] of Object.entries({
    'Azure DevOps': [azureDevOps(), 'azureDevOpsServiceConnection'],
    'Azure Resource Manager': [azureRM(), 'azureSubscription'],
    'Azure Resource Manager with the older authority': [
      azureRM({
        data: { environment: 'azurecloud', activeDirectoryAuthority: 'https://login.windows.net/' },
      }),
      'azureSubscription',
    ],
  } as const)) {
    it(`of ${name} is read with workload identity federation`, () => {
      const { connection, problems } = read(endpoint, { input });
      assert.deepEqual(problems, []);
      assert.deepEqual(connection, {
        input,
        id: CONNECTION_ID,
        tenantId: APPLICATION.tenantId,
        clientId: APPLICATION.clientId,
        oidcRequestUrl: new URL(URI),
        jobToken: 'job.access.token',
      });
    });
  }

  it('of the agent is no other than the managed identity', () => {
    assert.deepEqual(read(OF_AGENT), { isAgentConnection: true, problems: [] });
  });

  it('of the agent may name a user-assigned identity', () => {
    const { clientId } = APPLICATION;
    const endpoint = { ...OF_AGENT, data: { msiclientId: clientId } };
    const { requested, isAgentConnection } = read(endpoint);
    assert.deepEqual(requested, { input: 'clientId', value: clientId });
    assert.equal(isAgentConnection, true);
  });

  for (const [name, [endpoint, what]] of Object.entries({
    'a stored secret': [WITH_SECRET, 'a stored secret (ServicePrincipal), which'],
    'a stored certificate': [WITH_CERTIFICATE, 'a stored certificate (ServicePrincipal), which'],
    'a publish profile': [
      azureRM({ scheme: 'PublishProfile', parameters: {} }),
      'the scheme PublishProfile, which',
    ],
  } as const)) {
    it(`with ${name} is refused, with the way to convert it`, () => {
      const problem = problemOf(endpoint);
      assert.ok(problem.startsWith('azureSubscription is a service connection with '));
      assert.ok(problem.includes(what), problem);
      assert.match(
        problem,
        /The task supports workload identity federation.*Convert the connection to workload/,
      );
    });
  }

  it('of Azure DevOps is none of the agent', () => {
    const story = { input: 'azureDevOpsServiceConnection' } as const;
    assert.match(problemOf(azureDevOps({ scheme: 'ManagedServiceIdentity' }), story), /Convert/);
  });

  for (const [name, endpoint] of Object.entries({
    'by its environment and authority': OF_GOVERNMENT,
    'by its environment': azureRM({ data: { environment: 'AzureChinaCloud' } }),
    'by its authority': azureRM({
      data: { activeDirectoryAuthority: 'https://login.partner.microsoftonline.cn/' },
    }),
    'by something that is no address': azureRM({ data: { activeDirectoryAuthority: 'x' } }),
    'also where it is of the agent': { ...OF_GOVERNMENT, scheme: 'ManagedServiceIdentity' },
  } as const)) {
    it(`of another cloud is refused, ${name}`, () => {
      assert.match(
        problemOf(endpoint),
        /of another cloud \(Azure\w+(?: \S+)?\s?\)\. .*accepts only tokens of the public cloud/,
      );
    });
  }

  it('has to be named', () => {
    assert.match(problemOf(azureRM(), { id: '' }), /azureSubscription is not set, but this/);
    assert.match(
      problemOf(azureRM(), { id: '$(name)' }),
      /\$\(name\), because the pipeline has no such/,
    );
    assert.match(
      problemOf(azureRM(), { id: 'x&y=1' }),
      /It must be the name of a service connection/,
    );
    assert.match(
      problemOf(azureRM(), { id: 'x'.repeat(65) }),
      /It must be the name of a service connection/,
    );
  });

  it('has to be one that the agent knows', () => {
    assert.match(
      problemOf(azureRM(), { id: 'other' }),
      /this job has no such service connection\. If it was deleted, .* permit this pipeline under Security > Pipeline permissions of the connection\.$/,
    );
  });

  it('has to stand for somebody', () => {
    for (const parameters of [{}, { tenantid: 'x', serviceprincipalid: APPLICATION.clientId }]) {
      assert.match(
        problemOf(azureRM({ parameters })),
        /without a tenant ID or a client ID\. Open it under .* and save it again\.$/,
      );
    }
    const { tenantId } = APPLICATION;
    const parameters = { tenantid: tenantId, serviceprincipalid: '../x' };
    assert.match(
      problemOf(azureRM({ parameters })),
      /without a tenant ID or a client ID\. Open it under .* and save it again\.$/,
    );
  });

  it('is of no use to a job without an access token', () => {
    for (const parameters of [{}, { AccessToken: '' }]) {
      const job = { scheme: 'OAuth', parameters };
      assert.match(problemOf(azureRM(), { job }), /no access token/);
    }
  });

  it('is not supported if Azure DevOps issues no OIDC token', () => {
    assert.match(problemOf(azureRM(), { uri: '' }), /^System\.OidcRequestUri is not set/);
  });
});
