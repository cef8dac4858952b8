import assert from 'node:assert/strict';
import type { RestCall } from '../../../tasks/AzureDevOpsTokenV1/src/inputs/task-inputs';
import { toNextCall } from '../../../tasks/AzureDevOpsTokenV1/src/rest/next-call';
import { response } from '../http/fake-response';
import { CALL } from './plain-call';

const ALLOWED = ['127.0.0.1:8080'];
const GET: RestCall = {
  ...CALL,
  url: new URL('https://dev.azure.com/MyOrg/_apis/x?$top=1'),
  organization: undefined,
};
const BODY = '{ "a" : 1e2, "continuationToken" : null , "b":"continuationToken"}';
const POST: RestCall = { ...GET, method: 'POST', body: BODY };
const page = (tokenWithheldFrom?: string) => ({
  response: { ...response(200), tokenWithheldFrom },
  allowedHosts: ALLOWED,
});
const link = (text: string) => ({ kind: 'link', text }) as const;
const token = { kind: 'token', text: 't "1' } as const;

describe('the request of the next page', () => {
  for (const [name, [first, found, expected]] of Object.entries({
    'has another URL': [
      GET,
      { kind: 'page', url: new URL('https://a.example') },
      'https://a.example/',
    ],
    'has the token in its URL': [GET, token, `${GET.url.href}&continuationToken=t+%221`],
    'has the token in the body of a POST': [POST, token, GET.url.href],
    'follows a link': [GET, link('/MyOrg/y?a=b'), 'https://dev.azure.com/MyOrg/y?a=b'],
    'follows a link to a host that may get the token': [
      GET,
      link('http://127.0.0.1:8080/x'),
      'http://127.0.0.1:8080/x',
    ],
  } as const)) {
    it(name, () => {
      const next = toNextCall(first, found, page());
      assert.ok('url' in next);
      const { url, body, isExpected, ...rest } = next;
      assert.equal(url.href.replace('%24top', '$top'), expected);
      assert.equal(body, first === POST ? BODY.replace('null', '"t \\"1"') : undefined);
      assert.deepEqual([200, 204, 302, 404].map(isExpected), [true, true, false, false]);
      assert.deepEqual([rest.method, rest.tokenWithheldFrom], [first.method, undefined]);
    });
  }

  for (const [text, withheldBefore, withheld] of [
    ['https://store.example.com/x', undefined, 'store.example.com'],
    ['https://other.example.com/x', 'store.example.com', 'store.example.com'],
    ['https://dev.azure.com/MyOrg/x', 'store.example.com', 'store.example.com'],
  ] as const) {
    it(`has no token for ${text} after ${withheldBefore ?? 'Azure DevOps'}`, () => {
      const next = toNextCall(GET, link(text), page(withheldBefore));
      assert.ok('url' in next);
      assert.deepEqual([next.url.href, next.tokenWithheldFrom], [text, withheld]);
    });
  }

  for (const found of [token, { kind: 'page', url: GET.url }] as const) {
    it(`has no token at Azure DevOps if another host chooses it by ${found.kind}`, () => {
      const next = toNextCall(GET, found, page('store.example.com'));
      assert.ok('url' in next);
      assert.equal(next.url.host, 'dev.azure.com');
      assert.equal(next.tokenWithheldFrom, 'store.example.com');
    });
  }

  for (const [first, text, target] of [
    [GET, 'http://store.example.com/x?y', 'http://store.example.com'],
    [GET, 'http://[', ''],
    [POST, 'https://dev.azure.com/MyOrg/x', 'https://dev.azure.com'],
  ] as const) {
    it(`is none for ${first.method} and ${text}`, () => {
      assert.deepEqual(toNextCall(first, link(text), page()), { kind: 'next-link', target });
    });
  }
});
