import assert from 'node:assert/strict';
import type { AzureDevOpsProblem } from '../../../tasks/AzureDevOpsTokenV1/src/errors/azure-devops-context';
import {
  organizationError,
  type OrganizationProblem,
} from '../../../tasks/AzureDevOpsTokenV1/src/errors/organization';
import { checkErrors, checkOtherServers, type Row } from './check-error';
import { summary } from './response-summary';

const CONTEXT = {
  organization: 'MyOrg',
  method: 'GET',
  url: 'https://dev.azure.com/MyOrg/_apis/connectionData',
  identityDetails: { clientId: 'client', objectId: 'object', tenantId: 'own' },
};
const ZEROS = '00000000-0000-0000-0000-000000000000';
const connection = { host: 'h:1', reason: 'reason (R)', attempts: 3, elapsedMs: 7_400 };
const CASES: readonly Row<AzureDevOpsProblem>[] = [
  [
    'an identity that it does not know',
    {
      kind: 'unknown-identity',
      summary: summary(401, { serverMessage: '##vso[x] TF400813', activityId: '##[a' }),
    },
    /not a member of MyOrg/,
    /administrator of MyOrg.*Organization settings > Users > Add users.*Basic.*set the input organization/,
  ],
  [
    'a bare 401',
    { kind: 'unknown-identity', summary: summary(401) },
    /not a member of MyOrg/,
    /administrator of MyOrg.*Organization settings > Users > Add users.*Basic.*set the input organization/,
  ],
  [
    'a sign-in page',
    { kind: 'unknown-identity', summary: summary(203), organizationTenantId: 'OWN' },
    /not a member of MyOrg/,
    /administrator of MyOrg.*Organization settings > Users > Add users.*Basic.*set the input organization/,
  ],
  [
    'a refusal in words with another status',
    { kind: 'unknown-identity', summary: summary(403, { serverMessage: 'TF401444' }) },
    /not a member of MyOrg/,
    /administrator of MyOrg.*Organization settings > Users > Add users.*Basic.*set the input organization/,
  ],
  [
    'an anonymous user',
    { kind: 'unknown-identity', summary: summary(200), isAnonymous: true },
    /not a member of MyOrg/,
    /administrator of MyOrg.*Organization settings > Users > Add users.*Basic.*set the input organization/,
  ],
  [
    'another tenant',
    { kind: 'other-tenant', summary: summary(401), organizationTenantId: 'other' },
    /^MyOrg belongs to another Microsoft Entra tenant/,
    /^Run the job on an agent whose managed identity is in the tenant other, or use a service connection.* Or set the input organization/,
  ],
  [
    'no tenant',
    { kind: 'other-tenant', summary: summary(401), organizationTenantId: ZEROS },
    /^MyOrg is not connected to a Microsoft Entra tenant/,
    /Organization settings > Microsoft Entra\)\. Or set the input organization/,
  ],
  [
    'another kind of server',
    { kind: 'not-services', summary: summary(200) },
    /dev\.azure\.com does not look like one of Azure DevOps Services/,
    /^A proxy probably responded: .* allow connections to dev\.azure\.com\.$/,
  ],
  [
    'a refusal',
    { kind: 'forbidden', summary: summary(403, { serverMessage: 'no' }) },
    /^MyOrg denies access to the identity/,
    /Organization settings > Policies/,
  ],
  [
    'nothing there',
    { kind: 'not-found', summary: summary(404) },
    /organization MyOrg was not found/,
    /^Set the input organization/,
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
    /limits the requests of this identity/,
    /again later.*fewer jobs/,
  ],
  [
    'a server that is not available',
    { kind: 'throttled', summary: summary(503, { retryAfter: '3600' }) },
    /not available at the moment \(503\)/,
    /again later.*status\.dev\.azure\.com/,
  ],
  [
    'a policy',
    { kind: 'conditional-access', summary: summary(401, { serverMessage: 'VS403463' }) },
    /Conditional Access policy in Microsoft Entra blocks the identity in MyOrg/,
    /Entra ID > Conditional Access > Policies/,
  ],
  [
    'a web page',
    { kind: 'web-page', summary: summary(200), contentType: 'text/html', isRestAddress: true },
    /response for the organization is a web page/,
    /^Check the spelling of the input organization/,
  ],
  [
    'anything else, with a reason',
    {
      kind: 'unexpected',
      summary: summary(400, { serverMessage: 'a', activityId: 'b' }),
    },
    /unexpected status 400/,
    /^If the server message names an input or a variable of your pipeline, correct it\. If it does not, give the activity ID to Microsoft support\. .*verifyMembership to false\.$/,
  ],
  [
    'anything else',
    { kind: 'unexpected', summary: summary(400) },
    /unexpected status 400/,
    /^A proxy may have responded.*ask its administrator\. Otherwise, contact Microsoft support\. .*verifyMembership to false\.$/,
  ],
  [
    'anything else, with an activity ID only',
    { kind: 'unexpected', summary: summary(400, { activityId: 'b' }) },
    /unexpected status 400/,
    /^Give the activity ID to Microsoft support\. .*verifyMembership to false\.$/,
  ],
  [
    'a page of a proxy',
    { kind: 'proxy-page', summary: summary(200) },
    /web page was returned that does not look like one of Azure DevOps/,
    /proxy or the firewall/,
  ],
  [
    'a server error',
    { kind: 'server-error', summary: summary(500) },
    /server error \(500\)/,
    /verifyMembership to false\.$/,
  ],
  [
    'a redirect',
    { kind: 'redirect', summary: summary(302), target: 'https://##vso' },
    /redirects to https:\/\/\*\*vso/,
    /renamed, set the input organization to its new name\.$/,
  ],
  [
    'a redirect to another organization',
    { kind: 'redirect', summary: summary(302), target: 'https://dev.azure.com/NewOrg' },
    /redirects to https:\/\/dev\.azure\.com\/NewOrg/,
    /renamed, set the input organization to its new name\.$/,
  ],
  [
    'a redirect to a host outside Azure DevOps',
    { kind: 'redirect', summary: summary(302), target: 'https://devops.example.com:8443/x' },
    /redirects to https:\/\/devops\.example\.com:8443\/x/,
    /renamed.* set organization to its new URL, and add this line to allowedHosts: devops\.example\.com:8443$/,
  ],
  [
    'no connection',
    { ...connection, kind: 'connection' },
    /request to h:1 failed: reason \(R\)/,
    /firewall.*HTTPS_PROXY in the environment of the agent\)\.$/,
  ],
  [
    'a server that requests a pause',
    { ...connection, kind: 'wait', reason: 'it requested a pause of 301 s', attempts: 0 },
    /requested a longer pause/,
    /again later/,
  ],
  [
    'a proxy in the way',
    { ...connection, kind: 'proxy', attempts: 1 },
    /proxy h:1 failed: reason \(R\)/,
    /HTTPS_PROXY, ALL_PROXY or HTTP_PROXY.*NO_PROXY\. .* restart the agent\.$/,
  ],
  [
    'the proxy of the agent',
    { ...connection, kind: 'proxy', source: 'agent' },
    /proxy h:1 failed/,
    /config --proxyurl.*\.proxybypass/,
  ],
  [
    'a proxy that is none',
    { ...connection, kind: 'proxy', host: 'in all_proxy', variable: 'all_proxy', attempts: 0 },
    /proxy in all_proxy failed/,
    /^Correct all_proxy in the environment of the agent .* remove it\.$/,
  ],
  [
    'a certificate that is not trusted',
    { ...connection, kind: 'certificate', attempts: 1 },
    /certificate of h:1 is not trusted \(reason \(R\)\)/,
    /NODE_EXTRA_CA_CERTS.*--sslcacert/,
  ],
  [
    'a certificate that has expired',
    { ...connection, kind: 'certificate', reason: 'CERT_HAS_EXPIRED' },
    /not valid at this time \(CERT_HAS_EXPIRED\)/,
    /^Check the clock of the agent machine\..*renew the certificate\.$/,
  ],
  [
    'a certificate of another host',
    { ...connection, kind: 'certificate', reason: 'ERR_TLS_CERT_ALTNAME_INVALID' },
    /is for another host \(ERR_TLS_CERT_ALTNAME_INVALID\)/,
    /^Another server responds at this address\. Ask .* exempt h:1 from the proxy .* DNS entry\.$/,
  ],
];

