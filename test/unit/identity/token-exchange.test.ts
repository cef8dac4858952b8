// The identity of a service connection and of a pod: @azure/identity, Microsoft Entra on loopback, and what stands in between.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { createHttpHeaders, createPipelineRequest } from '@azure/core-rest-pipeline';
import type { Requester } from '../../../tasks/AzureDevOpsTokenV1/src/errors/requester';
import { TaskError } from '../../../tasks/AzureDevOpsTokenV1/src/errors/task-error';
import { EntraClient } from '../../../tasks/AzureDevOpsTokenV1/src/identity/entra-client';
import { signIn } from '../../../tasks/AzureDevOpsTokenV1/src/identity/sign-in';
import type { IdentityInputs } from '../../../tasks/AzureDevOpsTokenV1/src/inputs/task-inputs';
import { JOB_TOKEN, OIDC_PATH } from '../../emulators/agent/job-setting';
import { authorityFile } from '../../emulators/certificates';
import {
  openHostedAgent,
  openPod,
  POD,
  type HostedOptions,
  type PodOptions,
} from '../../emulators/federated-places';
import { TENANT_ID } from '../../emulators/identity-endpoint';
import type { Place } from '../../emulators/places';
import { APPLICATION, CONNECTION_ID } from '../../emulators/service-connections';
import { FakeClock, fakeEnvironment } from '../fakes';
import { problemOf, rejectionOf } from '../to-problem';

const OIDC_URL = `https://dev.azure.com/MyOrg/${OIDC_PATH}`;
const COMMON = { minimumLifetimeMs: 300_000, isInContainer: false };
const OF_CONNECTION: IdentityInputs = {
  ...COMMON,
  connection: {
    input: 'azureSubscription',
    id: CONNECTION_ID,
    tenantId: TENANT_ID,
    clientId: APPLICATION.clientId,
    oidcRequestUrl: new URL(OIDC_URL),
    jobToken: JOB_TOKEN,
  },
};

