import assert from 'node:assert/strict';
import { mock } from 'node:test';
import type { Clock } from '../../../tasks/AzureDevOpsTokenV1/src/clock';
import type { Environment } from '../../../tasks/AzureDevOpsTokenV1/src/environment';
import { TaskError } from '../../../tasks/AzureDevOpsTokenV1/src/errors/task-error';
import { signIn } from '../../../tasks/AzureDevOpsTokenV1/src/identity/sign-in';
import type { RequestedIdentity } from '../../../tasks/AzureDevOpsTokenV1/src/inputs/task-inputs';
import {
  busy,
  DEPLOY,
  RELEASE,
  startIdentityEndpoint,
  SYSTEM_ASSIGNED,
  type IdentityEndpoint,
  type IdentityEndpointOptions,
} from '../../emulators/identity-endpoint';
import { IMDS } from '../../emulators/identity-dialects';
import { FakeClock, fakeEnvironment } from '../fakes';
import { forgetMsal } from '../forget-msal';
import { problemOf } from '../to-problem';

const VARIABLE = 'AZURE_POD_IDENTITY_AUTHORITY_HOST';
const US_DATE = '11/25/2026 1:00:00 PM +00:00';
const IDENTITIES = [SYSTEM_ASSIGNED, DEPLOY, RELEASE];

interface OpenOptions extends IdentityEndpointOptions {
  readonly clock?: Clock;
  readonly environment?: Environment;
}

