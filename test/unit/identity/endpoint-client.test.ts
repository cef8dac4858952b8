import assert from 'node:assert/strict';
import { createPipelineRequest } from '@azure/core-rest-pipeline';
import { EndpointClient } from '../../../tasks/AzureDevOpsTokenV1/src/identity/endpoint-client';
import {
  AZURE_DEVOPS,
  busy,
  startIdentityEndpoint,
  type IdentityEndpoint,
  type IdentityEndpointOptions,
} from '../../emulators/identity-endpoint';
import { openBareMachine } from '../../emulators/places';
import { FakeClock } from '../fakes';

describe('the client for an endpoint of this machine', () => {
  let endpoint: IdentityEndpoint | undefined;

  afterEach(async () => {
    await endpoint?.close();
    endpoint = undefined;
  });

  function open() {
    const clock = new FakeClock();
    const lines: string[] = [];
    const secrets: string[] = [];
    const client = new EndpointClient({
      clock,
      random: () => 1,
      maskToken: (token) => secrets.push(token),
      log: (line) => lines.push(line),
    });
    const send = (origin: string, headers: Readonly<Record<string, string>> = {}) => {
      const url = `${origin}/metadata/identity/oauth2/token?api-version=2018-02-01&resource=${AZURE_DEVOPS}`;
      const request = createPipelineRequest({ url, allowInsecureConnection: true });
      request.headers.set('Metadata', 'true');
      Object.entries(headers).forEach(([name, value]) => {
        request.headers.set(name, value);
      });
      return client.sendRequest(request);
    };
    return { client, clock, lines, secrets, send };
  }

  async function start(options: IdentityEndpointOptions): Promise<IdentityEndpoint> {
    endpoint = await startIdentityEndpoint(options);
    return endpoint;
  }

  it('has for several requests the time of one', async () => {
    const { origin } = await start({ lastingFault: () => busy(503) });
    const { client, clock, send } = open();
    client.begin();
    await assert.rejects(send(origin));
    const first = clock.age();
    await assert.rejects(send(origin));
    assert.ok(first >= 75_000 && clock.age() <= 120_000, `${first}, ${clock.age()}`);
    client.begin();
    await assert.rejects(send(origin));
    assert.ok(clock.age() >= first + 75_000, String(clock.age()));
  });

  it('brings the answer with the token, which is protected first', async () => {
    const { origin, tokens, requests } = await start({});
    const { client, secrets, send, lines } = open();
    const response = await send(origin, { 'Accept-Encoding': 'gzip', 'x-other': 'kept' });
    const body = JSON.parse(response.bodyAsText ?? '') as { access_token: string };
    assert.equal(response.status, 200);
    assert.equal(response.request.url.startsWith(origin), true);
    assert.equal(response.headers.get('content-type'), 'application/json; charset=utf-8');
    assert.equal(body.access_token, tokens[0]);
    assert.deepEqual(secrets, tokens);
    assert.deepEqual([client.failure, client.endpoint, lines], [undefined, origin, []]);
    assert.equal(requests[0]?.headers['accept-encoding'], undefined);
    assert.equal(requests[0]?.headers['x-other'], 'kept');
  });

  it('asks again where the endpoint is busy, and tells', async () => {
    const { origin, requests } = await start({ faults: [busy(429), busy(500), busy(404)] });
    const { client, clock, send, lines } = open();
    assert.equal((await send(origin)).status, 200);
    assert.equal(requests.length, 4);
    assert.deepEqual(clock.sleeps, [2_000, 4_000, 8_000]);
    assert.equal(client.failure, undefined);
    assert.deepEqual(lines, [
      `The identity endpoint ${origin}: it returned 429. Next attempt in 2 s.`,
      `The identity endpoint ${origin}: it returned 500. Next attempt in 4 s.`,
      `The identity endpoint ${origin}: it returned 404. Next attempt in 8 s.`,
    ]);
  });

  it('waits as long as the endpoint asks', async () => {
    const { origin } = await start({ faults: [busy(503, { 'retry-after': '30' })] });
    const { clock, send } = open();
    await send(origin);
    // And up to a tenth longer.
    assert.deepEqual(clock.sleeps, [33_000]);
  });

  it('outlasts an update of 70 seconds', async () => {
    const { clock, send } = open();
    const { origin } = await start({
      lastingFault: () => (clock.age() < 70_000 ? busy(410) : undefined),
    });
    assert.equal((await send(origin)).status, 200);
    assert.ok(clock.age() >= 70_000 && clock.age() <= 80_000);
  });

  it('gives up on an endpoint that stays busy after 90 seconds', async () => {
    const { origin, requests } = await start({ lastingFault: () => busy(500) });
    const { client, clock, send } = open();
    await assert.rejects(send(origin));
    const { failure } = client;
    assert.ok(failure?.kind === 'gave-up');
    assert.deepEqual(failure.last, {
      kind: 'retry',
      isThere: true,
      reason: 'it returned 500',
      retryAfterMs: undefined,
      errorResponse: { status: 500, serverMessage: undefined },
    });
    assert.equal(failure.attempts, requests.length);
    assert.equal(failure.isThere, true);
    assert.equal(Math.round(failure.elapsedMs), 90_000);
    assert.equal(Math.round(clock.age()), 90_000);
    assert.equal(failure.endpoint, origin);
  });

  it('gives up within seconds where nobody is there', async () => {
    const { origin } = await openBareMachine();
    const { client, clock, send } = open();
    await assert.rejects(send(origin));
    assert.deepEqual(clock.sleeps, [2_000, 4_000, 3_000]);
    assert.deepEqual(client.failure, {
      kind: 'gave-up',
      endpoint: origin,
      attempts: 4,
      elapsedMs: 9_000,
      isThere: false,
      last: { kind: 'retry', isThere: false, reason: 'connection refused (ECONNREFUSED)' },
    });
  });

  it('has more patience once it met somebody, even where that one falls silent', async () => {
    const { origin, requests } = await start({
      faults: [busy(503)],
      lastingFault: () => ({ kind: 'reset' }),
    });
    const { client, clock, send } = open();
    await assert.rejects(send(origin));
    assert.ok(client.failure?.kind === 'gave-up' && client.failure.isThere);
    assert.equal(clock.age(), 90_000);
    assert.ok(requests.length > 10);
  });

  it('hands a errorResponse on to the library, with the challenge that it may hold', async () => {
    const headers = {
      'www-authenticate': 'Basic realm=/var/opt/key',
      'content-type': 'text/plain',
    };
    const { origin } = await start({
      lastingFault: () => ({ kind: 'response', status: 401, headers, body: 'no' }),
    });
    const { client, send } = open();
    const response = await send(origin);
    assert.deepEqual([response.status, response.bodyAsText], [401, 'no']);
    assert.deepEqual(response.headers.toJSON(), headers);
    assert.deepEqual(client.failure, {
      kind: 'refused',
      status: 401,
      serverMessage: undefined,
      endpoint: origin,
    });
  });

  for (const status of [302, 399]) {
    it(`keeps a ${status} from the library`, async () => {
      const { origin, requests } = await start({
        lastingFault: () => ({ kind: 'response', status, headers: { location: `${origin}/x` } }),
      });
      const { client, send } = open();
      await assert.rejects(send(origin), /^Error: refused$/);
      assert.deepEqual(client.failure, {
        kind: 'refused',
        status,
        serverMessage: undefined,
        endpoint: origin,
      });
      assert.equal(requests.length, 1);
    });
  }

  it('hands 400 on', async () => {
    const { origin } = await start({ identities: [] });
    const { client, send } = open();
    const response = await send(origin);
    assert.equal(response.status, 400);
    assert.equal(response.headers.has('www-authenticate'), false);
    assert.ok(client.failure?.kind === 'refused');
    assert.equal(client.failure.serverMessage, 'Identity not found');
  });

  it('keeps what is no token from the library', async () => {
    const { origin } = await start({ faults: [{ kind: 'response', status: 200, body: '<html>' }] });
    const { client, secrets, send } = open();
    await assert.rejects(send(origin), /^Error: not-a-token$/);
    assert.deepEqual(client.failure, {
      kind: 'not-a-token',
      status: 200,
      reason: 'the response is not a JSON object',
      endpoint: origin,
    });
    assert.deepEqual(secrets, []);
  });

  it('forgets a failure once there is a token', async () => {
    const { origin } = await start({ faults: [{ kind: 'response', status: 403 }] });
    const { client, send } = open();
    await send(origin);
    assert.equal(client.failure?.kind, 'refused');
    await send(origin);
    assert.equal(client.failure, undefined);
  });

  it('goes nowhere else', async () => {
    const { client, send } = open();
    await assert.rejects(send('http://203.0.113.7'), /^Error: foreign$/);
    assert.deepEqual(client.failure, { kind: 'foreign', endpoint: 'http://203.0.113.7' });
  });

  it('sends a body', async () => {
    const { origin, requests } = await start({});
    const { client } = open();
    const request = createPipelineRequest({
      url: `${origin}/token`,
      method: 'POST',
      body: 'resource=x',
    });
    await assert.rejects(client.sendRequest(request));
    assert.equal(requests[0]?.method, 'POST');
    assert.equal(requests[0].headers['content-length'], '10');
  });
});
