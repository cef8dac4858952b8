import assert from 'node:assert/strict';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { ConnectionError } from '../../../tasks/AzureDevOpsTokenV1/src/http/connection-error';
import {
  USER_AGENT,
  type HttpRequest,
  type RequestLimits,
} from '../../../tasks/AzureDevOpsTokenV1/src/http/request';
import type { HttpResponse } from '../../../tasks/AzureDevOpsTokenV1/src/http/response';
import { systemClock, type Clock } from '../../../tasks/AzureDevOpsTokenV1/src/clock';
import type { Fault } from '../../emulators/faults';
import { startOrganization } from '../../emulators/organization/organization';
import { startProxy, type ProxyOptions } from '../../emulators/proxy';
import { task } from '../../contract/files';
import { FakeClock, fakeEnvironment } from '../fakes';
import { rejectionOf } from '../to-problem';
import { listen, listenOnIPv6 } from './listen';
import { makeClient } from './make-client';
import { skip } from '../../skip';

const QUICK: RequestLimits = {
  attemptMs: 500,
  idleMs: Infinity,
  totalMs: 2_000,
  retry: { maxRetries: 5, maxElapsedMs: 1_500, delayMs: 5, maxDelayMs: 10, atDeadline: 'stop' },
};

type Options = Partial<HttpRequest> & { readonly clock?: Clock };

async function send(url: URL, limits = QUICK, { clock = new FakeClock(), ...more }: Options = {}) {
  const lines: string[] = [];
  const client = makeClient(url, { clock, log: (line) => lines.push(line) });
  const response = await client.send({ method: 'GET', url, getToken, limits, ...more });
  return { response, lines };
}

async function askFaulty(faults: readonly Fault[] = [], more: Options = {}) {
  const lastingFault: Fault = { kind: 'response', status: 200, body: { end: true } };
  const organization = await startOrganization({ isPlain: true, faults, lastingFault });
  try {
    const url = new URL(`${organization.origin}/MyOrg/_apis/projects?x=y`);
    return { ...(await send(url, QUICK, more)), requests: organization.requests };
  } finally {
    await organization.close();
  }
}

async function why(asking: Promise<unknown>) {
  const error = await rejectionOf(asking);
  assert.ok(error instanceof ConnectionError);
  return error.why;
}

const getToken = () => Promise.resolve('a.b.c');

