// Every message of the task has its section in docs/troubleshooting.md, and names it; and no section is of no message.
import assert from 'node:assert/strict';
import { CallFailure } from '../../tasks/AzureDevOpsTokenV1/src/errors/call-failure';
import type { CallProblemDetails } from '../../tasks/AzureDevOpsTokenV1/src/errors/call-problems';
import { describeFailure } from '../../tasks/AzureDevOpsTokenV1/src/errors/describe-failure';
import { FederationFailure } from '../../tasks/AzureDevOpsTokenV1/src/errors/federation-failure';
import type { EntraProblemDetails } from '../../tasks/AzureDevOpsTokenV1/src/errors/federation-problems';
import type {
  ResponseSummary,
  AzureDevOpsProblem,
} from '../../tasks/AzureDevOpsTokenV1/src/errors/happening';
import {
  CALL_HEADINGS,
  FEDERATION_HEADINGS,
  IDENTITY_HEADINGS,
  ORGANIZATION_HEADINGS,
  type CallCause,
  type FederationCause,
  type IdentityCause,
  type OrganizationCause,
} from '../../tasks/AzureDevOpsTokenV1/src/errors/headings';
import { IdentityFailure } from '../../tasks/AzureDevOpsTokenV1/src/errors/identity-failure';
import type { IdentityProblem } from '../../tasks/AzureDevOpsTokenV1/src/errors/identity-problems';
import { InputFailure } from '../../tasks/AzureDevOpsTokenV1/src/errors/input-failure';
import { OrganizationFailure } from '../../tasks/AzureDevOpsTokenV1/src/errors/organization-failure';
import {
  INPUT_HEADING,
  nameSection,
  OLD_NODE_HEADING,
  START_HEADING,
  UNFORESEEN_HEADING,
  WARNING_HEADINGS,
} from '../../tasks/AzureDevOpsTokenV1/src/errors/sections';
import {
  describeForkBuild,
  describeIgnoredFiles,
  VALIDATION_WARNING,
} from '../../tasks/AzureDevOpsTokenV1/src/log';
import { describeOldNode } from '../../tasks/AzureDevOpsTokenV1/src/node-version';
import { NO_HEADERS } from '../../tasks/AzureDevOpsTokenV1/src/rest/to-rest-result';
import { toWholeResult } from '../../tasks/AzureDevOpsTokenV1/src/rest/result-text';
import { readText } from './files';
import { isQuoted, readHeading, readSections } from './troubleshooting';

const endpoint = 'http://169.254.169.254';
const requested = { input: 'clientId', value: '0000' };
const tries = { attempts: 3, elapsedMs: 9_000 };
const inContainer = { isContainerJob: false };
const summary = (status: number): ResponseSummary => ({
  status,
  isPage: false,
  serverMessage: undefined,
  activityId: undefined,
  retryAfter: undefined,
  throttledResource: undefined,
});
const silence = (
  kind: Extract<AzureDevOpsProblem, { kind: 'no-answer' }>['why']['kind'],
  reason = 'x',
) => ({
  kind: 'no-answer' as const,
  why: { kind, host: 'dev.azure.com', reason, ...tries },
});

/** One problem of each cause: a cause without one does not compile. */
const IDENTITY: Readonly<Record<IdentityCause, IdentityProblem>> = {
  challenge: { kind: 'challenge', endpoint, path: '/x', reason: 'x' },
  'endpoint-busy': {
    kind: 'endpoint-busy',
    endpoint,
    reason: 'it answered 429',
    ...tries,
    retryAfterMs: undefined,
  },
  'endpoint-refuses': { kind: 'endpoint-refuses', endpoint, status: 403, serverMessage: undefined },
  'expires-soon': {
    kind: 'expires-soon',
    expiresOn: new Date(60_000),
    now: new Date(0),
    minimumLifetimeMs: 300_000,
  },
  'foreign-endpoint': { kind: 'foreign-endpoint', source: 'MSI_ENDPOINT', host: 'x' },
  'identity-not-found': {
    kind: 'identity-not-found',
    endpoint,
    requested,
    serverMessage: 'x',
    ...inContainer,
  },
  library: { kind: 'library', name: 'Error', requested: undefined },
  'no-endpoint': {
    kind: 'no-endpoint',
    endpoint,
    reason: 'host unreachable',
    ...tries,
    ...inContainer,
  },
  'no-expiry': { kind: 'no-expiry', endpoint },
  'no-identity': {
    kind: 'identity-not-found',
    endpoint,
    requested: undefined,
    serverMessage: 'x',
    ...inContainer,
  },
  'not-a-token': { kind: 'not-a-token', endpoint, status: 200, reason: 'x' },
  'pod-id-hidden': { kind: 'pod-without-id', variable: 'AZURE_CLIENT_ID', isHidden: true },
  'pod-without-id': { kind: 'pod-without-id', variable: 'AZURE_CLIENT_ID', isHidden: false },
  'several-identities': { kind: 'several-identities', endpoint, serverMessage: 'x' },
  'unsupported-id': { kind: 'unsupported-id', source: 'Azure Arc', requested, ids: [] },
  'wrong-audience': { kind: 'wrong-audience', endpoint, expected: 'x', actual: 'y' },
  'wrong-identity': { kind: 'wrong-identity', requested, actual: '1111' },
};

