import assert from 'node:assert/strict';
import {
  classifyResponse,
  summarize,
} from '../../../tasks/AzureDevOpsTokenV1/src/azure-devops/classify-response';
import { response } from '../http/fake-response';

const says = (message: string) => JSON.stringify({ message });
const TENANT = '7e9c6d20-0b1f-4c5e-9a53-2f0d6c1b8e47';
const HTML = { 'content-type': 'text/html' };
const elsewhere = { url: new URL('https://devops.example.com/MyOrg') };

describe('a refusal of Azure DevOps', () => {
  for (const [name, given, kind] of [
    ['401', response(401), 'unknown-identity'],
    ['400 with TF400813', response(400, {}, says('TF400813: x')), 'unknown-identity'],
    ['403 with TF401444', response(403, {}, says('x TF401444')), 'unknown-identity'],
    ['203', response(203), 'unknown-identity'],
    ['302 to sign in', response(302, { location: '/_signin' }), 'unknown-identity'],
    ['302', response(302, { location: 'https://x.example/y' }), 'redirect'],
    ['302 to nowhere', response(302), 'unexpected'],
    ['403', response(403), 'forbidden'],
    ['404 with VS800075', response(404, {}, says('VS800075: x')), 'forbidden'],
    ['404 with TF401019', response(404, {}, says('TF401019: x')), 'forbidden'],
    ['404', response(404), 'not-found'],
    ['403 with a page', response(403, HTML), 'proxy-page'],
    ['200 with a page', response(200, HTML), 'proxy-page'],
    ['404 with a page', response(404, HTML), 'not-found'],
    ['500 with a page', response(500, HTML), 'server-error'],
    ['403 with a page of its own', response(403, { ...HTML, activityid: 'x' }), 'forbidden'],
    ['401 with a page', response(401, HTML), 'unknown-identity'],
    ['429', response(429), 'throttled'],
    ['503 with a Retry-After', response(503, { 'retry-after': '9' }), 'throttled'],
    ['503', response(503), 'server-error'],
    ['500 with TF400733', response(500, {}, says('TF400733: x')), 'throttled'],
    ['400 with a Retry-After', response(400, { 'retry-after': '9' }), 'unexpected'],
    ['400', response(400), 'unexpected'],
    ['204', response(204), 'unexpected'],
    [
      '401 for users of Windows',
      response(401, { 'www-authenticate': 'NTLM, Basic realm="x"' }),
      'not-services',
    ],
    ['401 to negotiate', response(401, { 'www-authenticate': 'Negotiate' }), 'not-services'],
    [
      '401 for users of Windows and others',
      response(401, { 'www-authenticate': 'Bearer, Negotiate' }),
      'unknown-identity',
    ],
    ['403 for users of Windows', response(403, { 'www-authenticate': 'NTLM' }), 'forbidden'],
    ['401 of somebody else', { ...response(401), ...elsewhere }, 'not-services'],
    ['404 of somebody else', { ...response(404), ...elsewhere }, 'not-services'],
    ['408 of somebody else', { ...response(408), ...elsewhere }, 'server-error'],
    ['429 of somebody else', { ...response(429), ...elsewhere }, 'throttled'],
    ['500 of somebody else', { ...response(500), ...elsewhere }, 'server-error'],
    ['499 of somebody else', { ...response(499), ...elsewhere }, 'not-services'],
  ] as const) {
    it(`is ${kind} for ${name}`, () => {
      assert.equal(classifyResponse(given).kind, kind);
    });
  }

  it('tells the tenant of the organization', () => {
    assert.deepEqual(classifyResponse(response(401, { 'x-vss-resourcetenant': TENANT })), {
      kind: 'unknown-identity',
      organizationTenantId: TENANT,
    });
  });

  it('tells the target of a redirect without its query', () => {
    assert.deepEqual(classifyResponse(response(302, { location: 'https://x.example/y?secret' })), {
      kind: 'redirect',
      target: 'https://x.example/y',
    });
  });

  it('is summed up', () => {
    const headers = {
      'content-type': 'text/html',
      activityid: 'a',
      'retry-after': 'b',
      'x-ratelimit-resource': 'c',
    };
    assert.deepEqual(summarize(response(429, headers, says('d'))), {
      status: 429,
      isPage: true,
      serverMessage: 'd',
      activityId: 'a',
      retryAfter: 'b',
      throttledResource: 'c',
    });
  });
});
