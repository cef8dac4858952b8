import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { reportFailure, run } from '../../tasks/AzureDevOpsTokenV1/src/run';
import { inputError } from '../../tasks/AzureDevOpsTokenV1/src/errors/input-problems';
import { startIdentityEndpoint } from '../emulators/identity-endpoint';
import { startOrganization } from '../emulators/organization/organization';
import { FakeAgent, FakeClock, fakeEnvironment } from './fakes';
import { forgetMsal } from './forget-msal';

const VARIABLE = 'AZURE_POD_IDENTITY_AUTHORITY_HOST';

const UNASKED = { verifyMembership: 'false' };

async function runWith(agent: FakeAgent, lifetimeSeconds = 3600) {
  const endpoint = await startIdentityEndpoint({ lifetimeSeconds });
  process.env[VARIABLE] = endpoint.origin;
  await forgetMsal();
  try {
    await run(agent, { clock: new FakeClock(), environment: fakeEnvironment() });
    return { token: endpoint.tokens[0] ?? '', requests: endpoint.requests.length };
  } finally {
    await endpoint.close();
    Reflect.deleteProperty(process.env, VARIABLE);
  }
}

describe('the task', () => {
  it('protects the token, hands it on, says whose it is, and succeeds', async () => {
    const agent = new FakeAgent(UNASKED);
    const { token, requests } = await runWith(agent);
    const serverMessage = agent.calls.map((call) => call.split(' ')[0]);
    assert.deepEqual(serverMessage, [
      ...Array<string>(6).fill('setSecret'),
      ...Array<string>(6).fill('info'),
      'setSecretOutput',
      ...Array<string>(4).fill('setOutput'),
      'info',
      'succeed',
    ]);
    assert.equal(agent.calls[0], `setSecret ${token}`);
    assert.equal(agent.calls[12], `setSecretOutput token=${token}`);
    assert.match(agent.calls.at(-2) ?? '', /name: devops/);
    assert.equal(requests, 1);
  });

  it('asks the organization before it hands anything on', async () => {
    const organization = await startOrganization({ isPlain: true });
    const agent = new FakeAgent({
      organization: `${organization.origin}/MyOrg`,
      allowedHosts: new URL(organization.origin).host,
    });
    // This organization takes no token of anybody.
    await runWith(agent);
    await organization.close();
    assert.equal(organization.requests.length, 1);
    assert.ok(!agent.calls.some((call) => call.startsWith('setOutput')));
    assert.match(
      agent.calls.at(-1) ?? '',
      /^fail The identity of this agent is not a member of MyOrg\.\n.*401/,
    );
  });

  it('warns where it is given to a fork, and goes on', async () => {
    const agent = new FakeAgent(UNASKED, { 'System.PullRequest.IsFork': 'True' });
    await runWith(agent);
    assert.match(agent.calls[0] ?? '', /^warning .*fork/);
    assert.equal(agent.calls.at(-1), 'succeed');
  });

  it('hands the identity on before it makes a call, and what came of that after it', async () => {
    for (const [status, end] of [
      [200, 'succeed'],
      [409, 'fail'],
    ] as const) {
      const body = { value: 'x'.repeat(25_000) };
      const organization = await startOrganization({
        isPlain: true,
        lastingFault: { kind: 'response', status, body },
      });
      const agent = new FakeAgent({
        url: `${organization.origin}/MyOrg/_apis/x`,
        allowedHosts: new URL(organization.origin).host,
      });
      await runWith(agent);
      await organization.close();
      const serverMessage = agent.calls.slice(12).map((call) => call.split(/[ =]/, 2).join(' '));
      assert.deepEqual(serverMessage.slice(0, 10), [
        'setSecretOutput token',
        'setOutput expiresOn',
        'setOutput tenantId',
        'setOutput clientId',
        'setOutput objectId',
        'info Sending',
        'setOutput statusCode',
        'setOutput responseHeaders',
        'setOutput result',
        'setOutput responseFile',
      ]);
      const rest = serverMessage.slice(10).map((word) => word.split(' ')[0]);
      const good = ['warning', 'info', 'info', 'info', 'succeed'];
      assert.deepEqual(rest, status === 200 ? good : [end]);
      const file = agent.calls.find((call) => call.startsWith('setOutput responseFile='));
      rmSync(file?.replace(/^[^=]*=/, '') ?? '');
    }
  });

  it('reports wrong inputs once, and asks for nothing', async () => {
    const agent = new FakeAgent({ clientId: 'x' });
    const { requests } = await runWith(agent);
    assert.equal(agent.calls.length, 1);
    assert.match(agent.calls[0] ?? '', /^fail clientId is .*\nNothing was sent/);
    assert.equal(requests, 0);
  });

  it('hands nothing on where the token is refused', async () => {
    const agent = new FakeAgent();
    await runWith(agent, 60);
    const serverMessage = agent.calls.map((call) => call.split(' ')[0]);
    assert.deepEqual(serverMessage, [...Array<string>(6).fill('setSecret'), 'fail']);
  });

  it('tells while it waits', async () => {
    const agent = new FakeAgent();
    const world = { clock: new FakeClock(), environment: fakeEnvironment() };
    process.env[VARIABLE] = 'http://127.0.0.1:1';
    await forgetMsal();
    await run(agent, world);
    Reflect.deleteProperty(process.env, VARIABLE);
    assert.match(agent.calls[0] ?? '', /^info .*Next attempt in/);
    assert.match(agent.calls.at(-1) ?? '', /^fail .*\n.*ECONNREFUSED/);
  });
});

describe('the report of a failure', () => {
  it('is the failure alone where it was foreseen', () => {
    const agent = new FakeAgent();
    reportFailure(agent, inputError(['x']));
    assert.equal(agent.calls.length, 1);
  });

  it('says in the debug log where an unforeseen one arose, and nowhere what it says', () => {
    const agent = new FakeAgent();
    reportFailure(agent, new TypeError('eyJsecret'));
    assert.match(agent.calls[0] ?? '', /^debug at .*run\.test\.ts/);
    assert.match(agent.calls[1] ?? '', /^fail .*TypeError/);
    assert.ok(!agent.calls.join().includes('eyJsecret'));
  });
});