const entra = (code: string | undefined, status = 400): EntraProblemDetails => ({
  kind: 'entra-refuses',
  status,
  code,
  serverMessage: code === undefined ? undefined : `${code}: x`,
  correlationId: undefined,
});
const FEDERATION: Readonly<Record<FederationCause, EntraProblemDetails>> = {
  certificate: silence('certificate', 'CERT_HAS_EXPIRED'),
  connection: silence('connection'),
  'disabled-application': entra('AADSTS7000112'),
  elsewhere: { kind: 'elsewhere', host: 'x' },
  'entra-busy': entra(undefined, 503),
  'entra-refuses': entra('AADSTS53003'),
  library: { kind: 'library', name: 'Error' },
  'no-credential': entra('AADSTS70021'),
  'no-token': {
    kind: 'no-token',
    reason: 'no JSON object',
    host: 'login.microsoftonline.com',
    status: 200,
  },
  'not-vouched': { kind: 'not-vouched', host: 'dev.azure.com', status: 404, activityId: undefined },
  'out-of-time': entra('AADSTS700024'),
  proxy: silence('proxy'),
  'several-tenants': entra('AADSTS70052'),
  'token-file': { kind: 'token-file', reason: 'x' },
  'unknown-application': entra('AADSTS700016'),
  'unknown-tenant': entra('AADSTS90002'),
  wait: silence('wait', 'it asks to wait 301 s'),
  'wrong-token': { kind: 'wrong-token', what: 'tenant', expected: 'x', actual: 'y' },
};

const ORGANIZATION: Readonly<Record<OrganizationCause, AzureDevOpsProblem>> = {
  certificate: silence('certificate', 'CERT_HAS_EXPIRED'),
  connection: silence('connection'),
  forbidden: { kind: 'forbidden', summary: summary(403) },
  'foreign-page': { kind: 'foreign-page', summary: summary(200) },
  'in-trouble': { kind: 'in-trouble', summary: summary(500) },
  'not-found': { kind: 'not-found', summary: summary(404) },
  'not-services': { kind: 'not-services', summary: summary(401) },
  'other-tenant': {
    kind: 'unknown-identity',
    summary: summary(401),
    organizationTenantId: 'other',
  },
  proxy: silence('proxy'),
  redirect: { kind: 'redirect', summary: summary(302), target: 'https://x/' },
  throttled: { kind: 'throttled', summary: summary(429) },
  unexpected: { kind: 'unexpected', summary: summary(400) },
  'unknown-identity': { kind: 'unknown-identity', summary: summary(401) },
  wait: silence('wait', 'it asks to wait 301 s'),
};

const CALL: Readonly<Record<CallCause, CallProblemDetails>> = {
  ...ORGANIZATION,
  echo: { kind: 'echo' },
  evaluation: { kind: 'evaluation', input: 'query', expression: 'x', reason: 'x' },
  'fail-when': { kind: 'fail-when', expression: 'x' },
  file: { kind: 'file', input: 'bodyFile', path: '/x', reason: 'x' },
  'no-list': { kind: 'no-list', lists: [] },
  'token-withheld': { kind: 'token-withheld', summary: summary(401), host: 'x' },
  'no-poll-address': { kind: 'no-poll-address' },
  'not-json': { kind: 'not-json', input: 'query', contentType: 'a/b', isTooLarge: false },
  'paging-loop': { kind: 'paging-loop', what: 'page', name: '2' },
  'poll-host': { kind: 'poll-host', host: 'x' },
  'result-hostile': { kind: 'result-hostile', what: 'x', responseFile: undefined },
  'result-not-masked': { kind: 'result-not-masked', why: 'lines' },
  'result-too-large': { kind: 'result-too-large', bytes: 24_001 },
  unread: { kind: 'unread', input: 'query', exceeded: 'memory' },
  version: { kind: 'version', summary: summary(400), offered: '7.2' },
  'wait-over': { kind: 'wait-over', expression: 'x', requestedPauseMs: 0 },
};

const identityDetails = { clientId: 'client', objectId: 'object', tenantId: 'own' };
const organization = { name: 'MyOrg', url: 'https://dev.azure.com/MyOrg' };
const connection = {
  kind: 'connection',
  input: 'azureSubscription',
  id: 'id',
  tenantId: 't',
} as const;
const workload = { kind: 'workload', tenantId: 't', clientId: 'c' } as const;
const call = {
  method: 'GET',
  url: 'https://dev.azure.com/MyOrg/_apis/x',
  organization: 'MyOrg',
  identityDetails,
};
const progress = { polls: 3, elapsedMs: 9_000 };

