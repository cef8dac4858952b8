import assert from 'node:assert/strict';
import {
  restError,
  type RestProblemDetails,
} from '../../../tasks/AzureDevOpsTokenV1/src/errors/rest-request';
import { checkError, type Row } from './check-error';
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
const AT = `Calling Azure DevOps (GET ${CONTEXT.url})`;
const WAIT = /^Azure DevOps asks to wait before the next request/;

const CASES: readonly Row<RestProblemDetails>[] = [
  [
    'no response',
    connection,
    'h: connection reset (ECONNRESET), 1 attempt',
    /^See whether a firewall.*that host\.$/,
  ],
  [
    'a server that asks to wait',
    { ...connection, kind: 'wait', reason: 'it asks to wait 301 s', attempts: 0 },
    'h: it asks to wait 301 s',
    WAIT,
  ],
  [
    'an unknown identity',
    {
      kind: 'other-tenant',
      summary: summary(401, { serverMessage: 'TF400813 ##vso[x]' }),
      organizationTenantId: 'other',
    },
    'it answered 401 ("TF400813 **vso[x]")',
    /^The organization belongs to the tenant other.*client id client and the object id object.*Users of MyOrg, with an access level/,
  ],
  [
    'a sign-in page',
    { kind: 'unknown-identity', summary: summary(203) },
    'it answered 203 with a sign-in page',
    /Users of MyOrg/,
  ],
  [
    'another server',
    { kind: 'not-services', summary: summary(401) },
    'it answered 401, and not as Azure DevOps Services does',
    /^Correct url or organization\..*Azure DevOps Server takes no Microsoft Entra token\.$/,
  ],
  [
    'a missing permission',
    { kind: 'forbidden', summary: summary(403, { activityId: 'id' }) },
    'it answered 403 (activity id id)',
    /^The identity is known, and may not do this\. Give it the permission/,
  ],
  [
    'nothing there',
    { kind: 'not-found', summary: summary(404) },
    'it answered 404',
    /^See that the path is right: https:\/\/dev\.azure\.com\/MyOrg\/_apis\/x\..*permissions on the project\.$/,
  ],
  [
    'throttling',
    { kind: 'throttled', summary: summary(429, { retryAfter: '9', throttledResource: 'Core' }) },
    'it answered 429 (Retry-After 9; resource Core)',
    WAIT,
  ],
  [
    'trouble',
    { kind: 'server-error', summary: summary(500) },
    'it answered 500',
    /maxRetries.*see whether it did/,
  ],
  [
    'a foreign page',
    { kind: 'proxy-page', summary: summary(403) },
    'it answered 403 with a web page that is not of Azure DevOps',
    /^Azure DevOps has no such page/,
  ],
  [
    'an answer that is no list',
    { kind: 'no-list', lists: [] },
    'the answer has no array at its top level, and allPages needs one',
    /^allPages joins the one array of a list/,
  ],
  [
    'an answer with several lists',
    { kind: 'no-list', lists: ['a', '##[b'] },
    'the answer has several arrays (a, **[b), and allPages needs a single one',
    /^allPages joins the one array of a list/,
  ],
  ...(
    [
      ['token', 'the pages go in circles: the continuation token "**[x" came for the second time'],
      ['page', 'the pages go in circles: page **[x is one that came before'],
      ['end', 'the list does not end: it has more than **[x pages'],
    ] as const
  ).map(
    ([what, message]) =>
      [
        `pages without end (${what})`,
        { kind: 'paging-loop', what, name: '##[x' },
        message,
        /^What was read is no complete list, and none of it was kept/,
      ] as const,
  ),
  [
    'another status',
    { kind: 'unexpected', summary: summary(409) },
    'it answered 409',
    /name it in expectedStatus\.$/,
  ],
  [
    'a redirect',
    { kind: 'redirect', summary: summary(302), target: 'https://x/##vso[y]' },
    'it answered 302 and redirects to https://x/**vso[y]',
    /^The call did not follow to https:\/\/x\/\*\*vso\[y\]: .*5 redirects.*allowedHosts.*expectedStatus\.$/,
  ],
  [
    'a version',
    { kind: 'version', summary: summary(400), offered: '7.2##[x' },
    'it answered 400 about the API version',
    /^Write apiVersion: 7\.2\*\*\[x$/,
  ],
  [
    'no JSON',
    { kind: 'not-json', input: 'query', contentType: 'a/b ##[x', isTooLarge: false },
    'the answer is not JSON (a/b **[x), and query needs JSON',
    /^Without that input/,
  ],
  [
    'no type',
    { kind: 'not-json', input: 'failWhen', contentType: undefined, isTooLarge: false },
    'the answer is not JSON (no content type), and failWhen needs JSON',
    /outputFile/,
  ],
  [
    'too much JSON',
    { kind: 'not-json', input: 'query', contentType: 'a/b', isTooLarge: true },
    'the answer (a/b) is too large for query: more than 256 MiB',
    /outputFile/,
  ],
  [
    'an expression that does not fit',
    { kind: 'evaluation', input: 'query', expression: 'a ##[b', reason: 'reason' },
    'the expression of query (a **[b) does not fit the answer: reason',
    /^Correct query\. A function of JMESPath/,
  ],
  [
    'failWhen',
    { kind: 'fail-when', expression: 'a ##[b' },
    'the answer is what failWhen names: a **[b',
    /result and responseFile/,
  ],
  [
    'the token',
    { kind: 'reflected-token' },
    'the answer repeats the token that it was sent',
    /^Nothing of the answer was kept/,
  ],
  [
    'a large result',
    { kind: 'result-too-large', bytes: 24_001 },
    'what query selects has 24,001 bytes, and an output takes 24,000',
    /^Select less in query.*responseFile.*outputFile/,
  ],
  [
    'a hostile result',
    { kind: 'result-hostile', what: 'harm', responseFile: '/a##[b' },
    'the result holds harm',
    /responseFile names \(\/a\*\*\[b\), or select something else in query\.$/,
  ],
  [
    '… in no file',
    { kind: 'result-hostile', what: 'harm', responseFile: undefined },
    'the result holds harm',
    /Set outputFile/,
  ],
  [
    'a secret of lines',
    { kind: 'result-not-masked', why: 'lines' },
    'the secret result has several lines',
    /query.*outputFile/,
  ],
  [
    'a short secret',
    { kind: 'result-not-masked', why: 'short' },
    'the secret result has fewer than 6 characters',
    /query.*outputFile/,
  ],
  [
    'a file to read',
    { kind: 'file', input: 'bodyFile', path: '/a##[b', reason: 'why' },
    'bodyFile (/a**[b): why',
    /^See that the file is there/,
  ],
  [
    'a file to write',
    { kind: 'file', input: 'outputFile', path: '/a', reason: 'why' },
    'outputFile (/a): why',
    /^See that the folder can be written/,
  ],
  [
    'a request without a token after a redirect',
    { kind: 'token-withheld', summary: summary(401, { serverMessage: 'no' }), host: 'x##[y' },
    'the last request carried no token, and the server returned 401 ("no")',
    /^A redirect led to x\*\*\[y, which may not receive the token\. .*name it in allowedHosts/,
  ],
  ...(
    [
      ['memory', 'reading the response for query needs more than 1 GiB of memory', /^Request less/],
      [
        'time',
        'reading the response for query takes more than 5 minutes',
        /^Simplify the expression/,
      ],
    ] as const
  ).map(
    ([exceeded, happened, hint]) =>
      [
        `a response that needs too much ${exceeded}`,
        { kind: 'unread', input: 'query', exceeded },
        happened,
        hint,
      ] as const,
  ),
  [
    'a process that does not run',
    { kind: 'unread', input: 'query', reason: 'EACCES ##[x' },
    'the process that reads the response for query does not run: EACCES **[x',
    /^Allow the agent's user to start the agent's Node\.js\. Or remove query, set outputFile/,
  ],
  [
    'the end of the time to wait',
    { kind: 'wait-over', expression: 'a ##[b', requestedPauseMs: 0 },
    'waitUntil (a **[b) was not true in time',
    /Set waitTimeoutInMinutes higher/,
  ],
  [
    'the end of the time to wait, and a server that asks for more',
    { kind: 'wait-over', expression: 'a', requestedPauseMs: 90_000 },
    'waitUntil (a) was not true in time; the server asks to wait 1 min 30 s more (Retry-After)',
    /Set waitTimeoutInMinutes higher/,
  ],
  [
    'no address to poll',
    { kind: 'no-poll-address' },
    'the answer does not say where waitUntil can look again: it has no Location, url or _links.self.href',
    /^The call itself was made\. Leave waitUntil out/,
  ],
  [
    'an address of another host to poll',
    { kind: 'poll-host', host: 'x##[y' },
    'the answer says to look again at x**[y, and the token may not go there',
    /^The call itself was made\. If x\*\*\[y is yours .*allowedHosts\.$/,
  ],
];

describe('an error of a REST call', () => {
  for (const [name, problem, happened, hint] of CASES) {
    it(`says what happened and what to do: ${name}`, () => {
      const error = restError({ ...CONTEXT, ...problem });
      checkError(error, { kind: problem.kind, message: `${AT}: ${happened}.`, hint });
    });

    it(`says it of a poll after a redirect, too: ${name}`, () => {
      const more = { progress: { polls: 3, elapsedMs: 9_000 }, respondedBy: 'x.example.com' };
      const error = restError({ ...CONTEXT, ...more, ...problem });
      const attempt = `${AT} (redirected to x.example.com), look 3 after 9 s`;
      checkError(error, { kind: problem.kind, message: `${attempt}: ${happened}.`, hint });
    });
  }

  it('tells an identity of another tenant by the IDs of the tenants', () => {
    const problem = { kind: 'unknown-identity', summary: summary(401) } as const;
    const kinds = ['OWN', 'other', undefined].map(
      (organizationTenantId) =>
        restError({ ...CONTEXT, ...problem, organizationTenantId }).problem.kind,
    );
    assert.deepEqual(kinds, ['unknown-identity', 'other-tenant', 'unknown-identity']);
  });

  for (const [method, reason, isTold] of [
    ['POST', 'connection reset (ECONNRESET)', true],
    ['PATCH', 'no answer came in time (RESPONSE_TIMEOUT)', true],
    ['POST', 'connection refused (ECONNREFUSED)', false],
    ['POST', 'its name was not found (ENOTFOUND)', false],
    ['POST', 'its name was not resolved (EAI_AGAIN)', false],
    ['PUT', 'connection reset (ECONNRESET)', false],
  ] as const) {
    it(`says ${isTold ? '' : 'not '}that a ${method} may have been acted on: ${reason}`, () => {
      const { hint } = restError({ ...CONTEXT, ...connection, method, reason });
      assert.equal(hint.includes('see whether it did before you run the step again'), isTold);
    });
  }
});
