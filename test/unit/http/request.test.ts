import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { SHORT_REQUEST } from '../../../tasks/AzureDevOpsTokenV1/src/limits';
import {
  acceptsJson,
  authorize,
  makeBareRequest,
  makeRequest,
  USER_AGENT,
  type HttpRequest,
} from '../../../tasks/AzureDevOpsTokenV1/src/http/request';
import { RECEIVE_BUFFER_BYTES } from '../../../tasks/AzureDevOpsTokenV1/src/limits';

const URL_ = new URL('https://dev.azure.com/MyOrg/_apis/x?y');
const CALL: HttpRequest = {
  method: 'PUT',
  url: URL_,
  getToken: () => Promise.resolve('a.b.c'),
  limits: SHORT_REQUEST,
};
const OWN = {
  accept: 'application/json',
  'accept-encoding': 'identity',
  'user-agent': USER_AGENT,
  'x-tfs-fedauthredirect': 'Suppress',
  'x-tfs-session': 'session',
};

describe('the request of a call', () => {
  it('shows the token of the moment, and what Azure DevOps wants to know', async () => {
    const request = makeRequest(CALL, URL_, { sessionId: 'session' });
    assert.deepEqual(request.headers.toJSON(), OWN);
    await authorize(request, CALL);
    assert.equal(request.headers.get('authorization'), 'Bearer a.b.c');
    await authorize(request, { ...CALL, getToken: () => Promise.resolve('d.e.f') });
    assert.equal(request.headers.get('authorization'), 'Bearer d.e.f');
    assert.deepEqual([request.method, request.url], ['PUT', URL_.href]);
    assert.equal(request.allowInsecureConnection, false);
    assert.equal(request.body, undefined);
  });

  it('has the headers of the author, but not in place of its own', async () => {
    const headers = new Map([
      ['accept', 'text/plain'],
      ['x-own', 'own'],
      ['authorization', 'evil'],
    ]);
    const request = makeRequest({ ...CALL, headers }, URL_, { sessionId: 'session' });
    await authorize(request, CALL);
    const authorization = 'Bearer a.b.c';
    const expected = { ...OWN, accept: 'text/plain', 'x-own': 'own', authorization };
    assert.deepEqual(request.headers.toJSON(), expected);
  });

  it('has a text for its body, or the length of a stream', () => {
    assert.equal(makeRequest({ ...CALL, body: 'x' }, URL_, { sessionId: 'session' }).body, 'x');
    const body = { size: 5, open: () => Readable.from([]) };
    const request = makeRequest({ ...CALL, body }, URL_, { sessionId: 'session' });
    assert.equal(request.headers.get('content-length'), '5');
  });
});

describe('the request to somebody else', () => {
  it('says nothing of the call but its method', () => {
    const request = makeBareRequest('HEAD', new URL('http://[::1]:80/x'));
    assert.deepEqual(request.headers.toJSON(), {
      accept: '*/*',
      'accept-encoding': 'identity',
      'user-agent': USER_AGENT,
    });
    assert.equal(request.method, 'HEAD');
    assert.equal(request.allowInsecureConnection, true);
    const { checkServerIdentity, ...overrides } = request.requestOverrides ?? {};
    assert.equal(typeof checkServerIdentity, 'function');
    assert.deepEqual(overrides, { hostname: '::1', highWaterMark: RECEIVE_BUFFER_BYTES });
  });
});

describe('JSON', () => {
  for (const [accept, expected] of [
    [undefined, true],
    ['application/json', true],
    ['Application/JSON;api-version=7.1', true],
    ['application/json, text/html', true],
    ['text/html, application/json', false],
    ['*/*', false],
  ] as const) {
    it(`is ${expected ? '' : 'not '}asked for by ${String(accept)}`, () => {
      const headers = new Map(accept === undefined ? [] : [['accept', accept] as const]);
      assert.equal(acceptsJson({ headers }), expected);
    });
  }
});