const OTHER_IDENTITIES: readonly Row<OrganizationProblem>[] = [
  [
    'a token that does not show its identity',
    toProblem({ clientId: undefined, objectId: undefined, tenantId: undefined }),
    /^The identity of this agent is not a member of MyOrg\./,
    /must belong to the tenant theirs/,
  ],
  [
    'a service connection',
    toProblem({ clientId: undefined, objectId: 'o', tenantId: 'theirs', connectionId: 'id' }),
    /^The identity of the service connection id is not a member of MyOrg\./,
    /Users > Add users/,
  ],
  [
    'a service connection of another tenant',
    {
      ...toProblem({ clientId: undefined, objectId: 'o', tenantId: 'own', connectionId: 'id' }),
      kind: 'other-tenant',
      summary: summary(401),
    },
    /^MyOrg belongs to another Microsoft Entra tenant/,
    /^Use a service connection whose identity is in the tenant theirs\. Or set the input organization/,
  ],
];

function toProblem(identityDetails: OrganizationProblem['identityDetails']): OrganizationProblem {
  const problem = { kind: 'unknown-identity', summary: summary(401) } as const;
  return { ...CONTEXT, identityDetails, organizationTenantId: 'theirs', ...problem };
}

describe('the errors of the membership check', () => {
  const rows = CASES.map(([name, problem, ...texts]): Row<OrganizationProblem> => [
    name,
    { ...CONTEXT, ...problem },
    ...texts,
  ]);
  checkErrors('organization', [...rows, ...OTHER_IDENTITIES], organizationError);

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