describe('signing in', () => {
  let endpoint: IdentityEndpoint | undefined;

  afterEach(async () => {
    await endpoint?.close();
    Reflect.deleteProperty(process.env, VARIABLE);
  });

  async function open(
    { clock = new FakeClock(), environment = fakeEnvironment(), ...options }: OpenOptions,
    requested?: RequestedIdentity,
  ) {
    endpoint = await startIdentityEndpoint({ identities: IDENTITIES, ...options });
    process.env[VARIABLE] = endpoint.origin;
    await forgetMsal();
    const secrets: string[] = [];
    const loggedAt: string[] = [];
    const common = { minimumLifetimeMs: 300_000, isInContainer: true };
    const identity = await signIn(requested === undefined ? common : { ...common, requested }, {
      clock,
      environment,
      allowedHosts: [],
      maskToken: (token) => secrets.push(token),
      log: (line) => loggedAt.push(line),
    });
    return { identity, endpoint, secrets, loggedAt };
  }

  async function problemWith(options: OpenOptions, requested?: RequestedIdentity) {
    const { identity } = await open(options, requested);
    return problemOf(identity.getToken());
  }

  it('brings the token of the system-assigned identity', async () => {
    const {
      identity,
      endpoint: { tokens, requests },
      secrets,
    } = await open({});
    const token = await identity.getToken();
    assert.equal(token.token, tokens[0]);
    assert.equal(token.clientId, SYSTEM_ASSIGNED.clientId);
    assert.deepEqual(secrets, tokens);
    assert.equal(requests.length, 1);
  });

  for (const [input, name] of [
    ['clientId', 'client_id'],
    ['objectId', 'object_id'],
    ['resourceId', 'msi_res_id'],
  ] as const) {
    it(`brings the token of the identity with the ${input} that was asked for`, async () => {
      const { identity, endpoint } = await open({}, { input, value: RELEASE[input] });
      assert.equal((await identity.getToken()).objectId, RELEASE.objectId);
      assert.equal(endpoint.requests[0]?.url.searchParams.get(name), RELEASE[input]);
    });
  }

  it('asks for nothing before a token is wanted', async () => {
    const { endpoint } = await open({});
    assert.equal(endpoint.requests.length, 0);
  });

  describe('again', () => {
    const START = Date.now();

    // The library keeps a token of its own, by the time of the machine: that moves here, too.
    beforeEach(() => {
      mock.timers.enable({ apis: ['Date'], now: START });
    });

    afterEach(() => {
      mock.timers.reset();
    });

    async function openWithTime(options: IdentityEndpointOptions = {}) {
      const clock = { now: () => Date.now(), elapsed: () => 0, sleep: () => Promise.resolve() };
      const opened = await open({ lifetimeSeconds: 3600, clock, ...options });
      const first = await opened.identity.getToken();
      const goTo = (msBeforeItsEnd: number) => {
        mock.timers.setTime(first.expiresOn.getTime() - msBeforeItsEnd);
      };
      return { ...opened, first, goTo };
    }

    it('hands the same token out, until shortly before its end', async () => {
      const { identity, endpoint, first, goTo } = await openWithTime();
      goTo(270_001);
      assert.equal(await identity.getToken(), first);
      assert.equal(endpoint.requests.length, 1);
    });

    it('hands a new one out then', async () => {
      const { identity, endpoint, first, goTo } = await openWithTime();
      goTo(270_000);
      const second = await identity.getToken();
      assert.equal(endpoint.requests.length, 2);
      assert.equal(second.token, endpoint.tokens[1]);
      assert.equal(second.expiresOn.getTime() - first.expiresOn.getTime(), 3_330_000);
    });

    for (const [name, fields] of [
      ['expires_on as text', {}],
      ['expires_on in ISO 8601', { expires_on: '2026-11-25T13:00:00Z' }],
      ['expires_on that the library cannot read', { expires_on: US_DATE }],
      ['expires_in alone', { expires_on: undefined }],
    ] as const) {
      it(`hands a new one out then if the token cannot be read, by ${name}`, async () => {
        mock.timers.setTime(Date.parse('2026-11-25T12:00:00Z'));
        const { identity, endpoint, first, goTo } = await openWithTime({
          form: 'five parts',
          faults: [{ kind: 'altered', fields }],
        });
        assert.equal(first.expiresOn.toISOString(), '2026-11-25T13:00:00.000Z');
        goTo(270_001);
        assert.equal(await identity.getToken(), first);
        goTo(270_000);
        const second = await identity.getToken();
        assert.equal(second.token, endpoint.tokens[1]);
        assert.equal(second.expiresOn.getTime() - first.expiresOn.getTime(), 3_330_000);
      });
    }

    it('hands a new one out then if the token expires before its response says', async () => {
      const fields = { expires_on: START / 1000 + 86_400 };
      const { identity, endpoint, first, goTo } = await openWithTime({
        faults: [{ kind: 'altered', fields }],
      });
      goTo(270_000);
      assert.notEqual((await identity.getToken()).token, first.token);
      assert.equal(endpoint.requests.length, 2);
    });

    it('checks the new one like the first', async () => {
      const { identity, endpoint, goTo } = await openWithTime();
      goTo(200_000);
      endpoint.plan([{ kind: 'altered', claims: { aud: 'https://management.azure.com/' } }]);
      await assert.rejects(
        identity.getToken(),
        /The token is for the audience https:\/\/management/,
      );
    });
  });

  it('tells what it does while it waits', async () => {
    const { identity, loggedAt } = await open({ faults: [busy(429)] });
    await identity.getToken();
    assert.equal(loggedAt.length, 1);
  });

  it('tells an identity that the machine does not have', async () => {
    const requested = { input: 'clientId', value: '01234567-89ab-cdef-0123-456789abcdef' } as const;
    assert.deepEqual(await problemWith({}, requested), {
      kind: 'identity-not-found',
      endpoint: endpoint?.origin,
      requested,
      status: 400,
      serverMessage: 'Identity not found',
      platform: 'imds',
      isAgentConnection: false,
    });
  });

  it('tells a machine without a system-assigned identity', async () => {
    assert.deepEqual(await problemWith({ identities: [] }), {
      kind: 'no-identity',
      endpoint: endpoint?.origin,
      status: 400,
      serverMessage: 'Identity not found',
      isInContainer: true,
      isAgentConnection: false,
      platform: 'imds',
    });
  });

  it('tells a machine with several identities', async () => {
    const problem = await problemWith({ identities: [DEPLOY, RELEASE] });
    assert.equal(problem.kind, 'several-identities');
    assert.match(String(problem['serverMessage']), /^Multiple user assigned/);
  });

  it('tells any other refusal with the words of IMDS', async () => {
    const body = {
      error: 'bad_request_102',
      error_description: 'Required metadata header not specified',
    };
    assert.deepEqual(await problemWith({ faults: [{ kind: 'response', status: 400, body }] }), {
      kind: 'endpoint-refused',
      endpoint: endpoint?.origin,
      status: 400,
      serverMessage: 'Required metadata header not specified',
    });
  });

  for (const fault of [
    { kind: 'response', status: 200, body: 'no' },
    { kind: 'altered', fields: { error: 'x', error_description: 'y' } },
  ] as const) {
    it(`names the variable with the address of an endpoint that returns no token (${fault.kind})`, async () => {
      const environment = fakeEnvironment({ [VARIABLE]: 'http://127.0.0.1:1' });
      const { kind, ...problem } = await problemWith({ faults: [fault], environment });
      assert.deepEqual([kind, problem['namedBy']], ['not-a-token', VARIABLE]);
    });
  }

  it('tells an endpoint that stays busy', async () => {
    const problem = await problemWith({ lastingFault: () => busy(503, { 'retry-after': '20' }) });
    const { kind, reason, retryAfterMs, attempts, elapsedMs } = problem;
    assert.deepEqual([kind, reason, retryAfterMs], ['endpoint-busy', 'it returned 503', 20_000]);
    assert.ok(Number(attempts) > 3 && Number(elapsedMs) >= 90_000);
  });

  it('tells a machine without an endpoint', async () => {
    const problem = await problemWith({ lastingFault: () => ({ kind: 'reset' }) });
    const { kind, reason, isInContainer, attempts, elapsedMs } = problem;
    assert.deepEqual(
      [kind, reason, isInContainer],
      ['no-endpoint', 'connection reset (ECONNRESET)', true],
    );
    assert.ok(Number(attempts) >= 4 && Number(elapsedMs) >= 9_000);
  });

  it('tells a token that is refused', async () => {
    const claims = { aud: 'https://management.azure.com/' };
    const problem = await problemWith({ faults: [{ kind: 'altered', claims }] });
    assert.equal(problem.kind, 'wrong-audience');
  });

  it('tells a token without an expiry by the endpoint that it came from', async () => {
    const problem = await problemWith({ form: 'five parts', dialect: { ...IMDS, fields: [] } });
    assert.deepEqual(problem, { kind: 'no-expiry', endpoint: endpoint?.origin });
  });

  it('masks what may be a token although it is refused', async () => {
    for (const [fault, kind] of [
      [{ kind: 'altered', fields: { access_token: 'a token' } }, 'not-a-token'],
      [{ kind: 'altered', fields: { access_token: 'a token', token_type: 'x' } }, 'not-a-token'],
      [{ kind: 'response', status: 400, body: { access_token: 'a token' } }, 'endpoint-refused'],
    ] as const) {
      const { identity, secrets, endpoint: opened } = await open({ faults: [fault] });
      assert.equal((await problemOf(identity.getToken())).kind, kind);
      assert.deepEqual(secrets, ['a token']);
      await opened.close();
    }
  });

  it('tells an address that is none of this machine', async () => {
    const { identity } = await open({});
    process.env[VARIABLE] = 'http://203.0.113.7';
    assert.deepEqual(await problemOf(identity.getToken()), {
      kind: 'endpoint-not-local',
      source: '@azure/identity',
      host: 'http://203.0.113.7',
    });
  });

  it('tells a refusal of the library by its name only', async () => {
    const { identity } = await open({}, { input: 'clientId', value: RELEASE.clientId });
    process.env['MSI_ENDPOINT'] = 'http://127.0.0.1:1';
    try {
      assert.deepEqual(await problemOf(identity.getToken()), {
        kind: 'library',
        name: 'CredentialUnavailableError',
        requested: { input: 'clientId', value: RELEASE.clientId },
        isAgentConnection: false,
      });
    } finally {
      Reflect.deleteProperty(process.env, 'MSI_ENDPOINT');
    }
  });

  it('tells an answer that the library refuses by its endpoint', async () => {
    const problem = await problemWith({
      faults: [{ kind: 'altered', fields: { error: 'x', error_description: 'y' } }],
    });
    assert.deepEqual(problem, {
      kind: 'not-a-token',
      endpoint: endpoint?.origin,
      status: 200,
      reason:
        'the response could not be used (CredentialUnavailableError of the library @azure/identity)',
    });
  });

  it('is refused where the environment names a foreign endpoint', async () => {
    await assert.rejects(
      signIn(
        { minimumLifetimeMs: 0, isInContainer: false },
        {
          clock: new FakeClock(),
          environment: fakeEnvironment({ MSI_ENDPOINT: 'http://203.0.113.7' }),
          allowedHosts: [],
          maskToken: () => undefined,
          log: () => undefined,
        },
      ),
      TaskError,
    );
  });
});