describe('asking Azure DevOps', () => {
  it('shows the token, wants JSON, and says who asks', async () => {
    const { requests } = await askFaulty();
    assert.equal(requests.length, 1);
    const { headers, url } = requests[0] ?? assert.fail();
    assert.equal(`${url.pathname}${url.search}`, '/MyOrg/_apis/projects?x=y');
    assert.equal(headers.authorization, 'Bearer a.b.c');
    assert.equal(headers.accept, 'application/json');
    assert.equal(headers['user-agent'], USER_AGENT);
    assert.equal(headers['x-tfs-fedauthredirect'], 'Suppress');
    const { Major, Minor, Patch } = task.version;
    assert.equal(USER_AGENT, `AzureDevOpsToken/${Major}.${Minor}.${Patch}`);
  });

  it('gives the answer: status, headers in any case, text', async () => {
    const content = { headers: { 'X-A': 'b' }, body: { name: 'Ä' } };
    const { response } = await askFaulty([{ kind: 'response', status: 404, ...content }]);
    assert.equal(response.status, 404);
    assert.equal(response.header('x-a'), 'b');
    assert.equal(response.header('X-A'), 'b');
    assert.equal(response.header('x-b'), undefined);
    assert.equal(response.text, '{"name":"Ä"}');
    assert.equal(response.url.pathname, '/MyOrg/_apis/projects');
  });

  for (const [name, fault] of Object.entries({
    'a 503': { kind: 'response', status: 503 },
    'a reset': { kind: 'reset' },
    'an answer that breaks off': { kind: 'truncated' },
  } satisfies Record<string, Fault>)) {
    it(`asks again after ${name}`, async () => {
      const { response, lines, requests } = await askFaulty([fault]);
      assert.equal(response.text, '{"end":true}');
      assert.equal(requests.length, 2);
      assert.equal(lines.length, 1);
    });
  }

  it('asks again after silence, and after an answer that never ends', async () => {
    const silences: readonly Fault[] = [
      { kind: 'silence' },
      { kind: 'silence', afterHeaders: true },
    ];
    for (const { response, lines, requests } of await Promise.all(
      silences.map((one) => askFaulty([one], { clock: systemClock })),
    )) {
      assert.equal(response.text, '{"end":true}');
      assert.deepEqual([requests.length, lines.length], [2, 1]);
    }
  });

  for (const [code, expected] of [
    ['passing', { status: 200, requests: 2, line: /returned 400 \(passing\)\. Next attempt in/ }],
    ['lasting', { status: 400, requests: 1, line: /^$/ }],
  ] as const) {
    it(`is retried only after an error that its sender knows to pass: ${code}`, async () => {
      const findPassingError = ({ text }: HttpResponse) =>
        text.includes('passing') ? 'passing' : undefined;
      const fault = { kind: 'response', status: 400, body: { error: code } } as const;
      const { response, lines, requests } = await askFaulty([fault], { findPassingError });
      assert.deepEqual([response.status, requests.length], [expected.status, expected.requests]);
      assert.match(lines.join('\n'), expected.line);
    });
  }

  it('takes a refusal that breaks off for what its status says', async () => {
    const { response, requests } = await askFaulty([{ kind: 'truncated', status: 403 }]);
    assert.equal(response.status, 403);
    assert.equal(requests.length, 1);
  });

  it('follows no redirect', async () => {
    const headers = { location: '/elsewhere' };
    const { response, requests } = await askFaulty([{ kind: 'response', status: 302, headers }]);
    assert.equal(response.status, 302);
    assert.equal(requests.length, 1);
  });

  it('reads 1 MiB of an answer and no more', async () => {
    const body = 'x'.repeat(5 * 1024 * 1024);
    const { response } = await askFaulty([{ kind: 'response', status: 200, body }]);
    assert.equal(response.text.length, 1024 * 1024);
  });

  it('asks six times at most', async () => {
    const faults = Array<Fault>(9).fill({ kind: 'response', status: 500 });
    const { response, lines, requests } = await askFaulty(faults);
    assert.equal(response.status, 500);
    assert.equal(requests.length, 6);
    assert.equal(lines.length, 5);
  });

  it('sends the token nowhere that it may not go', async () => {
    const organization = await startOrganization({ isPlain: true });
    const url = new URL(organization.origin);
    const client = makeClient(url, { allowedHosts: [] });
    const asking = client.send({ method: 'GET', url, getToken, limits: QUICK });
    await assert.rejects(asking, /may not be sent/);
    assert.equal(organization.connections(), 0);
    await organization.close();
  });
});

describe('a proxy', () => {
  async function askThrough(proxyOptions: ProxyOptions, changed: Partial<RequestLimits> = {}) {
    const organization = await startOrganization();
    const { host } = new URL(organization.origin);
    const proxy = await startProxy({ routes: { [host]: organization.port }, ...proxyOptions });
    const environment = fakeEnvironment({ HTTPS_PROXY: proxy.origin });
    const lines: string[] = [];
    const limits = { ...QUICK, ...changed };
    const url = new URL(organization.origin);
    const client = makeClient(url, { environment, log: (line) => lines.push(line) });
    const reason = await why(client.send({ method: 'GET', url, getToken, limits }));
    await Promise.all([organization.close(), proxy.close()]);
    assert.ok(proxy.requests.every((request) => request === `CONNECT ${host}`));
    return {
      reason,
      lines,
      host,
      proxy: new URL(proxy.origin).host,
      requested: proxy.requests.length,
    };
  }

  it('that refuses is named, and not asked again', async () => {
    const refusal = '407 Proxy Authentication Required';
    const { reason, proxy, requested } = await askThrough({ routes: {}, refusal });
    assert.equal(reason.kind, 'proxy');
    assert.equal(reason.host, proxy);
    assert.equal(reason.reason, 'it returned 407, because it requires a user name and a password');
    assert.equal(requested, 1);
  });

  it('that does not get through is asked again', async () => {
    const { reason, lines, requested } = await askThrough({ routes: {}, refusal: '503 No' });
    assert.equal(reason.reason, 'it returned 503');
    assert.equal(requested, 6);
    assert.match(lines[0] ?? '', /: the proxy returned 503\. Next attempt in 1 s\.$/);
  });

  it('that says nothing is named', async () => {
    const limits = { attemptMs: 100, retry: { ...QUICK.retry, maxRetries: 0 } };
    const { reason, proxy } = await askThrough({ routes: {}, refusal: '' }, limits);
    assert.equal(reason.kind, 'proxy');
    assert.equal(reason.host, proxy);
    assert.equal(reason.reason, 'no response came in time (RESPONSE_TIMEOUT)');
  });

  it('that gets through is not blamed for the server', async () => {
    const { reason, host } = await askThrough({});
    assert.equal(reason.kind, 'certificate');
    assert.equal(reason.host, host);
  });
});

