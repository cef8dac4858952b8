import assert from 'node:assert/strict';
import {
  restError,
  type RestProblem,
  type RestProblemDetails,
} from '../../../tasks/AzureDevOpsTokenV1/src/errors/rest-request';
import { formatError } from '../../../tasks/AzureDevOpsTokenV1/src/errors/task-error';
import { checkErrors, checkOtherServers, type Row } from './check-error';
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
const CASES: readonly Row<RestProblemDetails & { readonly method?: string }>[] = [
  ['no response', connection, /request to h failed: connection reset \(ECONNRESET\)/, /firewall/],
  [
    'a server that requests a pause',
    { ...connection, kind: 'wait', reason: 'it requested a pause of 301 s', attempts: 0 },
    /requested a longer pause/,
    /again later/,
  ],
  [
    'an unknown identity',
    {
      kind: 'other-tenant',
      summary: summary(401, { serverMessage: 'TF400813 ##vso[x]' }),
      organizationTenantId: 'other',
    },
    /^MyOrg belongs to another Microsoft Entra tenant/,
    /^Run the job on an agent whose managed identity is in the tenant other/,
  ],
  [
    'a sign-in page',
    { kind: 'unknown-identity', summary: summary(203) },
    /not a member of MyOrg/,
    /Organization settings > Users > Add users/,
  ],
  [
    'another server',
    { kind: 'not-services', summary: summary(401) },
    /dev\.azure\.com does not look like one of Azure DevOps Services/,
    /^A proxy probably responded: .* allow connections to dev\.azure\.com\.$/,
  ],
  [
    'a missing permission',
    { kind: 'forbidden', summary: summary(403, { activityId: 'id' }) },
    /^MyOrg denies this request \(403\)/,
    /^1\. The server did not say .*\n2\. Grant .*Project settings > Permissions\..*Manage security\..*Feed settings > Permissions\.\n3\. .*Organization settings > Users.*\n4\. /,
  ],
  [
    'a project that the identity does not see',
    { kind: 'forbidden', summary: summary(404, { serverMessage: 'VS800075: x' }) },
    /^MyOrg has no such project or repository, or the identity is not allowed to see it \(404\)\./,
    /^1\. Check the spelling of the project and the repository in url\.\n2\. .*permission.*Project settings > Repositories > Security\.\n3\. /,
  ],
  [
    'nothing there',
    { kind: 'not-found', summary: summary(404) },
    /found nothing at this URL/,
    /path of the input url.*permissions of the identity/,
  ],
  [
    'a policy',
    { kind: 'conditional-access', summary: summary(403, { serverMessage: 'VS403463' }) },
    /Conditional Access policy in Microsoft Entra blocks the identity in MyOrg/,
    /Entra ID > Conditional Access > Policies/,
  ],
  [
    'a web page',
    { kind: 'web-page', summary: summary(200), contentType: 'text/html', isRestAddress: true },
    /response is a web page/,
    /^Check the path .*Only if the step needs the web page itself, set headers to "Accept: text\/html"\.$/,
  ],
  [
    'a page of the web portal',
    { kind: 'web-page', summary: summary(200), contentType: 'text/html', isRestAddress: false },
    /response is a web page/,
    /^Check that url contains _apis\/.*Accept: text\/html/,
  ],
  [
    'a URL that is too long',
    { kind: 'url-too-long', summary: summary(414), length: 2500, isLong: true },
    /URL is too long.* 2,500 characters/,
    /^Request fewer items.*workitemsbatch.*\$batch/,
  ],
  [
    'a URL that is not valid',
    { kind: 'url-too-long', summary: summary(400), length: 25, isLong: false },
    /does not accept the URL/,
    /^Escape .*%25.*workitemsbatch/,
  ],
  [
    'throttling that refuses the token',
    {
      kind: 'throttled',
      summary: summary(401, { throttledResource: 'Core', remainingUnits: '0' }),
    },
    /limits the requests of this identity/,
    /again later/,
  ],
  [
    'throttling',
    { kind: 'throttled', summary: summary(429, { retryAfter: '9', throttledResource: 'Core' }) },
    /limits the requests of this identity/,
    /again later\. .*separate identity for each pool\.$/,
  ],
  [
    'throttling for longer than the task waits',
    { kind: 'throttled', summary: summary(429, { retryAfter: '301' }) },
    /limits the requests of this identity/,
    /The server requested a longer pause than the task waits \(5 min\)\.$/,
  ],
  [
    'throttling until a date',
    { kind: 'throttled', summary: summary(429, { retryAfter: 'Wed, 21 Oct 2026 07:28:00 GMT' }) },
    /limits the requests of this identity/,
    /Before a retry, the task waits for at most 5 min\.$/,
  ],
  [
    'a success that the step does not expect',
    { kind: 'unexpected', summary: summary(202) },
    /returned 202, which is not an expected status/,
    /^If the status 202 is a success for the step, add it to expectedStatus\. Otherwise, check the method/,
  ],
  [
    'trouble',
    { kind: 'server-error', summary: summary(500) },
    /server error \(500\)/,
    /increase maxRetries\.$/,
  ],
  [
    'a server error after a POST',
    { kind: 'server-error', method: 'POST', summary: summary(500) },
    /server error \(500\)/,
    /maxRetries\. Check first whether the server acted on the POST\.$/,
  ],
  [
    'a foreign page',
    { kind: 'proxy-page', summary: summary(403) },
    /web page was returned/,
    /proxy or the firewall/,
  ],
  [
    'an answer that is no list',
    { kind: 'no-list', lists: [] },
    /no array at its top level/,
    /^Remove allPages/,
  ],
  [
    'an answer with several lists',
    { kind: 'no-list', lists: ['a', '##[b'] },
    /several arrays \(a, \*\*\[b\)/,
    /^Remove allPages/,
  ],
  ...(
    [
      ['token', /returned the continuation token "\*\*\[x" for the second time/],
      ['page', /page \*\*\[x is the same as an earlier page/],
      ['end', /more than \*\*\[x pages/],
    ] as const
  ).map(
    ([what, cause]) =>
      [
        `pages without end (${what})`,
        { kind: 'paging-loop', what, name: '##[x' },
        cause,
        what === 'token'
          ? /^Remove allPages(?!.*continuationToken).*\$top and \$skip in url/
          : /^Remove allPages.*\$top and \$skip in url.*continuationToken in url/,
      ] as const,
  ),
  [
    'pages without end that are requested by a POST',
    { kind: 'paging-loop', method: 'POST', what: 'token', name: 'x' },
    /continuation token "x" for the second time/,
    /^Remove allPages(?!.*continuationToken).*the page in body,/,
  ],
  [
    'a page that a POST gets again',
    { kind: 'paging-loop', method: 'POST', what: 'page', name: '2' },
    /page 2 is the same as an earlier page/,
    /^Remove allPages.*continuationToken in body,/,
  ],
  [
    'another status',
    { kind: 'unexpected', summary: summary(409) },
    /returned 409, which is not an expected status/,
    /expectedStatus\.$/,
  ],
  [
    'a redirect',
    { kind: 'redirect', summary: summary(302), target: 'https://x/##vso[y]' },
    /at most 5 redirects: https:\/\/x\/\*\*vso\[y\]/,
    /^Set url to the address at which the redirects end\..*add 302 to expectedStatus\.$/,
  ],
  [
    'a redirect to http',
    { kind: 'redirect', summary: summary(302), target: 'http://x/y' },
    /redirects to https only: http:\/\/x\/y/,
    /^Set url to the https address of the resource\. If .*add 302 to expectedStatus\.$/,
  ],
  [
    'a redirect of a POST',
    { kind: 'redirect', method: 'POST', summary: summary(307), target: 'https://x/y' },
    /redirects only for GET and HEAD: https:\/\/x\/y/,
    /^If you trust the address .*set url to it\..*allowedHosts.*add 307 to expectedStatus\.$/,
  ],
  [
    'a redirect of a POST to http',
    { kind: 'redirect', method: 'POST', summary: summary(307), target: 'http://x/y' },
    /redirects only for GET and HEAD: http:\/\/x\/y/,
    /^Set url to the https address of the resource\. If /,
  ],
  [
    'a version',
    { kind: 'version', summary: summary(400), offered: '7.2##[x' },
    /does not support the API version.*7\.2\*\*\[x/,
    /apiVersion: 7\.2\*\*\[x\nIf url or the Accept header contains an api-version, change it there\.$/,
  ],
  [
    'no JSON',
    { kind: 'not-json', input: 'query', contentType: 'a/b ##[x', isTooLarge: false },
    /not JSON \(a\/b \*\*\[x\), and query needs JSON/,
    /^Remove query/,
  ],
  [
    'no type',
    { kind: 'not-json', input: 'failWhen', contentType: undefined, isTooLarge: false },
    /not JSON \(no content type\), and failWhen needs JSON/,
    /outputFile/,
  ],
  [
    'nothing',
    {
      kind: 'not-json',
      input: 'query',
      contentType: undefined,
      isTooLarge: false,
      emptyStatus: 204,
    },
    /response \(204\) is empty, and query needs JSON/,
    /^Remove query: /,
  ],
  [
    'an empty response with a status that allows a body',
    {
      kind: 'not-json',
      input: 'query',
      contentType: undefined,
      isTooLarge: false,
      emptyStatus: 200,
    },
    /response \(200\) is empty, and query needs JSON/,
    /^Remove query, or request a URL whose response has a body\.$/,
  ],
  [
    'JSON in a content coding that the author requested',
    {
      kind: 'not-json',
      input: 'query',
      contentType: 'a/b',
      isTooLarge: false,
      coding: 'gzip##[x',
    },
    /^query cannot read the response, because it is compressed \(Content-Encoding: gzip\*\*\[x; a\/b\)/,
    /has Accept-Encoding or Range\. Remove this header from headers, or remove query\.$/,
  ],
  [
    'too much JSON',
    { kind: 'not-json', input: 'query', contentType: 'a/b', isTooLarge: true },
    /too large for query: it has more than 256 MiB/,
    /outputFile/,
  ],
  [
    'an expression that does not fit',
    { kind: 'evaluation', input: 'query', expression: 'a ##[b', reason: 'reason' },
    /expression of query does not fit the response: reason/,
    /^Correct query\./,
  ],
  [
    'failWhen',
    { kind: 'fail-when', expression: 'a ##[b' },
    /failWhen is true for the response: a \*\*\[b/,
    /result and responseFile.*change failWhen/,
  ],
  [
    'the token',
    { kind: 'reflected-token' },
    /contains the token that was sent/,
    /input url.*Organization settings > Users\.$/s,
  ],
  [
    'a large result',
    { kind: 'result-too-large', bytes: 24_001 },
    /24,001 bytes, and an output can have 24,000/,
    /^Select less in query.*responseFile.*outputFile/,
  ],
  [
    'a hostile result',
    { kind: 'result-hostile', what: 'harm', responseFile: '/a##[b' },
    /did not set the output result, because its value contains harm/,
    /Select something else in query\. .*responseFile names \(\/a\*\*\[b\)\. That step needs condition: succeededOrFailed\(\)/,
  ],
  [
    '… in no file',
    { kind: 'result-hostile', what: 'harm', responseFile: undefined },
    /did not set the output result, because its value contains harm/,
    /Set outputFile/,
  ],
  [
    'a result of too many levels',
    { kind: 'result-too-deep', responseFile: '/a##[b' },
    /too many lists or objects inside each other/,
    /Select something else in query\. .*responseFile names \(\/a\*\*\[b\)\. That step needs condition: succeededOrFailed\(\)/,
  ],
  [
    'a result of too many levels in no file',
    { kind: 'result-too-deep', responseFile: undefined },
    /too many lists or objects inside each other/,
    /^Set outputFile/,
  ],
  [
    'a secret of lines',
    { kind: 'result-not-masked', why: 'lines' },
    /secret result has several lines/,
    /query.*outputFile/,
  ],
  [
    'a short secret',
    { kind: 'result-not-masked', why: 'short' },
    /fewer than 6 characters/,
    /query.*outputFile/,
  ],
  [
    'a file to read',
    { kind: 'file', input: 'bodyFile', path: '/a##[b', reason: 'why' },
    /file of bodyFile cannot be used: why/,
    /file exists/,
  ],
  [
    'a file that another program has open',
    { kind: 'file-held', input: 'outputFile', path: '/a##[b', reason: 'why', status: 201 },
    /another program has the file of outputFile open/,
    /^End the program that has the file open/,
  ],
  [
    '… in the temporary folder',
    { kind: 'file-held', input: 'Agent.TempDirectory', path: '/a', reason: 'why', status: 201 },
    /another program has the file of Agent\.TempDirectory open/,
    /^If it is a virus scanner, exclude the folder of the agent\.$/,
  ],
  [
    'a file to write',
    { kind: 'file', input: 'outputFile', path: '/a', reason: 'why' },
    /file of outputFile cannot be used: why/,
    /write to the folder/,
  ],
  [
    'a page of a list without a token, at another host',
    { kind: 'token-withheld', summary: summary(401, { serverMessage: 'no' }), host: 'x##[y' },
    /failed without a token, because the link to the next page led to x\*\*\[y\./,
    /^If you trust .* allowedHosts: x\*\*\[y\nIf you do not trust it, remove allPages\.$/,
  ],
  ...(
    [
      ['memory', /needs more than 1 GiB of memory/, /^Request less/],
      ['time', /takes more than 5 minutes/, /^Simplify the expression/],
    ] as const
  ).map(
    ([exceeded, cause, remedy]) =>
      [
        `a response that needs too much ${exceeded}`,
        { kind: 'unreadable', input: 'query', exceeded },
        cause,
        remedy,
      ] as const,
  ),
  [
    'a process that does not run',
    { kind: 'unreadable', input: 'query', reason: 'EACCES ##[x' },
    /did not run: EACCES \*\*\[x/,
    /^Allow the agent's user to start the agent's Node\.js\. Or remove query, set outputFile/,
  ],
  [
    'the end of the time to wait',
    { kind: 'wait-over', expression: 'a ##[b', requestedPauseMs: 0, lastStatus: 404 },
    /did not become true in time: a \*\*\[b/,
    /^The last response was 404: check url.*\nIncrease waitTimeoutInMinutes/,
  ],
  [
    'the end of the time to wait, and a server that asks for more',
    { kind: 'wait-over', expression: 'a', requestedPauseMs: 90_000, lastStatus: 200 },
    /did not become true in time: a/,
    /^Increase waitTimeoutInMinutes/,
  ],
  [
    'no address to poll',
    { kind: 'no-poll-address' },
    /no address to poll for waitUntil/,
    /^Remove waitUntil, and poll in a second step/,
  ],
  [
    'an address of another host to poll',
    { kind: 'poll-host', host: 'x##[y' },
    /cannot poll at x\*\*\[y/,
    /^If you know .*allowedHosts/,
  ],
];

const POLL = { progress: { polls: 3, elapsedMs: 9_000 }, respondedBy: 'x.example.com' };

describe('the errors of a REST call', () => {
  const rows = (context: typeof CONTEXT) =>
    CASES.map(([name, problem, ...texts]): Row<RestProblem> => [
      name,
      { ...context, ...problem },
      ...texts,
    ]);
  checkErrors('rest', rows(CONTEXT), restError);

  for (const [name, problem] of rows({ ...CONTEXT, ...POLL })) {
    it(`name the poll and the host of a redirect: ${name}`, () => {
      const request = `${problem.method} ${CONTEXT.url} (redirected to x.example.com) (poll 3 after 9 s)`;
      const text = formatError(restError(problem));
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
