import assert from 'node:assert/strict';
import type { AzureDevOpsProblem } from '../../../tasks/AzureDevOpsTokenV1/src/errors/azure-devops-problem';
import {
  organizationError,
  type OrganizationProblem,
} from '../../../tasks/AzureDevOpsTokenV1/src/errors/organization';
import { checkErrors, checkOtherServers, type Rows } from './check-error';
import { summary } from './response-summary';

const CONTEXT = {
  organization: 'MyOrg',
  method: 'GET',
  url: 'https://dev.azure.com/MyOrg/_apis/connectionData',
  identityDetails: { clientId: 'client', objectId: 'object', tenantId: 'own' },
};
const ZEROS = '00000000-0000-0000-0000-000000000000';
const connection = { host: 'h:1', reason: 'reason (R)', attempts: 3, elapsedMs: 7_400 };
const THROTTLED = { serverMessage: 'a', retryAfter: '##vso9', throttledResource: '##vsor' };

const unknown = {
  kind: 'unknown-identity',
  summary: summary(401),
  organizationTenantId: 'theirs',
} as const;
const OF_CONNECTION = { clientId: undefined, objectId: 'o', tenantId: 'own', connectionId: 'id' };

const CASES: Rows<AzureDevOpsProblem & Partial<Pick<OrganizationProblem, 'identityDetails'>>> = {
  'an identity that it does not know': [
    {
      kind: 'unknown-identity',
      summary: summary(401, { serverMessage: '##vso[x] TF400813', activityId: '##[a' }),
    },
    /Users > Add users.*Basic.*input organization/,
  ],
  'a bare 401': [
    { kind: 'unknown-identity', summary: summary(401) },
    /Users > Add users.*Basic.*input organization/,
  ],
  'a sign-in page': [
    { kind: 'unknown-identity', summary: summary(203), organizationTenantId: 'OWN' },
    /Users > Add users.*Basic.*input organization/,
  ],
  'a refusal in words with another status': [
    { kind: 'unknown-identity', summary: summary(403, { serverMessage: 'TF401444' }) },
    /Users > Add users.*Basic.*input organization/,
  ],
  'an anonymous user': [
    { kind: 'unknown-identity', summary: summary(200), isAnonymous: true },
    /Users > Add users.*Basic.*input organization/,
  ],
  'another tenant': [
    { kind: 'other-tenant', summary: summary(401), organizationTenantId: 'other' },
    /tenant other, or use a service connection.*input organization/,
  ],
  'no tenant': [
    { kind: 'other-tenant', summary: summary(401), organizationTenantId: ZEROS },
    /settings > Microsoft Entra.*input organization/,
  ],
  'another kind of server': [
    { kind: 'not-services', summary: summary(200) },
    /proxy.*dev\.azure\.com/,
  ],
  'a refusal': [
    { kind: 'forbidden', summary: summary(403, { serverMessage: 'no' }) },
    /Organization settings > Policies/,
  ],
  'nothing there': [{ kind: 'not-found', summary: summary(404) }, /^Set the input organization/],
  'too many requests': [
    { kind: 'throttled', summary: summary(429, THROTTLED) },
    /again later.*fewer jobs/,
  ],
  'a server that is not available': [
    { kind: 'throttled', summary: summary(503, { retryAfter: '3600' }) },
    /again later.*status\.dev\.azure\.com/,
  ],
  'a policy': [
    { kind: 'conditional-access', summary: summary(401, { serverMessage: 'VS403463' }) },
    /Conditional Access > Policies/,
  ],
  'a web page': [
    { kind: 'web-page', summary: summary(200), contentType: 'text/html', isRestAddress: true },
    /^Check the spelling of the input organization/,
  ],
  'anything else, with a reason': [
    { kind: 'unexpected', summary: summary(400, { serverMessage: 'a', activityId: 'b' }) },
    /server message.*activity ID.*verifyMembership to false/,
  ],
  'anything else': [
    { kind: 'unexpected', summary: summary(400) },
    /proxy.*Microsoft support.*verifyMembership to false/,
  ],
  'anything else, with an activity ID only': [
    { kind: 'unexpected', summary: summary(400, { activityId: 'b' }) },
    /^Give the activity ID.*verifyMembership to false/,
  ],
  'a page of a proxy': [{ kind: 'proxy-page', summary: summary(200) }, /proxy or the firewall/],
  'a server error': [{ kind: 'server-error', summary: summary(500) }, /verifyMembership to false/],
  'a redirect': [
    { kind: 'redirect', summary: summary(302), target: 'https://##vso' },
    /organization to its new name/,
  ],
  'a redirect to another organization': [
    { kind: 'redirect', summary: summary(302), target: 'https://dev.azure.com/NewOrg' },
    /organization to its new name/,
  ],
  'a redirect to a host outside Azure DevOps': [
    { kind: 'redirect', summary: summary(302), target: 'https://devops.example.com:8443/x' },
    /new URL, .*allowedHosts: devops\.example\.com:8443$/,
  ],
  'no connection': [{ ...connection, kind: 'connection' }, /firewall.*HTTPS_PROXY/],
  'a server that requests a pause': [
    { ...connection, kind: 'wait', reason: 'it requested a pause of 301 s', attempts: 0 },
    /again later/,
  ],
  'a proxy in the way': [
    { ...connection, kind: 'proxy', attempts: 1 },
    /HTTPS_PROXY, ALL_PROXY or HTTP_PROXY.*NO_PROXY/,
  ],
  'the proxy of the agent': [
    { ...connection, kind: 'proxy', source: 'agent' },
    /config --proxyurl.*\.proxybypass/,
  ],
  'a proxy that is none': [
    { ...connection, kind: 'proxy', host: 'in all_proxy', variable: 'all_proxy', attempts: 0 },
    /^Correct all_proxy/,
  ],
  'a certificate that is not trusted': [
    { ...connection, kind: 'certificate', attempts: 1 },
    /NODE_EXTRA_CA_CERTS.*--sslcacert/,
  ],
  'a certificate that has expired': [
    { ...connection, kind: 'certificate', reason: 'CERT_HAS_EXPIRED' },
    /clock.*renew the certificate/,
  ],
  'a certificate of another host': [
    { ...connection, kind: 'certificate', reason: 'ERR_TLS_CERT_ALTNAME_INVALID' },
    /exempt h:1 from the proxy .* DNS entry/,
  ],
  'a token that does not show its identity': [
    {
      ...unknown,
      identityDetails: { clientId: undefined, objectId: undefined, tenantId: undefined },
    },
    /must belong to the tenant theirs/,
  ],
  'a service connection': [
    { ...unknown, identityDetails: { ...OF_CONNECTION, tenantId: 'theirs' } },
    /Users > Add users/,
  ],
  'a service connection of another tenant': [
    { ...unknown, kind: 'other-tenant', identityDetails: OF_CONNECTION },
    /service connection .* tenant theirs.*input organization/,
  ],
};

describe('the errors of the membership check', () => {
  checkErrors('organization', CASES, (problem) => organizationError({ ...CONTEXT, ...problem }));

  checkOtherServers('the input organization', (other) =>
    organizationError({ ...CONTEXT, kind: 'not-services', summary: summary(401), ...other }),
  );

  it('tell an identity of another tenant by the IDs of the tenants', () => {
    const kinds = ['OWN', 'other', ZEROS, undefined].map((organizationTenantId) => {
      const problem = { kind: 'unknown-identity', summary: summary(401) } as const;
      return organizationError({ ...CONTEXT, ...problem, organizationTenantId }).problem.kind;
    });
    assert.deepEqual(kinds, [
      'unknown-identity',
      'other-tenant',
      'other-tenant',
      'unknown-identity',
    ]);
  });
});
