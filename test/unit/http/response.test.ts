import assert from 'node:assert/strict';
import {
  isSignIn,
  parseFields,
  readActivityId,
  readRedirect,
  readTenantId,
} from '../../../tasks/AzureDevOpsTokenV1/src/http/response';
import { response } from './fake-response';

const TENANT = '7e9c6d20-0b1f-4c5e-9a53-2f0d6c1b8e47';

describe('an answer of Azure DevOps', () => {
  it('has fields where it is a JSON object', () => {
    assert.deepEqual(parseFields(response(200, {}, '{"a":1}')), { a: 1 });
    for (const text of ['', '[]', 'null', '1', '"a"', '<html>', '{"a"']) {
      assert.equal(parseFields(response(200, {}, text)), undefined);
    }
  });

  it('has an activity id in one of two headers', () => {
    assert.equal(readActivityId(response(401, { activityid: 'a', 'x-vss-e2eid': 'b' })), 'a');
    assert.equal(readActivityId(response(401, { 'x-vss-e2eid': 'b' })), 'b');
    assert.equal(readActivityId(response(401)), undefined);
  });

  for (const [name, [headers, expected]] of Object.entries({
    'its header': [{ 'x-vss-resourcetenant': TENANT }, TENANT],
    'no header that is no GUID': [{ 'x-vss-resourcetenant': 'x' }, undefined],
    'its challenge': [
      { 'www-authenticate': `Bearer authorization_uri=https://login.windows.net/${TENANT}, Basic` },
      TENANT,
    ],
    'its challenge in quotes': [
      { 'www-authenticate': `Bearer authorization_uri="https://login.x/${TENANT}/oauth2"` },
      TENANT,
    ],
    'no challenge without one': [
      { 'www-authenticate': 'Bearer authorization_uri=https://login.x/common' },
      undefined,
    ],
    nothing: [{}, undefined],
  } as const)) {
    it(`tells the tenant by ${name}`, () => {
      assert.equal(readTenantId(response(401, headers)), expected);
    });
  }

  it('redirects where its status and its header say so', () => {
    assert.equal(readRedirect(response(302, { location: '/x' }))?.href, 'https://dev.azure.com/x');
    for (const status of [200, 299, 400, 401]) {
      assert.equal(readRedirect(response(status, { location: '/x' })), undefined);
    }
    assert.equal(readRedirect(response(300, { location: 'https://[' })), undefined);
    assert.equal(readRedirect(response(399)), undefined);
  });

  for (const [name, [given, expected]] of Object.entries({
    'a 203': [response(203), true],
    'a page with that title': [
      response(200, { 'content-type': 'text/html; charset=utf-8' }, '<title>A | Sign In</title>'),
      true,
    ],
    'a page that only has the words': [
      response(200, { 'content-type': 'text/html' }, '<title>Report</title>Sign in'),
      false,
    ],
    'another page of Azure DevOps': [
      response(200, { 'content-type': 'text/html', activityid: 'x' }),
      false,
    ],
    'a page that is a 299': [
      response(299, { 'content-type': 'TEXT/HTML' }, '<title>Sign in</title>'),
      true,
    ],
    'the page of a 404': [response(404, { 'content-type': 'text/html' }), false],
    JSON: [response(200, { 'content-type': 'application/json' }), false],
    'a type like that of a page': [response(200, { 'content-type': 'text/html5' }), false],
    'a 302 to Entra': [response(302, { location: 'https://login.microsoftonline.com/x' }), true],
    '… by its older name': [response(302, { location: 'https://login.windows.net/x' }), true],
    '… for people': [response(302, { location: 'https://login.live.com/x' }), true],
    'a 302 to the accounts': [
      response(302, { location: 'https://spsprodweu1.vssps.visualstudio.com/_go' }),
      true,
    ],
    '… by their newer name': [response(302, { location: 'https://vssps.dev.azure.com/x' }), true],
    'a 302 to sign in': [response(302, { location: '/_signin?x' }), true],
    '… that is done': [response(307, { location: 'https://x.example/a/_signedin' }), true],
    'a 302 to a name like it': [response(302, { location: '/_signing' }), false],
    'a 302 to a host like it': [
      response(302, { location: 'https://login.live.com.evil/x' }),
      false,
    ],
    '… before it': [response(302, { location: 'https://xlogin.live.com/x' }), false],
    'a 302 elsewhere': [response(302, { location: 'https://x.example/' }), false],
    'a 302 to nowhere': [response(302), false],
  } as const)) {
    it(`${expected ? 'signs in' : 'does not sign in'} as ${name}`, () => {
      assert.equal(isSignIn(given), expected);
    });
  }
});