describe('a federated identity', () => {
  let place: Place | undefined;

  before(() => {
    process.env['SYSTEM_OIDCREQUESTURI'] = OIDC_URL;
  });

  after(() => {
    Reflect.deleteProperty(process.env, 'SYSTEM_OIDCREQUESTURI');
  });

  afterEach(async () => {
    await place?.close();
    place = undefined;
  });

  async function makeWorld(opened: Place, pipelineVariables: readonly string[] = []) {
    place = opened;
    const ca = [readFileSync(await authorityFile(), 'utf8')];
    const secrets: string[] = [];
    const clock = new FakeClock();
    const world = {
      clock,
      environment: fakeEnvironment(opened.machineEnvironment, pipelineVariables),
      network: { tls: { ca } },
      allowedHosts: [],
      maskToken: (token: string) => secrets.push(token),
      log: () => undefined,
    };
    return { world, secrets, clock };
  }

  async function openConnection(options: HostedOptions = {}) {
    const opened = await openHostedAgent(options);
    const { world, ...rest } = await makeWorld(opened);
    return { identity: await signIn(OF_CONNECTION, world), opened, ...rest };
  }

  async function openWorkloadIdentity(
    options: PodOptions = {},
    inputs: Partial<IdentityInputs> = {},
  ) {
    const opened = await openPod(options);
    const { world, ...rest } = await makeWorld(opened);
    return { identity: await signIn({ ...COMMON, ...inputs }, world), opened, ...rest };
  }

  it('is that of a service connection, for which Azure DevOps is asked once', async () => {
    const { identity, opened, secrets } = await openConnection();
    const token = await identity.getToken();
    assert.equal(token.token, opened.tokens[0]);
    assert.equal(token.connectionId, CONNECTION_ID);
    assert.equal(token.clientId, APPLICATION.clientId);
    assert.deepEqual(secrets, [opened.assertions?.[0], opened.assertions?.[0], token.token]);
    assert.equal(opened.organization?.requests.length, 1);
    assert.deepEqual(opened.entra?.requests, [`POST /${TENANT_ID}/oauth2/v2.0/token`]);
    assert.equal(identity.identityName, `identity of the service connection ${CONNECTION_ID}`);
  });

  it('is asked for a new token when the last is about to expire, with a new word for it', async () => {
    // Far below the five minutes that a token must live: the fake clock starts before the token is issued.
    const { identity, clock, opened } = await openConnection({ entra: { lifetimeSeconds: 200 } });
    await identity.getToken().catch(() => undefined);
    clock.advance(1_000);
    await identity.getToken().catch(() => undefined);
    assert.equal(opened.assertions?.length, 2);
    assert.equal(opened.tokens.length, 2);
  });

  it('is that of a pod', async () => {
    const { identity, opened, secrets } = await openWorkloadIdentity();
    const token = await identity.getToken();
    assert.equal(token.token, opened.tokens[0]);
    assert.equal(token.clientId, POD.clientId);
    assert.deepEqual(secrets, [opened.assertions?.[0], token.token]);
    assert.equal(identity.identityName, 'identity of this pod');
  });

  it('is that of a pod which the step names', async () => {
    const requested = { input: 'clientId', value: POD.clientId } as const;
    const environment = { AZURE_CLIENT_ID: '' };
    const { identity } = await openWorkloadIdentity({ environment }, { requested });
    assert.equal((await identity.getToken()).clientId, POD.clientId);
  });

  it('is read anew from the file of the pod each time', async () => {
    const { identity, opened } = await openWorkloadIdentity();
    writeFileSync(opened.machineEnvironment['AZURE_FEDERATED_TOKEN_FILE'] ?? '', 'xx.yy.zz');
    const problem = await problemOf(identity.getToken());
    assert.equal(problem.kind, 'assertion-unverified');
    assert.equal((problem['requester'] as Requester).kind, 'workload');
  });

  for (const authority of ['https://login.microsoftonline.com', '']) {
    it(`of a pod may have the authority "${authority}"`, async () => {
      const environment = { AZURE_AUTHORITY_HOST: authority };
      const { identity } = await openWorkloadIdentity({ environment });
      assert.ok(await identity.getToken());
    });
  }

  for (const [authority, host] of [
    ['https://login.microsoftonline.us/', 'login.microsoftonline.us'],
    ['https://login.microsoftonline.com.evil.example', 'login.microsoftonline.com.evil.example'],
    ['http://login.microsoftonline.com/', 'login.microsoftonline.com'],
    ['nonsense', 'something that is not a URL'],
  ] as const) {
    it(`of a pod may not have the authority ${authority}`, async () => {
      const environment = { AZURE_AUTHORITY_HOST: authority };
      const problem = await problemOf(openWorkloadIdentity({ environment }));
      assert.deepEqual([problem.kind, problem['host']], ['other-cloud', host]);
    });
  }

  for (const [name, reason] of [
    ['AZURE_CLIENT_ID', /A pipeline variable replaces AZURE_CLIENT_ID/],
    ['azure.tenant.id', /A pipeline variable replaces AZURE_TENANT_ID/],
    ['other', /The pod has no AZURE_TENANT_ID/],
  ] as const) {
    it(`of a pod says who hides what it needs: ${name}`, async () => {
      const variable = name.replaceAll('.', '_').toUpperCase();
      const environment = { [variable === 'OTHER' ? 'AZURE_TENANT_ID' : variable]: '' };
      const opened = await openPod({ environment });
      const { world } = await makeWorld(opened, [name]);
      await assert.rejects(signIn(COMMON, world), { name: 'TaskError', message: reason });
    });
  }

  it('shows Microsoft Entra what it needs, and nothing else', async () => {
    const { identity, opened } = await openConnection();
    await identity.getToken();
    const [headers = {}] = opened.entra?.headers ?? [];
    assert.match(headers['user-agent'] ?? '', /^AzureDevOpsToken\//);
    assert.match(headers['content-type'] ?? '', /^application\/x-www-form-urlencoded/);
    assert.deepEqual(
      ['authorization', 'accept-encoding', 'x-tfs-session'].map((name) => headers[name]),
      [undefined, 'identity', undefined],
    );
  });

  it('is told with the words of Microsoft Entra, and one of its ids', async () => {
    const { identity } = await openConnection({ application: { credentials: [] } });
    const problem = await problemOf(identity.getToken());
    assert.deepEqual([problem.kind, problem['status']], ['no-credential', 401]);
    const { serverMessage, correlationId } = problem;
    assert.match(String(serverMessage), /^AADSTS700213: No matching .* presented assertion\.$/s);
    assert.match(String(correlationId), /^[0-9a-f-]{36}$/);
  });

  for (const [name, body] of [
    ['no JSON', '<html>'],
    ['a list', [1]],
    ['other types', { error_description: 5, correlation_id: {} }],
    ['a code within the words', { error_description: 'It is AADSTS90002 of course' }],
  ] as const) {
    it(`is told without a code where Microsoft Entra refuses with ${name}`, async () => {
      const lastingFault = { kind: 'response', status: 400, body } as const;
      const { identity } = await openConnection({ entra: { lastingFault } });
      const problem = await problemOf(identity.getToken());
      assert.deepEqual([problem.kind, problem['correlationId']], ['entra-error', undefined]);
      assert.equal(
        typeof problem['serverMessage'],
        name.startsWith('a code') ? 'string' : 'undefined',
      );
    });
  }

  it('is asked for again where Microsoft Entra, or Azure DevOps, breaks off', async () => {
    const fault = { kind: 'reset' } as const;
    const { identity, opened } = await openConnection({
      entra: { faults: [fault] },
      organization: { faults: [fault] },
    });
    assert.equal((await identity.getToken()).token, opened.tokens[0]);
    assert.deepEqual([opened.organization?.requests.length, opened.entra?.requests.length], [2, 2]);
  });

  for (const [name, tokenFile, reason] of [
    ['another text', 'root:x:0:0', 'it does not contain a JSON Web Token'],
    ['nothing', '', 'it does not contain a JSON Web Token'],
  ] as const) {
    it(`is none where the file of the pod holds ${name}`, async () => {
      const { identity, opened, secrets } = await openWorkloadIdentity({ tokenFile });
      const problem = await problemOf(identity.getToken());
      assert.deepEqual([problem.kind, problem['reason']], ['token-file', reason]);
      assert.deepEqual([secrets, opened.entra?.requests], [[], []]);
    });
  }

  it('is none where the file of the pod is not there', async () => {
    const environment = { AZURE_FEDERATED_TOKEN_FILE: '/nowhere' };
    const { identity } = await openWorkloadIdentity({ environment });
    const problem = await problemOf(identity.getToken());
    assert.match(String(problem['reason']), /\(ENOENT\)$/);
  });

  it('is refused where the token is of another tenant than the connection', async () => {
    const claims = { tid: '11111111-2222-4333-8444-555555555555' };
    const { identity } = await openConnection({ application: { claims } });
    const problem = await problemOf(identity.getToken());
    assert.deepEqual([problem.kind, problem['what']], ['wrong-token', 'tenant']);
  });

  it('tells where those who are asked are not trusted', async () => {
    const { world } = await makeWorld(await openHostedAgent());
    const network = { tls: {} };
    const identity = await signIn(OF_CONNECTION, { ...world, network });
    const problem = await problemOf(identity.getToken());
    assert.equal(problem.kind, 'certificate');
  });

  for (const [name, fault] of [
    ['no token', { kind: 'response', status: 200, body: { token_type: 'Bearer' } }],
    ['an object as its token', { kind: 'response', status: 200, body: { access_token: {} } }],
    ['a text', { kind: 'response', status: 200, body: 'eyJ0.eyJ0.x' }],
  ] as const) {
    it(`is none where Microsoft Entra answers with ${name}`, async () => {
      const { identity } = await openConnection({ entra: { lastingFault: fault } });
      const problem = await problemOf(identity.getToken());
      assert.equal(problem.kind, 'no-token');
    });
  }

  for (const [name, kind, status, body] of [
    ['no token', 'no-oidc-token', 200, { other: 'eyJsecret.eyJsecret.x', message: 'eyJsecret' }],
    ['a broken response', 'no-oidc-token', 200, '{"oidcToken":"eyJSECRETOIDC.'],
    ['a page', 'job-token-rejected', 203, '<html>eyJsecret</html>'],
    ['a message in a 203', 'job-token-rejected', 203, { message: 'eyJsecret' }],
    ['a redirect', 'job-token-rejected', 302, { message: 'eyJsecret' }],
    ['a message in a 5xx', 'oidc-unavailable', 505, { message: 'eyJsecret' }],
  ] as const) {
    it(`is none if Azure DevOps returns ${name}, of which nothing is kept`, async () => {
      const fault = { kind: 'response', status, body } as const;
      const { identity } = await openConnection({ organization: { lastingFault: fault } });
      const problem = await problemOf(identity.getToken());
      assert.equal(problem.kind, kind);
      assert.ok(!JSON.stringify(problem).includes('eyJ'), JSON.stringify(problem));
    });
  }

  it('is none if Azure DevOps refuses, of which only the message is kept, without the tokens in it', async () => {
    const body = { message: `TF1: ${JOB_TOKEN} may not`, oidcToken: 'eyJsecret.eyJsecret.x' };
    const fault = { kind: 'response', status: 403, body } as const;
    const { identity } = await openConnection({ organization: { lastingFault: fault } });
    const error = await rejectionOf(identity.getToken());
    assert.ok(error instanceof TaskError);
    assert.equal(error.problem.kind, 'connection-denied');
    assert.match(error.message, /"TF1: \*\*\* may not"/);
    assert.ok(!JSON.stringify(error.problem).includes('eyJsecret'));
  });

  it('is asked for nowhere but where the task says', async () => {
    const { world } = await makeWorld(await openHostedAgent());
    const oidc = { url: new URL(OIDC_URL), jobToken: JOB_TOKEN };
    for (const url of [
      'https://evil.example/token',
      'https://login.microsoftonline.com:8443/token',
      'http://login.microsoftonline.com/token',
      'https://dev.azure.com/MyOrg/other',
      'https://dev.azure.com/Evil/oidctoken',
    ]) {
      const client = new EntraClient({ ...world, oidc });
      const headers = createHttpHeaders();
      const request = createPipelineRequest({ url, method: 'POST', headers });
      await assert.rejects(client.sendRequest(request));
      assert.equal(client.problem?.kind, 'other-cloud', url);
    }
    assert.equal(place?.proxy?.requests.length, 0);
  });
});
