import assert from 'node:assert/strict';
import { OrganizationFailure } from '../../../tasks/AzureDevOpsTokenV1/src/errors/organization-failure';
import type { ResponseSummary } from '../../../tasks/AzureDevOpsTokenV1/src/errors/happening';
import type { OrganizationProblem } from '../../../tasks/AzureDevOpsTokenV1/src/errors/organization-problems';

const base = {
  organization: { name: 'MyOrg', url: 'https://dev.azure.com/MyOrg' },
  identityDetails: { clientId: 'client', objectId: 'object', tenantId: 'own' },
};
const ATTEMPT =
  'Asking the organization MyOrg (GET https://dev.azure.com/MyOrg/_apis/connectionData) whether it knows the identity: ';
const UNKNOWN =
  'The organization does not know the identity with the client id client and the object id object. It is added under Organization ' +
  'settings > Users of MyOrg, with an access level that fits its work (Basic for repositories). If the token is meant for another ' +
  'organization, name that one in the input organization.';
const OTHER =
  'and the token is of the tenant own: an organization takes only identities of its own tenant. ';
const ZEROS = '00000000-0000-0000-0000-000000000000';

function summary(status: number, more: Partial<ResponseSummary> = {}): ResponseSummary {
  return {
    status,
    isPage: false,
    serverMessage: undefined,
    activityId: undefined,
    retryAfter: undefined,
    throttledResource: undefined,
    ...more,
  };
}

const CERTIFICATE =
  "Where the network inspects TLS, or the server has a certificate of a private authority: add that authority's certificate to the file " +
  'that NODE_EXTRA_CA_CERTS names in the environment of the agent, or to the one of the CA setting of the agent itself ' +
  '(config --sslcacert), and start the agent anew.';
const why = { host: 'h:1', reason: 'reason (R)', attempts: 3, elapsedMs: 7_400 };

