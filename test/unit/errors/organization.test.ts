import type { AzureDevOpsProblem } from '../../../tasks/AzureDevOpsTokenV1/src/errors/azure-devops-problems';
import { organizationError } from '../../../tasks/AzureDevOpsTokenV1/src/errors/organization';
import { checkError, type Row } from './check-error';
import { summary } from './response-summary';

const CONTEXT = {
  organization: 'MyOrg',
  url: 'https://dev.azure.com/MyOrg/_apis/connectionData',
  identityDetails: { clientId: 'client', objectId: 'object', tenantId: 'own' },
};
const AT = `Asking the organization MyOrg (GET ${CONTEXT.url}) whether it knows the identity: `;
const UNKNOWN =
  /^The organization does not know the identity with the client id client and the object id object\. It is added under Organization settings > Users of MyOrg, /;
const ZEROS = '00000000-0000-0000-0000-000000000000';
const connection = { host: 'h:1', reason: 'reason (R)', attempts: 3, elapsedMs: 7_400 };
const PROXY =
  /^It is the proxy that HTTPS_PROXY, ALL_PROXY or HTTP_PROXY names in the environment of the agent .*NO_PROXY\.$/;
const CERTIFICATE = /^Where the network inspects TLS, .*NODE_EXTRA_CA_CERTS/;

