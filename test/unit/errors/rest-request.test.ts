import assert from 'node:assert/strict';
import {
  restError,
  type RestProblemDetails,
} from '../../../tasks/AzureDevOpsTokenV1/src/errors/rest-request';
import { formatError } from '../../../tasks/AzureDevOpsTokenV1/src/errors/task-error';
import { checkErrors, checkOtherServers, type Rows } from './check-error';
import { summary } from './response-summary';

const CONTEXT = {
  method: 'GET',
  url: 'https://dev.azure.com/MyOrg/_apis/x',
  organization: 'MyOrg',
  identityDetails: { clientId: 'client', objectId: 'object', tenantId: 'own' },
};

const connection = {
  kind: 'connection',
  host: 'h',
  reason: 'connection reset (ECONNRESET)',
  attempts: 1,
  elapsedMs: 9,
} as const;
const notJson = {
  kind: 'not-json',
  input: 'query',
  contentType: undefined,
  isTooLarge: false,
} as const;
const CASES: Rows<RestProblemDetails & { readonly method?: string }> = {
  'no response': [connection, /firewall/],
  'a server that requests a pause': [
    { ...connection, kind: 'wait', reason: 'it requested a pause of 301 s', attempts: 0 },
    /again later/,
  ],
  'an unknown identity': [
    {
      kind: 'other-tenant',
      summary: summary(401, { serverMessage: 'TF400813 ##vso[x]' }),
      organizationTenantId: 'other',
    },
    /tenant other/,
  ],
  'a sign-in page': [{ kind: 'unknown-identity', summary: summary(203) }, /Users > Add users/],
  'another server': [{ kind: 'not-services', summary: summary(401) }, /proxy.*dev\.azure\.com/],
  'a missing permission': [
    { kind: 'forbidden', summary: summary(403, { activityId: 'id' }) },
    /Project settings > Permissions.*Feed settings > Permissions.*Organization settings > Users/s,
  ],
  'a project that the identity does not see': [
    { kind: 'forbidden', summary: summary(404, { serverMessage: 'VS800075: x' }) },
    /Project settings > Repositories > Security/,
  ],
  'nothing there': [{ kind: 'not-found', summary: summary(404) }, /input url.*permissions/],
  'a policy': [
    { kind: 'conditional-access', summary: summary(403, { serverMessage: 'VS403463' }) },
    /Conditional Access > Policies/,
  ],
  'a web page': [
    { kind: 'web-page', summary: summary(200), contentType: 'text/html', isRestAddress: true },
    /^Check the path .*Accept: text\/html/,
  ],
  'a page of the web portal': [
    { kind: 'web-page', summary: summary(200), contentType: 'text/html', isRestAddress: false },
    /_apis\/.*Accept: text\/html/,
  ],
  'a URL that is too long': [
    { kind: 'url-too-long', summary: summary(414), length: 2500, isLong: true },
    /workitemsbatch.*\$batch/,
  ],
  'a URL that is not valid': [
    { kind: 'url-too-long', summary: summary(400), length: 25, isLong: false },
    /^Escape .*%25.*workitemsbatch/,
  ],
  'throttling that refuses the token': [
    {
      kind: 'throttled',
      summary: summary(401, { throttledResource: 'Core', remainingUnits: '0' }),
    },
    /again later/,
  ],
  throttling: [
    { kind: 'throttled', summary: summary(429, { retryAfter: '9', throttledResource: 'Core' }) },
    /identity for each pool/,
  ],
  'throttling for longer than the task waits': [
    { kind: 'throttled', summary: summary(429, { retryAfter: '301' }) },
    /longer pause than the task waits \(5 min\)/,
  ],
  'throttling until a date': [
    { kind: 'throttled', summary: summary(429, { retryAfter: 'Wed, 21 Oct 2026 07:28:00 GMT' }) },
    /waits for at most 5 min/,
  ],
  'a success that the step does not expect': [
    { kind: 'unexpected', summary: summary(202) },
    /202 is a success.*expectedStatus/,
  ],
  trouble: [{ kind: 'server-error', summary: summary(500) }, /maxRetries\.$/],
  'a server error after a POST': [
    { kind: 'server-error', method: 'POST', summary: summary(500) },
    /Check first .* acted on the POST/,
  ],
  'a foreign page': [{ kind: 'proxy-page', summary: summary(403) }, /proxy or the firewall/],
  'an answer that is no list': [{ kind: 'no-list', lists: [] }, /^Remove allPages/],
  'an answer with several lists': [{ kind: 'no-list', lists: ['a', '##[b'] }, /^Remove allPages/],
  'pages without end (token)': [
    { kind: 'paging-loop', what: 'token', name: '##[x' },
    /^Remove allPages(?!.*continuationToken).*\$top and \$skip in url/,
  ],
  'pages without end (page)': [
    { kind: 'paging-loop', what: 'page', name: '##[x' },
    /\$top and \$skip in url.*continuationToken in url/,
  ],
  'pages without end (end)': [
    { kind: 'paging-loop', what: 'end', name: '##[x' },
    /\$top and \$skip in url.*continuationToken in url/,
  ],
  'pages without end that are requested by a POST': [
    { kind: 'paging-loop', method: 'POST', what: 'token', name: 'x' },
    /^Remove allPages(?!.*continuationToken).*the page in body,/,
  ],
  'a page that a POST gets again': [
    { kind: 'paging-loop', method: 'POST', what: 'page', name: '2' },
    /^Remove allPages.*continuationToken in body,/,
  ],
  'another status': [{ kind: 'unexpected', summary: summary(409) }, /expectedStatus\.$/],
  'a redirect': [
    { kind: 'redirect', summary: summary(302), target: 'https://x/##vso[y]' },
    /Set url.*302 to expectedStatus/,
  ],
  'a redirect to http': [
    { kind: 'redirect', summary: summary(302), target: 'http://x/y' },
    /https address.*302 to expectedStatus/,
  ],
  'a redirect of a POST': [
    { kind: 'redirect', method: 'POST', summary: summary(307), target: 'https://x/y' },
    /set url.*allowedHosts.*307 to expectedStatus/,
  ],
  'a redirect of a POST to http': [
    { kind: 'redirect', method: 'POST', summary: summary(307), target: 'http://x/y' },
    /https address/,
  ],
  'a version': [
    { kind: 'version', summary: summary(400), offered: '7.2##[x' },
    /apiVersion: 7\.2\*\*\[x\n.*Accept header/,
  ],
  'no JSON': [{ ...notJson, contentType: 'a/b ##[x' }, /^Remove query/],
  'no type': [{ ...notJson, input: 'failWhen' }, /outputFile/],
  nothing: [{ ...notJson, emptyStatus: 204 }, /^Remove query: /],
  'an empty response with a status that allows a body': [
    { ...notJson, emptyStatus: 200 },
    /^Remove query, or request a URL/,
  ],
  'JSON in a content coding that the author requested': [
    { ...notJson, contentType: 'a/b', coding: 'gzip##[x' },
    /Accept-Encoding or Range/,
  ],
  'too much JSON': [{ ...notJson, contentType: 'a/b', isTooLarge: true }, /outputFile/],
  'an expression that does not fit': [
    { kind: 'evaluation', input: 'query', expression: 'a ##[b', reason: 'reason' },
    /^Correct query\./,
  ],
  failWhen: [
    { kind: 'fail-when', expression: 'a ##[b' },
    /result and responseFile.*change failWhen/,
  ],
  'the token': [{ kind: 'reflected-token' }, /input url.*Organization settings > Users\.$/s],
  'a large result': [
    { kind: 'result-too-large', bytes: 24_001 },
    /less in query.*responseFile.*outputFile/,
  ],
  'a hostile result': [
    { kind: 'result-hostile', what: 'harm', responseFile: '/a##[b' },
    /query.*responseFile.*succeededOrFailed\(\)/,
  ],
  '… in no file': [
    { kind: 'result-hostile', what: 'harm', responseFile: undefined },
    /Set outputFile/,
  ],
  'a result of too many levels': [
    { kind: 'result-too-deep', responseFile: '/a##[b' },
    /query.*responseFile.*succeededOrFailed\(\)/,
  ],
  'a result of too many levels in no file': [
    { kind: 'result-too-deep', responseFile: undefined },
    /^Set outputFile/,
  ],
  'a secret of lines': [{ kind: 'result-not-masked', why: 'lines' }, /query.*outputFile/],
  'a short secret': [{ kind: 'result-not-masked', why: 'short' }, /query.*outputFile/],
  'a file to read': [
    { kind: 'file', input: 'bodyFile', path: '/a##[b', reason: 'why' },
    /file exists/,
  ],
  'a file that another program has open': [
    { kind: 'file-held', input: 'outputFile', path: '/a##[b', reason: 'why', status: 201 },
    /^End the program/,
  ],
  '… in the temporary folder': [
    { kind: 'file-held', input: 'Agent.TempDirectory', path: '/a', reason: 'why', status: 201 },
    /exclude the folder of the agent/,
  ],
  'a file to write': [
    { kind: 'file', input: 'outputFile', path: '/a', reason: 'why' },
    /write to the folder/,
  ],
  'a page of a list without a token, at another host': [
    { kind: 'token-withheld', summary: summary(401, { serverMessage: 'no' }), host: 'x##[y' },
    /allowedHosts: x\*\*\[y\n.*allPages/,
  ],
  'a response that needs too much memory': [
    { kind: 'unreadable', input: 'query', exceeded: 'memory' },
    /^Request less/,
  ],
  'a response that needs too much time': [
    { kind: 'unreadable', input: 'query', exceeded: 'time' },
    /^Simplify the expression/,
  ],
  'a process that does not run': [
    { kind: 'unreadable', input: 'query', reason: 'EACCES ##[x' },
    /start the agent's Node\.js.*outputFile/,
  ],
  'the end of the time to wait': [
    { kind: 'wait-over', expression: 'a ##[b', requestedPauseMs: 0, lastStatus: 404 },
    /404: check url.*\nIncrease waitTimeoutInMinutes/,
  ],
  'the end of the time to wait, and a server that asks for more': [
    { kind: 'wait-over', expression: 'a', requestedPauseMs: 90_000, lastStatus: 200 },
    /^Increase waitTimeoutInMinutes/,
  ],
  'no address to poll': [
    { kind: 'no-poll-address' },
    /^Remove waitUntil, and poll in a second step/,
  ],
  'an address of another host to poll': [
    { kind: 'poll-host', host: 'x##[y' },
    /^If you know .*allowedHosts/,
  ],
};

const POLL = { progress: { polls: 3, elapsedMs: 9_000 }, respondedBy: 'x.example.com' };

describe('the errors of a REST call', () => {
  checkErrors('rest', CASES, (problem) => restError({ ...CONTEXT, ...problem }));

  for (const [name, [problem]] of Object.entries(CASES)) {
    it(`name the poll and the host of a redirect: ${name}`, () => {
      const { method = 'GET' } = problem;
      const request = `${method} ${CONTEXT.url} (redirected to x.example.com) (poll 3 after 9 s)`;
      const text = formatError(restError({ ...CONTEXT, ...POLL, ...problem }));
      assert.ok(text.includes(request), text);
    });
  }

  checkOtherServers('url or organization', (other) =>
    restError({ ...CONTEXT, kind: 'not-services', summary: summary(401), ...other }),
  );

  for (const [host, port] of [
    ['files.example.com', ''],
    ['devops.example.com:8443', ''],
    ['dev.azure.com:444', 'Azure DevOps uses the port 443, so .* port 444. '],
  ] as const) {
    it(`name a redirect to a host that may not receive the token: ${host}`, () => {
      const problem = { kind: 'token-withheld', summary: summary(401), host } as const;
      const { message, hint } = restError({ ...CONTEXT, ...problem, respondedBy: host });
      assert.match(message, new RegExp(`without a token, because a redirect led to ${host}\\.`));
      const trust = `${port}If you trust .* allowedHosts: ${host}`;
      assert.match(
        hint,
        new RegExp(`^If url is a download.*\n${trust}\nIf you do not trust it, change url`),
      );
    });
  }

  it('tell an identity of another tenant by the IDs of the tenants', () => {
    const problem = { kind: 'unknown-identity', summary: summary(401) } as const;
    const kinds = ['OWN', 'other', undefined].map(
      (organizationTenantId) =>
        restError({ ...CONTEXT, ...problem, organizationTenantId }).problem.kind,
    );
    assert.deepEqual(kinds, ['unknown-identity', 'other-tenant', 'unknown-identity']);
  });

  it('show a URL that a server names as untrusted text', () => {
    const url = `${CONTEXT.url}/${'y'.repeat(600)}`;
    const { message } = restError({ ...CONTEXT, url, kind: 'not-found', summary: summary(404) });
    assert.match(
      message,
      /^GET https:\/\/dev\.azure\.com\/MyOrg\/_apis\/x\/y{400,470}… returned 404/m,
    );
  });

  for (const [method, reason, isTold] of [
    ['POST', 'connection reset (ECONNRESET)', true],
    ['PATCH', 'no response came in time (RESPONSE_TIMEOUT)', true],
    ['POST', 'connection refused (ECONNREFUSED)', false],
    ['POST', 'DNS does not know the name (ENOTFOUND)', false],
    ['POST', 'the DNS server did not respond (EAI_AGAIN)', false],
    ['PUT', 'connection reset (ECONNRESET)', false],
  ] as const) {
    it(`say ${isTold ? '' : 'not '}that a ${method} may have been acted on: ${reason}`, () => {
      const { hint } = restError({ ...CONTEXT, ...connection, method, reason });
      assert.equal(
        hint.includes('check whether it acted on it before you run the step again'),
        isTold,
      );
    });
  }

  for (const [method, isTold] of [
    ['POST', true],
    ['DELETE', true],
    ['GET', false],
    ['HEAD', false],
  ] as const) {
    it(`say ${isTold ? '' : 'not '}that a ${method} was received if its response cannot be saved`, () => {
      const held = { input: 'outputFile', path: '/a', reason: 'why', status: 201 } as const;
      const { hint, message } = restError({ ...CONTEXT, kind: 'file-held', ...held, method });
      assert.match(message, new RegExp(`The REST call was made: ${method} .* returned 201\\.`));
      assert.equal(hint.includes('check what it did before you run the step again'), isTold);
    });
  }
});