interface Message {
  readonly cause: string;
  readonly heading: string;
  readonly text: string;
}

/** The messages of each problem, by the cause that it is of. */
function describeAll<Problem>(
  problems: Readonly<Record<string, Problem>>,
  headings: Readonly<Record<string, string>>,
  toFailure: (problem: Problem) => Error,
): readonly Message[] {
  return Object.entries(problems).map(([cause, problem]) => ({
    cause,
    heading: headings[cause] ?? assert.fail(cause),
    text: describeFailure(toFailure(problem)),
  }));
}

const ERRORS: readonly Message[] = [
  ...describeAll(IDENTITY, IDENTITY_HEADINGS, (problem) => new IdentityFailure(problem)),
  ...[connection, workload].flatMap((requester) =>
    describeAll(
      FEDERATION,
      FEDERATION_HEADINGS,
      (problem) => new FederationFailure({ ...problem, requester }),
    ),
  ),
  ...describeAll(
    ORGANIZATION,
    ORGANIZATION_HEADINGS,
    (problem) => new OrganizationFailure({ ...problem, organization, identityDetails }),
  ),
  ...[{}, { progress }, { respondedBy: 'x.example.com' }].flatMap((more) =>
    describeAll(
      CALL,
      CALL_HEADINGS,
      (problem) => new CallFailure({ ...call, ...more, ...problem }),
    ),
  ),
  ...[['x'], ['x', 'y']].map((problems) => ({
    cause: `${problems.length} inputs`,
    heading: INPUT_HEADING,
    text: describeFailure(new InputFailure(problems)),
  })),
  {
    cause: 'unforeseen',
    heading: UNFORESEEN_HEADING,
    text: describeFailure(new TypeError('x')),
  },
  { cause: 'old Node.js', heading: OLD_NODE_HEADING, text: describeOldNode('16.20.2') ?? '' },
];

const binary = toWholeResult(
  { bytes: Buffer.from([0xff]), isKept: true },
  { isSecret: false, responseFile: undefined },
);
const WARNINGS: readonly Message[] = [
  { cause: 'a fork', heading: WARNING_HEADINGS.fork, text: describeForkBuild(false) },
  {
    cause: 'a fork, with a service connection',
    heading: WARNING_HEADINGS.fork,
    text: describeForkBuild(true),
  },
  { cause: 'any certificate', heading: WARNING_HEADINGS.validation, text: VALIDATION_WARNING },
  {
    cause: 'headers that are no output',
    heading: WARNING_HEADINGS['empty-headers'],
    text: NO_HEADERS,
  },
  {
    cause: 'ignored files',
    heading: WARNING_HEADINGS.certificates,
    text: describeIgnoredFiles([{ variable: 'Agent.CAInfo', path: '"/x"', reason: 'x' }], false),
  },
  {
    cause: 'an empty result',
    heading: WARNING_HEADINGS['empty-result'],
    text: 'warning' in binary ? binary.warning : '',
  },
];

/** Of these, test/task/ sees the messages: they are made where nothing can be imported from, or of what was read. */
const ELSEWHERE = [START_HEADING, WARNING_HEADINGS['list-in-doubt']];

const sections = readSections();

describe('docs/troubleshooting.md', () => {
  it('has a section for each heading that a message names, and no other', () => {
    const named = [...ERRORS, ...WARNINGS].map(({ heading }) => heading);
    assert.deepEqual(
      sections.map(({ heading }) => heading).sort(),
      [...new Set([...named, ...ELSEWHERE])].sort(),
    );
  });

  for (const { heading, quotes, parts } of sections) {
    it(`says how the message begins, its cause, its check and its fix: ${heading}`, () => {
      assert.ok(quotes.length > 0);
      assert.deepEqual([...parts.keys()], ['Cause', 'Check', 'Fix']);
      for (const [name, part] of parts) {
        assert.match(part, /^[A-Z`[*].{10,}\.$/, name);
      }
    });
  }

  it('links to headings of its own that there are', () => {
    const anchors = sections.map(({ heading }) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\w -]/g, '')
        .replaceAll(' ', '-'),
    );
    for (const [, anchor = ''] of readText('docs/troubleshooting.md').matchAll(/\]\(#([^)]+)\)/g)) {
      assert.ok(anchors.includes(anchor), anchor);
    }
  });
});

describe('what the task prints', () => {
  for (const { cause, heading, text } of [...ERRORS, ...WARNINGS]) {
    it(`names its section, which quotes it: ${cause}, "${text.slice(0, 60)}"`, () => {
      assert.ok(text.endsWith(nameSection(heading)), text);
      assert.equal(readHeading(text), heading);
      const section = sections.find((candidate) => candidate.heading === heading);
      assert.ok(section !== undefined && isQuoted(text, section), text);
    });
  }
});