const CASES: readonly Row<AzureDevOpsProblem>[] = [
  [
    'an identity that it does not know',
    {
      kind: 'unknown-identity',
      summary: summary(401, { serverMessage: '##vso[x] TF400813', activityId: '##[a' }),
    },
    'it answered 401 ("**vso[x] TF400813"; activity id **[a)',
    UNKNOWN,
  ],
  ['a bare 401', { kind: 'unknown-identity', summary: summary(401) }, 'it answered 401', UNKNOWN],
  [
    'a sign-in page',
    { kind: 'unknown-identity', summary: summary(203), organizationTenantId: 'OWN' },
    'it answered 203 with a sign-in page',
    UNKNOWN,
  ],
  [
    'a refusal in words with another status',
    { kind: 'unknown-identity', summary: summary(403, { serverMessage: 'TF401444' }) },
    'it answered 403 ("TF401444")',
    UNKNOWN,
  ],
  [
    'an anonymous user',
    { kind: 'unknown-identity', summary: summary(200), isAnonymous: true },
    'it answered 200 and takes the identity for an anonymous user',
    UNKNOWN,
  ],
  [
    'another tenant',
    { kind: 'other-tenant', summary: summary(401), organizationTenantId: 'other' },
    'it answered 401',
    /^The organization belongs to the tenant other, and the token is of the tenant own: .* own tenant\. The organization does not know/,
  ],
  [
    'no tenant',
    { kind: 'other-tenant', summary: summary(401), organizationTenantId: ZEROS },
    'it answered 401',
    /^The organization is connected to no Microsoft Entra tenant \(0{8}-.*\), and the token is of the tenant own: /,
  ],
  [
    'another kind of server',
    { kind: 'not-services', summary: summary(200) },
    'it answered 200, and not as Azure DevOps Services does',
    /^Correct the input organization\. .*Azure DevOps Server takes no Microsoft Entra token\.$/,
  ],
  [
    'a refusal',
    { kind: 'forbidden', summary: summary(403, { serverMessage: 'no' }) },
    'it answered 403 ("no")',
    /^The organization knows the identity and does not let it in: .*Organization settings > Policies/,
  ],
  [
    'nothing there',
    { kind: 'not-found', summary: summary(404) },
    'it answered 404',
    /^See that the organization is written as in its URL \(the input organization\)/,
  ],
  [
    'too many requests',
    {
      kind: 'throttled',
      summary: summary(429, {
        serverMessage: 'a',
        retryAfter: '##vso9',
        throttledResource: '##vsor',
      }),
    },
    'it answered 429 ("a"; Retry-After **vso9; resource **vsor)',
    /^Azure DevOps asks to wait before the next request: .*\(429\), let fewer jobs ask/,
  ],
  [
    'anything else',
    { kind: 'unexpected', summary: summary(400) },
    'it answered 400',
    /^The task makes nothing of this answer\. .*verifyMembership to false\.$/,
  ],
  [
    'a page of a proxy',
    { kind: 'proxy-page', summary: summary(200) },
    'it answered 200 with a web page that is not of Azure DevOps',
    /^Azure DevOps has no such page: a proxy or a firewall/,
  ],
  [
    'a server error',
    { kind: 'server-error', summary: summary(500) },
    'it answered 500',
    /^Azure DevOps may be in trouble, .*verifyMembership to false\.$/,
  ],
  [
    'a redirect',
    { kind: 'redirect', summary: summary(302), target: 'https://##vso' },
    'it answered 302 and redirects to https://**vso',
    /^The redirect was not followed: .*If https:\/\/\*\*vso is the organization now .*allowedHosts/,
  ],
  [
    'no connection',
    { ...connection, kind: 'connection' },
    'h:1: reason (R), 3 attempts in 7 s',
    /^See whether a firewall.*that host\.$/,
  ],
  [
    'a server that asks to wait',
    { ...connection, kind: 'wait', reason: 'it asks to wait 301 s', attempts: 0 },
    'h:1: it asks to wait 301 s',
    /^Azure DevOps asks to wait before the next request/,
  ],
  [
    'a proxy in the way',
    { ...connection, kind: 'proxy', attempts: 1 },
    'the proxy h:1: reason (R), 1 attempt',
    PROXY,
  ],
  [
    'the proxy of the agent',
    { ...connection, kind: 'proxy', source: 'agent' },
    'the proxy h:1: reason (R), 3 attempts in 7 s',
    /^It is the proxy that the agent was configured with \(config --proxyurl.*\.proxybypass/,
  ],
  [
    'a proxy that is none',
    { ...connection, kind: 'proxy', host: 'x', attempts: 0 },
    'the proxy x: reason (R)',
    PROXY,
  ],
  [
    'a certificate that is not trusted',
    { ...connection, kind: 'certificate', attempts: 1 },
    'h:1: its certificate is not trusted (reason (R)), 1 attempt',
    CERTIFICATE,
  ],
  [
    'a certificate that has expired',
    { ...connection, kind: 'certificate', reason: 'CERT_HAS_EXPIRED' },
    'h:1: its certificate is not trusted (CERT_HAS_EXPIRED), 3 attempts in 7 s',
    /^It is not valid at this time: .*renewed\. Where the network inspects TLS/,
  ],
  [
    'a certificate of another host',
    { ...connection, kind: 'certificate', reason: 'ERR_TLS_CERT_ALTNAME_INVALID' },
    'h:1: its certificate is not trusted (ERR_TLS_CERT_ALTNAME_INVALID), 3 attempts in 7 s',
    /^It is for another host: .*Where the network inspects TLS/,
  ],
];

describe('an error of the membership check', () => {
  for (const [name, problem, happened, hint] of CASES) {
    it(`says what happened and what to do: ${name}`, () => {
      const { kind } = problem;
      // The response itself does not say that the tenants differ.
      const given = kind === 'other-tenant' ? { ...problem, kind: 'unknown-identity' } : problem;
      const error = organizationError({ ...CONTEXT, ...(given as AzureDevOpsProblem) });
      checkError(error, { kind, message: `${AT}${happened}.`, hint });
    });
  }

  for (const [name, identityDetails, hint] of [
    [
      'a token that does not say whose it is',
      { clientId: undefined, objectId: undefined, tenantId: undefined },
      /^The organization does not know the identity of the token, which does not say whose it is\. It has to be of the tenant theirs, /,
    ],
    [
      'a service connection',
      { clientId: 'c', objectId: 'o', tenantId: 'theirs', connectionId: 'id' },
      /^The organization does not know the identity of the service connection id, with the object id o in the tenant theirs\. It is added/,
    ],
  ] as const) {
    it(`names ${name}`, () => {
      const problem = { kind: 'unknown-identity', summary: summary(401) } as const;
      const context = { ...CONTEXT, identityDetails, organizationTenantId: 'theirs' };
      const error = organizationError({ ...context, ...problem });
      checkError(error, { kind: problem.kind, message: `${AT}it answered 401.`, hint });
    });
  }
});
