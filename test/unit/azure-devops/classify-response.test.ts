import assert from 'node:assert/strict';
import {
  classifyResponse,
  isFromAzureDevOps,
  summarize,
} from '../../../tasks/AzureDevOpsTokenV1/src/azure-devops/classify-response';
import type { HttpResponse } from '../../../tasks/AzureDevOpsTokenV1/src/http/response';
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
    ['200 with a page of its own', response(200, { ...HTML, activityid: 'x' }), 'web-page'],
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
      'x-ratelimit-remaining': '0',
    };
    assert.deepEqual(summarize(response(429, headers, says('d'))), {
      status: 429,
      isPage: true,
      serverMessage: 'd',
      activityId: 'a',
      retryAfter: 'b',
      throttledResource: 'c',
      remainingUnits: '0',
    });
  });

  it('is known by its host, its headers or its words', () => {
    const elsewhere = new URL('https://devops.example.com/MyOrg');
    assert.equal(isFromAzureDevOps(response(401)), true);
    assert.equal(isFromAzureDevOps({ ...response(401), url: elsewhere }), false);
    for (const name of [
      'activityid',
      'x-tfs-processid',
      'x-tfs-session',
      'x-vss-e2eid',
      'x-vss-resourcetenant',
      'x-vss-userdata',
    ]) {
      assert.equal(isFromAzureDevOps({ ...response(401, { [name]: 'x' }), url: elsewhere }), true);
    }
    for (const [serverMessage, expected] of [
      ['TF400813: x', true],
      ['VS800075: x', true],
      ['TF4: x', false],
      ['no TF400813', false],
    ] as const) {
      const given = response(401, {}, JSON.stringify({ message: serverMessage }));
      assert.equal(isFromAzureDevOps({ ...given, url: elsewhere }), expected);
    }
  });
});