const CASES: readonly (readonly [string, OrganizationProblem, string, string])[] = [
  [
    'an identity that it does not know',
    {
      ...base,
      kind: 'unknown-identity',
      summary: summary(401, { serverMessage: '##vso[x] TF400813', activityId: '##[a' }),
    },
    `${ATTEMPT}it answered 401 ("**vso[x] TF400813"; activity id **[a).`,
    UNKNOWN,
  ],
  [
    'a bare 401',
    { ...base, kind: 'unknown-identity', summary: summary(401) },
    `${ATTEMPT}it answered 401.`,
    UNKNOWN,
  ],
  [
    'a sign-in page',
    {
      ...base,
      kind: 'unknown-identity',
      summary: summary(203),
      organizationTenantId: 'OWN',
    },
    `${ATTEMPT}it answered 203 with a sign-in page.`,
    UNKNOWN,
  ],
  [
    'a refusal in words with another status',
    { ...base, kind: 'unknown-identity', summary: summary(403, { serverMessage: 'TF401444' }) },
    `${ATTEMPT}it answered 403 ("TF401444").`,
    UNKNOWN,
  ],
  [
    'an anonymous user',
    { ...base, kind: 'unknown-identity', summary: summary(200), isAnonymous: true },
    `${ATTEMPT}it answered 200 and takes the identity for an anonymous user.`,
    UNKNOWN,
  ],
  [
    'another tenant',
    {
      ...base,
      kind: 'unknown-identity',
      summary: summary(401),
      organizationTenantId: 'other',
    },
    `${ATTEMPT}it answered 401.`,
    `The organization belongs to the tenant other, ${OTHER}${UNKNOWN}`,
  ],
  [
    'no tenant',
    { ...base, kind: 'unknown-identity', summary: summary(401), organizationTenantId: ZEROS },
    `${ATTEMPT}it answered 401.`,
    `The organization is connected to no Microsoft Entra tenant (${ZEROS}), ${OTHER}${UNKNOWN}`,
  ],
  [
    'another kind of server',
    { ...base, kind: 'not-services', summary: summary(200) },
    `${ATTEMPT}it answered 200, and not as Azure DevOps Services does.`,
    'Correct the input organization. The task speaks to Azure DevOps Services: Azure DevOps Server takes no Microsoft Entra token.',
  ],
  [
    'a refusal',
    { ...base, kind: 'forbidden', summary: summary(403, { serverMessage: 'no' }) },
    `${ATTEMPT}it answered 403 ("no").`,
    'The organization knows the identity and does not let it in: see the access level and the permissions of the identity there, and ' +
      'the policies of the organization (Organization settings > Policies).',
  ],
  [
    'nothing there',
    { ...base, kind: 'not-found', summary: summary(404) },
    `${ATTEMPT}it answered 404.`,
    'See that the organization is written as in its URL (the input organization). To an identity without any permission, what is there ' +
      'can look like this, too.',
  ],
  [
    'too many requests',
    {
      ...base,
      kind: 'throttled',
      summary: summary(429, {
        serverMessage: 'a',
        retryAfter: '##vso9',
        throttledResource: '##vsor',
      }),
    },
    `${ATTEMPT}it answered 429 ("a"; Retry-After **vso9; resource **vsor).`,
    'Azure DevOps asks to wait before the next request: run the job again later. Where this identity asks too much in too short a time ' +
      '(429), let fewer jobs ask at once.',
  ],
  [
    'anything else',
    { ...base, kind: 'unexpected', summary: summary(400) },
    `${ATTEMPT}it answered 400.`,
    'The task makes nothing of this answer. See what the server says, and whether something stands in between; the support of Azure ' +
      'DevOps asks for the activity id. To do without this question, set the input verifyMembership to false.',
  ],
  [
    'a page of somebody else',
    { ...base, kind: 'foreign-page', summary: summary(200) },
    `${ATTEMPT}it answered 200 with a web page that is not of Azure DevOps.`,
    'Azure DevOps has no such page: a proxy or a firewall in between seems to answer in its place. Let this machine reach the ' +
      'organization.',
  ],
  [
    'trouble',
    { ...base, kind: 'in-trouble', summary: summary(500) },
    `${ATTEMPT}it answered 500.`,
    'Azure DevOps may be in trouble, which passes: try again a little later. To do without this question, set the input verifyMembership ' +
      'to false.',
  ],
  [
    'a redirect',
    { ...base, kind: 'redirect', summary: summary(302), target: 'https://##vso' },
    `${ATTEMPT}it answered 302 and redirects to https://**vso.`,
    'The redirect was not followed: the token goes where the step says. If https://**vso is the organization now (it may have been ' +
      'renamed), name it in the input organization, and its host in allowedHosts where that is not of Azure DevOps.',
  ],
  [
    'no connection',
    { ...base, kind: 'no-answer', why: { ...why, kind: 'connection' } },
    `${ATTEMPT}h:1: reason (R), 3 attempts in 7 s.`,
    'See whether a firewall, the name service or a missing proxy (HTTPS_PROXY in the environment of the agent) stands between this ' +
      'machine and that host.',
  ],
  [
    'a proxy in the way',
    { ...base, kind: 'no-answer', why: { ...why, kind: 'proxy', attempts: 1 } },
    `${ATTEMPT}the proxy h:1: reason (R), 1 attempt.`,
    'It is the proxy that HTTPS_PROXY, ALL_PROXY or HTTP_PROXY names in the environment of the agent or among the variables of the ' +
      'pipeline: correct its address, its user and password, or its rules, or name the host in NO_PROXY.',
  ],
  [
    'a proxy that is none',
    { ...base, kind: 'no-answer', why: { ...why, kind: 'proxy', host: 'x', attempts: 0 } },
    `${ATTEMPT}the proxy x: reason (R).`,
    'It is the proxy that HTTPS_PROXY, ALL_PROXY or HTTP_PROXY names in the environment of the agent or among the variables of the ' +
      'pipeline: correct its address, its user and password, or its rules, or name the host in NO_PROXY.',
  ],
  [
    'a certificate that is not trusted',
    { ...base, kind: 'no-answer', why: { ...why, kind: 'certificate', attempts: 1 } },
    `${ATTEMPT}h:1: its certificate is not trusted (reason (R)), 1 attempt.`,
    CERTIFICATE,
  ],
  [
    'a certificate that has expired',
    {
      ...base,
      kind: 'no-answer',
      why: { ...why, kind: 'certificate', reason: 'CERT_HAS_EXPIRED' },
    },
    `${ATTEMPT}h:1: its certificate is not trusted (CERT_HAS_EXPIRED), 3 attempts in 7 s.`,
    `It is not valid at this time: see the clock of this machine; if that is right, the certificate has to be renewed. ${CERTIFICATE}`,
  ],
  [
    'a certificate of another host',
    {
      ...base,
      kind: 'no-answer',
      why: { ...why, kind: 'certificate', reason: 'ERR_TLS_CERT_ALTNAME_INVALID' },
    },
    `${ATTEMPT}h:1: its certificate is not trusted (ERR_TLS_CERT_ALTNAME_INVALID), 3 attempts in 7 s.`,
    `It is for another host: something else answers at this address. ${CERTIFICATE}`,
  ],
];

describe('a failure at the organization', () => {
  for (const [name, problem, message, hint] of CASES) {
    it(`says what happened and what to do: ${name}`, () => {
      const failure = new OrganizationFailure(problem);
      assert.equal(failure.message, message);
      assert.equal(failure.hint, hint);
      assert.equal(failure.problem, problem);
      assert.equal(failure.name, 'OrganizationFailure');
    });
  }
});
