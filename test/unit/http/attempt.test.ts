import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  createHttpHeaders,
  type PipelineRequest,
  type PipelineResponse,
} from '@azure/core-rest-pipeline';
import { attempt, findNextHop } from '../../../tasks/AzureDevOpsTokenV1/src/http/attempt';
import type { HttpRequest } from '../../../tasks/AzureDevOpsTokenV1/src/http/request';
import { SHORT_REQUEST } from '../../../tasks/AzureDevOpsTokenV1/src/limits';
import { fakeEnvironment } from '../fakes';
import { response } from './fake-response';

const CALL: HttpRequest = {
  method: 'GET',
  url: new URL('https://dev.azure.com/MyOrg'),
  getToken: () => Promise.resolve('a.b.c'),
  limits: SHORT_REQUEST,
  followsRedirect: () => true,
};
const next = (status: number, location: string, call: Partial<HttpRequest> = {}) =>
  findNextHop({ ...CALL, ...call }, response(status, { location }))?.href;

describe('the next hop', () => {
  it('is where the answer says, also relative to where it is from', () => {
    assert.equal(next(302, 'https://example.com/x?y'), 'https://example.com/x?y');
    assert.equal(next(302, '/Other/x'), 'https://dev.azure.com/Other/x');
  });

  for (const status of [301, 302, 303, 307, 308]) {
    it(`is that of a ${status}`, () => {
      assert.equal(next(status, 'https://example.com/'), 'https://example.com/');
    });
  }

  for (const status of [200, 201, 300, 304, 305, 400]) {
    it(`is not that of a ${status}`, () => {
      assert.equal(next(status, 'https://example.com/'), undefined);
    });
  }

  for (const [name, location] of Object.entries({
    'without TLS': 'http://dev.azure.com/x',
    'of another kind': 'file:///etc/passwd',
    'to sign in': 'https://login.microsoftonline.com/common',
    'that is none': 'https://[',
    'to an address with a zone': 'https://[fe80::1%25eth0]/',
  })) {
    it(`is none ${name}`, () => {
      assert.equal(next(302, location), undefined);
    });
  }

  // What is checked is what is requested: both read the address in the same way.
  for (const [location, host] of [
    ['https:\\\\example.com\\x', 'example.com'],
    ['\\\\example.com/x', 'example.com'],
    ['//example.com/x', 'example.com'],
    ['https://dev.azure.com\\@example.com/', 'dev.azure.com'],
    ['https://dev.azure.com\t.example.com/', 'dev.azure.com.example.com'],
    ['https://example.com#@dev.azure.com/', 'example.com'],
    ['https://2130706433/', '127.0.0.1'],
    ['https://[::ffff:127.0.0.1]/', '[::ffff:7f00:1]'],
  ] as const) {
    it(`of ${JSON.stringify(location)} is at ${host}`, () => {
      assert.equal(new URL(next(302, location) ?? '').hostname, host);
    });
  }

  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'] as const) {
    it(`is none of a ${method}`, () => {
      assert.equal(next(302, 'https://example.com/', { method }), undefined);
    });
  }

  it('is that of a HEAD', () => {
    assert.ok(next(302, 'https://example.com/', { method: 'HEAD' }));
  });

  it('is only where the call follows', () => {
    const followsRedirect = (status: number) => status !== 302;
    assert.equal(next(302, 'https://example.com/', { followsRedirect }), undefined);
    assert.ok(next(301, 'https://example.com/', { followsRedirect }));
    const { method, url, limits } = CALL;
    const location = { location: 'https://example.com/' };
    assert.equal(findNextHop({ method, url, limits }, response(302, location)), undefined);
  });
});

describe('the time limit of an attempt', () => {
  it('includes its redirects', async () => {
    let hops = 0;
    const { href } = CALL.url;
    const sent = attempt(CALL, {
      allowedHosts: [],
      sessionId: 'session',
      attemptMs: 100,
      environment: fakeEnvironment(),
      // No request alone exceeds the limit, but all of them do.
      send: async (request: PipelineRequest): Promise<PipelineResponse> => {
        hops += 1;
        await sleep(50);
        const headers = createHttpHeaders({ location: href });
        return { request, status: 302, headers, readableStreamBody: Readable.from([]) };
      },
    });
    await assert.rejects(sent, { code: 'RESPONSE_TIMEOUT' });
    assert.ok(hops < 6, `${hops} requests`);
  });
});

describe('an attempt', () => {
  const FOREIGN = 'https://example.com/';
  const BARE = { ca: ['CA'], cert: undefined, key: undefined, passphrase: undefined };
  const WITH_CERTIFICATE = { ca: ['CA'], cert: 'CERT', key: 'KEY', passphrase: 'PASS' };

  /** Sends a request that is redirected as often as there are targets. Returns the TLS options of each request, by URL. */
  async function send(url: string, ...targets: readonly string[]) {
    const sent: (readonly [url: string, tls: unknown])[] = [];
    const left = [...targets];
    await attempt(
      { ...CALL, url: new URL(url) },
      {
        allowedHosts: [],
        sessionId: 'session',
        attemptMs: Infinity,
        environment: fakeEnvironment(),
        network: { tls: WITH_CERTIFICATE },
        send: (request: PipelineRequest): Promise<PipelineResponse> => {
          const { ca, cert, key, passphrase } = request.requestOverrides ?? {};
          sent.push([request.url, { ca, cert, key, passphrase }]);
          const location = left.shift();
          return Promise.resolve({
            request,
            status: location === undefined ? 200 : 302,
            headers: createHttpHeaders(location === undefined ? {} : { location }),
            readableStreamBody: Readable.from([]),
          });
        },
      },
    );
    return sent;
  }

  it('shows the client certificate of the agent to Azure DevOps', async () => {
    const { href } = CALL.url;
    assert.deepEqual(await send(href, `${href}/x`), [
      [href, WITH_CERTIFICATE],
      [`${href}/x`, WITH_CERTIFICATE],
    ]);
  });

  it('shows no client certificate to another host after a redirect, and none after that', async () => {
    const { href } = CALL.url;
    assert.deepEqual(await send(href, FOREIGN, href), [
      [href, WITH_CERTIFICATE],
      [FOREIGN, BARE],
      [href, BARE],
    ]);
  });

  it('shows no client certificate to another host that is the first', async () => {
    assert.deepEqual(await send(FOREIGN, CALL.url.href), [
      [FOREIGN, BARE],
      [CALL.url.href, BARE],
    ]);
  });
});