describe('the meaning of a response', () => {
  const page = (text: string) => `<html><head><title>${text}</title></head></html>`;
  const SYS = { ...HTML, server: 'Microsoft-HTTPAPI/2.0' };
  const PROBLEM = { 'content-type': 'application/json', activityid: 'x' };
  const POLICY = 'VS403463: The conditional access policy has failed.';
  const invalidUrl = '<h2>Bad Request - Invalid URL</h2>';
  const ofLongUrl = (given: HttpResponse) => ({
    ...given,
    url: new URL(`https://dev.azure.com/MyOrg/_apis/wit/workitems?ids=${'1,'.repeat(1_000)}`),
  });
  const after = (given: HttpResponse) => ({ ...given, isAfterSuccess: true });

  for (const [name, [given, kind]] of Object.entries({
    'a 403 of Conditional Access': [response(403, PROBLEM, says(POLICY)), 'conditional-access'],
    'a 401 of it': [response(401, PROBLEM, says(POLICY)), 'conditional-access'],
    'a 203 of it, by its title': [response(203, HTML, page(POLICY)), 'conditional-access'],
    'a 203 of it, in its text': [
      response(203, HTML, `${page('x | Sign In')}${POLICY}`),
      'conditional-access',
    ],
    'a 302 of it, by a header': [
      response(302, { location: '/_signin', 'x-tfs-serviceerror': POLICY }),
      'conditional-access',
    ],
    'a 403 of it without a code': [
      response(403, PROBLEM, says('Blocked by Conditional Access policies of your tenant.')),
      'conditional-access',
    ],
    'a 404 that names it': [
      response(404, PROBLEM, says('No conditional access policy')),
      'not-found',
    ],
    'a 403 that mentions access': [response(403, PROBLEM, says('No access policy.')), 'forbidden'],

    'a 414': [response(414), 'url-too-long'],
    'a 414 of another host': [{ ...response(414), ...elsewhere }, 'url-too-long'],
    'an invalid URL': [response(400, SYS, page('x') + invalidUrl), 'url-too-long'],
    'an invalid URL, without a server': [
      response(400, HTML, page('x') + invalidUrl),
      'url-too-long',
    ],
    'an invalid URL in a message of a service': [
      response(400, PROBLEM, says('Invalid URL of the webhook')),
      'unexpected',
    ],
    'a query that is too long for IIS': [
      response(
        404,
        { ...HTML, server: 'Microsoft-IIS/10.0' },
        page('IIS 10.0 - 404.15 - Not Found'),
      ),
      'url-too-long',
    ],
    'a query that is too long for ASP.NET': [
      response(400, PROBLEM, says('It exceeds the configured maxQueryStringLength value.')),
      'url-too-long',
    ],
    'a 404 without a body for a long URL': [ofLongUrl(response(404)), 'url-too-long'],
    'a 404 with a page for a long URL': [ofLongUrl(response(404, HTML, page('x'))), 'url-too-long'],
    'a 404 with JSON for a long URL': [ofLongUrl(response(404, PROBLEM, says('x'))), 'not-found'],
    'a 400 with JSON for a long URL': [ofLongUrl(response(400, PROBLEM, says('x'))), 'unexpected'],
    'a 404 without a body': [response(404), 'not-found'],
    'headers that are too long': [response(400, SYS, page('Request Too Long')), 'unexpected'],
    'a body that is too large': [response(413, SYS, page('x')), 'unexpected'],
    'a 403 of the front door': [response(403, { ...HTML, 'x-azure-ref': 'x' }), 'forbidden'],
    'a 400 of the front end': [response(400, { ...HTML, 'x-msedge-ref': 'x' }), 'unexpected'],
    'a 403 of a proxy': [response(403, { ...HTML, server: 'squid' }), 'proxy-page'],

    'a 401 with Retry-After after a success': [
      after(response(401, { 'retry-after': '9' }, says('TF400813: x'))),
      'throttled',
    ],
    'a 401 with limits after a success': [
      after(response(401, { 'x-ratelimit-remaining': '0' }, says('TF400813: x'))),
      'throttled',
    ],
    'a 203 with Retry-After after a success': [
      after(response(203, { 'retry-after': '9' })),
      'throttled',
    ],
    'a 401 with nothing after a success': [
      after(response(401, {}, says('TF400813: x'))),
      'unknown-identity',
    ],
    'a first 401 with Retry-After': [response(401, { 'retry-after': '9' }), 'throttled'],
    'a first 401 with a code and Retry-After': [
      response(401, { 'retry-after': '9' }, says('TF400813: x')),
      'unknown-identity',
    ],
    'a first 203 with limits': [response(203, { 'x-ratelimit-limit': '200' }), 'unknown-identity'],
    'a 403 with limits after a success': [
      after(response(403, { 'x-ratelimit-limit': '200' })),
      'forbidden',
    ],
  } as const)) {
    it(`is ${kind} for ${name}`, () => {
      assert.equal(classifyResponse(given).kind, kind);
    });
  }

  it('has the length of the URL', () => {
    for (const [url, isLong] of [
      [`https://dev.azure.com/${'a/'.repeat(1_000)}`, true],
      [`https://dev.azure.com/${'a'.repeat(261)}`, true],
      [`https://dev.azure.com/${'a'.repeat(260)}?${'b'.repeat(1_700)}`, false],
    ] as const) {
      const found = classifyResponse({ ...response(414), url: new URL(url) });
      assert.deepEqual(found, { kind: 'url-too-long', length: url.length, isLong });
    }
  });

  it('has the kind of page', () => {
    for (const [path, isRestAddress] of [
      ['MyOrg/_apis/resources/Containers/1', true],
      ['MyOrg/_packaging/sauces/pypi/simple/', true],
      ['MyOrg/SecretSauce/_odata/v4.0-preview/WorkItems', true],
      ['MyOrg/SecretSauce/_build', false],
      ['MyOrg', false],
    ] as const) {
      const url = new URL(`https://dev.azure.com/${path}`);
      const given = { ...response(200, { ...HTML, activityid: 'x' }), url };
      const contentType = 'text/html';
      assert.deepEqual(classifyResponse(given), { kind: 'web-page', contentType, isRestAddress });
    }
  });
});