describe('an address of IPv6', () => {
  it('is reached', async function () {
    const server = createHttpServer((_, response) => response.end('{}'));
    if (!(await listenOnIPv6(server))) {
      skip(this, 'this machine has no IPv6');
    }
    const { port } = server.address() as AddressInfo;
    const { response } = await send(new URL(`http://[::1]:${port}/`));
    server.close();
    server.closeAllConnections();
    assert.equal(response.text, '{}');
  });
});

describe('no answer', () => {
  it('says who does not listen', async () => {
    const server = createServer();
    const port = await listen(server);
    await new Promise((resolve) => server.close(resolve));
    const reason = await why(send(new URL(`http://127.0.0.1:${port}/`)));
    assert.equal(reason.kind, 'connection');
    assert.equal(reason.host, `127.0.0.1:${port}`);
    assert.equal(reason.reason, 'connection refused (ECONNREFUSED)');
    assert.equal(reason.attempts, 6);
    assert.ok(reason.elapsedMs > 0);
  });

  it('says that time is over', async () => {
    const organization = await startOrganization({
      isPlain: true,
      lastingFault: { kind: 'silence' },
    });
    // Each attempt takes 100 ms by this clock, however busy the machine is.
    const elapsed = () => organization.requests.length * 100;
    const retry = { ...QUICK.retry, maxElapsedMs: 150 };
    const limits = { ...QUICK, attemptMs: 100, retry };
    const clock = { ...systemClock, elapsed };
    const reason = await why(send(new URL(organization.origin), limits, { clock }));
    await organization.close();
    assert.equal(reason.reason, 'no response came in time (RESPONSE_TIMEOUT)');
    assert.equal(reason.attempts, 2);
  });

  it('says that a certificate is not trusted, and does not try again', async () => {
    const organization = await startOrganization();
    const reason = await why(send(new URL(organization.origin)));
    await organization.close();
    assert.equal(reason.kind, 'certificate');
    assert.equal(reason.host, new URL(organization.origin).host);
    assert.equal(reason.reason, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE');
    assert.equal(reason.attempts, 1);
    assert.equal(organization.requests.length, 0);
  });

  it('says that the other side does not speak TLS', async () => {
    const organization = await startOrganization({ isPlain: true });
    const url = new URL(organization.origin.replace('http:', 'https:'));
    const reason = await why(send(url));
    await organization.close();
    assert.equal(reason.kind, 'connection');
    assert.match(reason.reason, /^no common TLS version or cipher \((?:EPROTO|ERR_SSL_\w+)\)$/);
  });
});

describe('calls that belong together', () => {
  async function askTwice(retryAfter: string) {
    const headers = { 'retry-after': retryAfter };
    const organization = await startOrganization({
      isPlain: true,
      lastingFault: { kind: 'response', status: 200, headers, body: {} },
    });
    const clock = new FakeClock();
    const lines: string[] = [];
    const url = new URL(organization.origin);
    const client = makeClient(url, { clock, log: (line) => lines.push(line) });
    const call: HttpRequest = { method: 'GET', url, getToken, limits: QUICK };
    try {
      await client.send(call);
      const second = await client.send(call).catch((error: unknown) => error);
      return { second, clock, lines, requests: organization.requests, host: url.host };
    } finally {
      await organization.close();
    }
  }

  it('have one session', async () => {
    const { requests } = await askTwice('0');
    const ids = requests.map(({ headers }) => headers['x-tfs-session']);
    assert.equal(ids.length, 2);
    assert.ok(ids[0] !== undefined && ids[0] === ids[1]);
  });

  it('wait for each other as long as the server asks, on a good answer, too', async () => {
    const { clock, lines, host } = await askTwice('300');
    assert.deepEqual(clock.sleeps, [300_000]);
    assert.deepEqual(lines, [`${host} requested a pause (Retry-After). Next request in 300 s.`]);
  });

  it('name the host that requested a pause, not the host of the next request', async () => {
    const organization = await startOrganization({
      isPlain: true,
      faults: [{ kind: 'response', status: 200, headers: { 'retry-after': '300' }, body: {} }],
    });
    const { host, port } = new URL(organization.origin);
    const lines: string[] = [];
    const client = makeClient(new URL(organization.origin), {
      clock: new FakeClock(),
      log: (line) => lines.push(line),
    });
    try {
      for (const origin of [organization.origin, `http://localhost:${port}`]) {
        await client.send({ method: 'GET', url: new URL(origin), limits: QUICK });
      }
      assert.deepEqual(lines, [`${host} requested a pause (Retry-After). Next request in 300 s.`]);
    } finally {
      await organization.close();
    }
  });

  it('do not wait where nobody asks', async () => {
    assert.deepEqual((await askTwice('0')).clock.sleeps, []);
  });

  it('do not wait longer than five minutes', async () => {
    const { second, clock, requests, host } = await askTwice('301');
    assert.ok(second instanceof ConnectionError);
    assert.equal(second.why.kind, 'wait');
    assert.equal(second.why.host, host);
    assert.match(second.why.reason, /^it requested a pause of 301 s before the next request/);
    assert.deepEqual(clock.sleeps, []);
    assert.equal(requests.length, 1);
  });

  describe('after a success', () => {
    const OK: Fault = { kind: 'response', status: 200, body: {} };
    const THROTTLED: Fault = { kind: 'response', status: 401, headers: { 'retry-after': '7' } };

    type Change = Partial<Pick<HttpRequest, 'method'> & { readonly getToken: undefined }>;

    /** Sends two requests, of which the first gets one response and the second the others. */
    async function sendTwice(faults: readonly Fault[], second: Change = {}, first: Change = {}) {
      const organization = await startOrganization({ isPlain: true, faults, lastingFault: OK });
      const clock = new FakeClock();
      const url = new URL(organization.origin);
      const client = makeClient(url, { clock });
      const limits = {
        ...QUICK,
        totalMs: Infinity,
        retry: { ...QUICK.retry, maxElapsedMs: 60_000 },
      };
      const request: HttpRequest = { method: 'GET', url, getToken, limits };
      try {
        await client.send({ ...request, ...first } as HttpRequest);
        const { status, isAfterSuccess } = await client.send({
          ...request,
          ...second,
        } as HttpRequest);
        return { status, isAfterSuccess, sleeps: clock.sleeps, requests: organization.requests };
      } finally {
        await organization.close();
      }
    }

    for (const method of ['GET', 'POST', 'PATCH'] as const) {
      it(`a ${method} is retried after a 401 with Retry-After`, async () => {
        const { requests, ...found } = await sendTwice([OK, THROTTLED], { method });
        assert.deepEqual(found, { status: 200, isAfterSuccess: true, sleeps: [7_000] });
        assert.deepEqual(
          requests.slice(1).map((one) => one.method),
          [method, method],
        );
      });
    }

    const withoutToken = { getToken: undefined };
    const unretried: Readonly<Record<string, Parameters<typeof sendTwice>>> = {
      'no Retry-After': [[OK, { kind: 'response', status: 401 }]],
      'a failure before': [[{ kind: 'response', status: 404 }, THROTTLED]],
      'a sign-in page before': [[{ kind: 'response', status: 203 }, THROTTLED]],
      'a first request without a token': [[OK, THROTTLED], {}, withoutToken],
      'no token': [[OK, THROTTLED], withoutToken],
    };
    for (const [name, sent] of Object.entries(unretried)) {
      it(`a 401 is not retried with ${name}`, async () => {
        const { status, requests } = await sendTwice(...sent);
        assert.deepEqual([status, requests.length], [401, 2]);
      });
    }
  });
});
