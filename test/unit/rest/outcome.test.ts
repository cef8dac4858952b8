import assert from 'node:assert/strict';
import type { RestCall } from '../../../tasks/AzureDevOpsTokenV1/src/inputs/task-inputs';
import {
  classify,
  keepSecret,
  toOutcome,
  withUrl,
} from '../../../tasks/AzureDevOpsTokenV1/src/rest/outcome';
import { response } from '../http/fake-response';

const JSON_TYPE = { 'content-type': 'application/json', activityid: 'x' };
const HTML = { 'content-type': 'text/html' };
const isExpected = (status: number) => status < 300 || status === 302;
const kindOf = (given: ReturnType<typeof response>, method: RestCall['method'] = 'GET') =>
  classify({ method, isExpected } as RestCall, given)?.kind;
const elsewhere = (given: ReturnType<typeof response>) => ({
  ...given,
  url: new URL('https://store.example.com/x'),
});

describe('the judgement of an answer', () => {
  for (const [name, [given, kind]] of Object.entries({
    'an expected status': [response(200, JSON_TYPE, '{}'), undefined],
    'an expected redirect, with its page': [response(302, { ...HTML, location: '/x' }), undefined],
    'another status': [response(409, JSON_TYPE, '{"message":"x"}'), 'unexpected'],
    'a page where JSON was requested': [response(200, { ...HTML, activityid: 'x' }), 'web-page'],
    'a sign-in page where JSON was requested': [
      response(200, { ...HTML, activityid: 'x' }, '<title>A | Sign In</title>'),
      'unknown-identity',
    ],
    'a page of another host': [elsewhere(response(200, HTML, '<p>')), 'web-page'],
    'a page of somebody else': [response(200, HTML, '<p>'), 'proxy-page'],
    'a 203': [response(203, JSON_TYPE), 'unknown-identity'],
    'a redirect to sign in': [
      response(302, { location: 'https://login.windows.net' }),
      'unknown-identity',
    ],
    'a 401': [response(401, JSON_TYPE), 'unknown-identity'],
    'a 403': [response(403, JSON_TYPE), 'forbidden'],
    'a 404': [response(404, JSON_TYPE), 'not-found'],
    'a missing project': [response(404, JSON_TYPE, '{"message":"VS800075: x"}'), 'forbidden'],
    'a 429': [response(429, JSON_TYPE), 'throttled'],
    'a 500': [response(500, JSON_TYPE), 'server-error'],
    'a version that is none': [
      response(400, JSON_TYPE, '{"message":"bad api-version"}'),
      'version',
    ],
    'a server that signs in users of Windows': [
      elsewhere(response(401, { 'www-authenticate': 'NTLM' })),
      'not-services',
    ],
    'another host that does not have it': [elsewhere(response(404, {}, '<Error/>')), 'unexpected'],
    'another host with a page': [elsewhere(response(403, HTML)), 'proxy-page'],
  } as const)) {
    it(`of ${name} is ${kind ?? 'that it is good'}`, () => {
      assert.equal(kindOf(given), kind);
    });
  }

  it('takes a page for good where none but JSON was asked for', () => {
    const page = { ...response(200, { ...HTML, activityid: 'x' }, '<p>'), isJsonWanted: false };
    assert.equal(kindOf(page), undefined);
    const text = '<title>Azure DevOps Services | Sign In</title>';
    assert.equal(kindOf({ ...page, text }), 'unknown-identity');
  });

  it('of a request whose token was withheld says nothing of the identity', () => {
    for (const [given, kind] of [
      [response(401, JSON_TYPE), 'token-withheld'],
      [response(403, JSON_TYPE), 'token-withheld'],
      [response(404, JSON_TYPE), 'token-withheld'],
      [response(203, JSON_TYPE), 'token-withheld'],
      [response(400, JSON_TYPE, '{"message":"bad api-version"}'), 'token-withheld'],
      [elsewhere(response(401, { 'www-authenticate': 'NTLM' })), 'token-withheld'],
      [elsewhere(response(403, {}, '<Error/>')), 'token-withheld'],
      [elsewhere(response(404, {}, '<Error/>')), 'unexpected'],
      [elsewhere(response(403, HTML)), 'proxy-page'],
      [response(500, JSON_TYPE), 'server-error'],
      [response(200, JSON_TYPE, '{}'), undefined],
    ] as const) {
      const withheld = { ...given, tokenWithheldFrom: 'x.example.com' };
      assert.equal(kindOf(withheld), kind, String(given.status));
    }
  });

  it('takes a 404 for good where a DELETE was repeated', () => {
    const gone = { ...response(404, JSON_TYPE), isRetried: true };
    assert.equal(kindOf(gone, 'DELETE'), undefined);
    assert.equal(kindOf(gone, 'GET'), 'not-found');
    assert.equal(kindOf({ ...gone, isRetried: false }, 'DELETE'), 'not-found');
    assert.equal(kindOf({ ...gone, status: 403 }, 'DELETE'), 'forbidden');
  });

  it('keeps the version that the server offers, and what it says', () => {
    const given = response(400, { activityid: 'y' }, '{"message":"bad api-version, use 7.2"}');
    const found = classify({ method: 'GET', isExpected } as RestCall, given);
    assert.ok(found?.kind === 'version');
    assert.equal(found.offered, '7.2');
    assert.equal(found.summary.activityId, 'y');
  });
});

describe('the outcome of a REST call', () => {
  const open = new URL('https://dev.azure.com/MyOrg/_apis/x');
  const tokens = new URL('https://vssps.dev.azure.com/MyOrg/_apis/tokens/pats');

  for (const [name, url, responseUrl, isResultSecret, expected] of [
    ['is open for another API', open, open, false, [false, undefined]],
    ['is a secret of its author', open, open, true, [true, undefined]],
    ['is withheld for an API of tokens', tokens, open, false, [true, true]],
    ['is withheld after a redirect to an API of tokens', open, tokens, false, [true, true]],
    ['is not withheld if its author expects a secret', tokens, tokens, true, [true, undefined]],
  ] as const) {
    it(name, () => {
      const call = { url, isResultSecret } as RestCall;
      const kept = keepSecret(call, responseUrl);
      assert.deepEqual([kept.isResultSecret, kept.isResultWithheld], expected);
      assert.equal(kept.url, url);
      const { isExpected: isExpectedOfPage, ...page } = withUrl(kept, open);
      assert.deepEqual(
        [page.url, page.isResultSecret, isExpectedOfPage(404)],
        [open, expected[0], false],
      );
    });
  }

  it('is a problem if the body cannot be decoded', () => {
    const codingProblem = { coding: 'br', reason: 'broken', isRequested: false } as const;
    const call = { method: 'GET', isExpected, url: open, isResultSecret: false } as RestCall;
    const outcome = toOutcome(call, { ...response(200, JSON_TYPE, '{}'), codingProblem });
    assert.deepEqual(outcome.problem, { kind: 'content-coding', ...codingProblem });
    assert.equal(outcome.statusProblem, undefined);
  });
});
