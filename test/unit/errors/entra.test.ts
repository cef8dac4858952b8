import assert from 'node:assert/strict';
import {
  entraError,
  type EntraProblem,
  type EntraProblemDetails,
} from '../../../tasks/AzureDevOpsTokenV1/src/errors/entra';
import { findEntraErrorKind } from '../../../tasks/AzureDevOpsTokenV1/src/errors/entra-codes';
import { findOidcKind } from '../../../tasks/AzureDevOpsTokenV1/src/errors/oidc-problems';
import type { Requester } from '../../../tasks/AzureDevOpsTokenV1/src/errors/requester';
import { checkErrors, type Row } from './check-error';

const CONNECTION: Requester = {
  kind: 'connection',
  input: 'azureSubscription',
  id: 'id',
  tenantId: 't',
};
const WORKLOAD: Requester = { kind: 'workload', tenantId: 't', clientId: 'c' };
const MANAGED: Requester = {
  kind: 'managed-identity',
  endpoint: 'http://169.254.169.254',
  requested: { input: 'clientId', value: '0000' },
};
const oidc = { host: 'dev.azure.com', serverMessage: 'TF1: ##[x', activityId: 'a##[b' };
const refused = { status: 400, serverMessage: 'AADSTS1: ##vso[x', correlationId: 'c\n1' };

const CASES: readonly Row<EntraProblemDetails>[] = [
  [
    'an access token of the job that is not accepted',
    { ...oidc, kind: 'job-token-rejected', status: 401 },
    /did not accept the access token of this job \(System\.AccessToken\): it returned 401/,
    /^Run the job again.*service connection is not the cause/,
  ],
  [
    'a service connection that the pipeline may not use',
    { ...oidc, kind: 'connection-denied', status: 403 },
    /may not use the service connection, or the connection is disabled/,
    /select Enable.*100 days.*Pipeline permissions.*Approvals and checks/s,
  ],
  [
    'a request for an OIDC token that is wrong',
    { ...oidc, kind: 'oidc-rejected', status: 400 },
    /rejected the request for an OIDC token .* status 400/,
    /^If the server message names a setting .*Otherwise, run the job again\. If it fails again, give the activity ID to Microsoft support\.$/,
  ],
  ...[
    'The requested version "7.1" of the resource is under preview.',
    'The api-version is missing.',
  ].map((serverMessage): Row<EntraProblemDetails> => [
    `a request for an OIDC token that the task should not send (${serverMessage})`,
    { ...oidc, kind: 'oidc-rejected', status: 400, serverMessage },
    /rejected the request for an OIDC token .* status 400/,
    /^This is probably a defect of the task.*Report it, with this message, to the publisher of the extension.*Marketplace\.$/,
  ]),
  [
    'a request for an OIDC token with a method that is not supported',
    { ...oidc, kind: 'oidc-rejected', status: 405 },
    /rejected the request for an OIDC token .* status 405/,
    /^This is probably a defect of the task.*Report it, with this message, to the publisher of the extension.*Marketplace\.$/,
  ],
  ...['The job has completed.', 'The plan 1234 is not running.', 'Job 1 was cancelled.'].map(
    (serverMessage): Row<EntraProblemDetails> => [
      `a job that is over (${serverMessage})`,
      { ...oidc, kind: 'oidc-rejected', status: 409, serverMessage },
      /rejected the request for an OIDC token .* status 409/,
      /^The job was already over \(for example cancelled\).*Run the job again\.$/,
    ],
  ),
  [
    'a request for an OIDC token that is wrong, without a reason',
    {
      kind: 'oidc-rejected',
      host: 'h',
      status: 400,
      serverMessage: undefined,
      activityId: undefined,
    },
    /rejected the request for an OIDC token .* status 400/,
    /^Run the job again\. If it happens again, contact Microsoft support\.$/,
  ],
  [
    'Azure DevOps that issues no OIDC token at the moment',
    { ...oidc, kind: 'oidc-unavailable', status: 503 },
    /cannot issue an OIDC token for this job at the moment: it returned 503/,
    /status\.dev\.azure\.com/,
  ],
  [
    'a response without an OIDC token',
    { ...oidc, kind: 'no-oidc-token', status: 200, serverMessage: undefined },
    /dev\.azure\.com returned 200 without an OIDC token/,
    /^Another server probably responded in place of dev\.azure\.com\. Ask .* exempt dev\.azure\.com from the proxy .* DNS entry\.$/,
  ],
  [
    'the same without an ID',
    {
      kind: 'no-oidc-token',
      host: 'h',
      status: 200,
      serverMessage: undefined,
      activityId: undefined,
    },
    /h returned 200 without an OIDC token/,
    /^Another server probably responded in place of h\. Ask .* exempt h from the proxy .* DNS entry\.$/,
  ],
  [
    'an error of Microsoft Entra',
    { ...refused, kind: 'entra-error' },
    /refused to issue a token: AADSTS1/,
    /^Look up the code .*by its correlation ID/,
  ],
  [
    'an error of Microsoft Entra without a message',
    { kind: 'entra-error', status: 400, serverMessage: undefined, correlationId: undefined },
    /refused to issue a token: status 400/,
    /^Ask an administrator of Microsoft Entra to find the sign-in of this identity in the sign-in logs/,
  ],
  [
    'Microsoft Entra in trouble',
    { kind: 'entra-busy', status: 500, serverMessage: undefined, correlationId: undefined },
    /busy or not available/,
    /again in a few minutes/,
  ],
  [
    'no token',
    {
      kind: 'no-token',
      host: 'login.microsoftonline.com',
      status: 200,
      reason: 'the response is not a JSON object',
    },
    /login\.microsoftonline\.com returned no usable token: the response is not a JSON object/,
    /proxy that inspects TLS/,
  ],
  [
    'no response',
    {
      kind: 'connection',
      host: 'h',
      reason: 'connection reset (ECONNRESET)',
      attempts: 1,
      elapsedMs: 0,
    },
    /request to h failed: connection reset/,
    /firewall/,
  ],
  [
    'another authority',
    { kind: 'other-cloud', host: 'h##[x' },
    /h\*\*\[x, which is not the public Azure cloud/,
    /correct or remove AZURE_AUTHORITY_HOST.*on an agent in the public cloud/,
  ],
  [
    'a token of another application or tenant',
    { kind: 'wrong-token', what: 'tenant', expected: 'a', actual: 'b##[' },
    /returned a token for another tenant \(b\*\*\[\)/,
    /probably responded/,
  ],
  [
    'a library that asks for nothing',
    { kind: 'library', name: 'Error' },
    /library @azure\/identity failed/,
    /tenant ID and the client ID/,
  ],
  [
    'the token file of a pod',
    { kind: 'token-file', reason: 'r##[x' },
    /AZURE_FEDERATED_TOKEN_FILE names cannot be used: r\*\*\[x/,
    /azure\.workload\.identity\/use: "true"/,
  ],
];

/** What a code means, and what to do about it for a service connection, a pod and a managed identity. */
const CODES = [
  [
    'no-credential',
    [70021, 70025, 700212, 700213],
    /No federated credential of the identity matches/,
    /Open the connection.*audience api:\/\/AzureADTokenExchange/s,
    /az aks show --name .*--query oidcIssuerProfile\.issuerUrl.*audience api:\/\/AzureADTokenExchange/s,
    /assign it again/,
  ],
  [
    'wrong-issuer',
    [700211],
    /No federated credential of the identity has the issuer/,
    /If it offers Update, select it.*retired issuer https:\/\/vstoken\.dev\.azure\.com/,
    /^1\. .*az aks show --name \{cluster\} --resource-group \{group\} .*\n2\. .*kubectl get pods .*\n3\. .*client ID c, .*Federated credentials\.\n4\. .*exactly this issuer/,
    /assign it again/,
  ],
  [
    'unknown-application',
    [70001, 700011, 700016],
    /has no application with this client ID/,
    /Correct the client ID or the tenant ID in the service connection/,
    /If this step sets the input clientId, correct that input\. Otherwise.*azure\.workload\.identity\/client-id.*sets AZURE_CLIENT_ID/,
    /deleted, and maybe created again.*assign it again.*add it to the organization again.*correct the clientId in the step/s,
  ],
  [
    'unknown-tenant',
    [90002, 900023],
    /does not find the tenant/,
    /Correct the tenant ID in the service connection/,
    /azure\.workload\.identity\/tenant-id.*AZURE_TENANT_ID/,
    /moved to another tenant/,
  ],
  [
    'disabled-application',
    [7000112],
    /is disabled in Microsoft Entra/,
    ...same(/Enterprise applications/),
  ],
  ['several-tenants', [70052], /multitenant/, ...same(/single tenant only/)],
  [
    'assertion-expired',
    [700024],
    /has expired or is not valid yet/,
    /^Run the job again/,
    /renews the file that AZURE_FEDERATED_TOKEN_FILE names/,
    /^Run the job again/,
  ],
  [
    'assertion-unverified',
    [50012, 50013, 50027, 700027, 900384],
    /could not verify the/,
    /Microsoft support/,
    /^1\. Restart the pod.*az aks show .*\.well-known\/openid-configuration/s,
    /^Run the job again/,
  ],
  [
    'issuer-unreachable',
    [50166, 90061, 501661, 900612],
    /could not get the keys of the issuer/,
    /status\.dev\.azure\.com/,
    /az aks show .*\.well-known\/openid-configuration.*confirm with y\. .*\naz aks update --name \{cluster\} --resource-group \{group\}$/s,
    /Run the job again later/,
  ],
  [
    'tenant-policy',
    [700223, 700238, 7002381],
    /A policy of the tenant .* forbids/,
    ...same(
      /to allow this issuer and identity in the policy.*which issuers and identities the policy allows/,
    ),
  ],
  [
    'conditional-access',
    [50131, 53000, 53001, 53002, 53003, 53011, 530032, 530034, 530035],
    /A Conditional Access policy of Microsoft Entra blocks/,
    ...same(/tab Conditional Access names the policy/),
  ],
  [
    'other-cloud-tenant',
    [90038, 900382, 900432, 1000104],
    /different Azure clouds/,
    ...same(/tenant in the public Azure cloud/),
  ],
  [
    'tenant-restrictions',
    [50002, 500021, 500022],
    /network of the agent does not allow access/,
    ...same(/Restrict-Access-To-Tenants/),
  ],
  [
    'no-azure-devops',
    [50001, 500011, 500014],
    /no enabled service principal of Azure DevOps/,
    ...same(/Organization settings > Microsoft Entra/),
  ],
  ['entra-busy', [50196, 90055], /busy or not available/, ...same(/again in a few minutes/)],
  ['entra-error', [70011], /refused to issue a token: AADSTS70011/, ...same(/^Look up the code/)],
] as const;

/** The same remedy for all. */
function same(remedy: RegExp): readonly [RegExp, RegExp, RegExp] {
  return [remedy, remedy, remedy];
}

const REQUESTERS: readonly Requester[] = [CONNECTION, WORKLOAD, MANAGED];

describe('the errors of a token exchange', () => {
  REQUESTERS.forEach((requester, index) => {
    describe(`for a ${requester.kind}`, () => {
      // A managed identity has the errors of Microsoft Entra only.
      const rows = (requester === MANAGED ? [] : CASES).map(
        ([name, problem, ...texts]): Row<EntraProblem> => [
          name,
          { ...problem, requester },
          ...texts,
        ],
      );
      const ofCodes = CODES.map(([kind, [code], cause, ...remedies]): Row<EntraProblem> => [
        `AADSTS${code}`,
        { ...refused, serverMessage: `AADSTS${code}: ##vso[x`, kind, requester },
        cause,
        remedies[index] ?? assert.fail(),
      ]);
      checkErrors(`entra-${requester.kind}`, [...rows, ...ofCodes], entraError);
    });
  });

  it('are told apart by the code of the server', () => {
    for (const [kind, codes] of CODES) {
      const found = codes.map((code) => findEntraErrorKind({ status: 400, code: `AADSTS${code}` }));
      assert.deepEqual(
        found,
        codes.map(() => kind),
      );
    }
  });

  it('have the retired issuer as their cause if the server names it', () => {
    const find = (issuer: string) =>
      findEntraErrorKind({
        status: 401,
        code: 'AADSTS70021',
        serverMessage: `AADSTS70021: No matching … Assertion Issuer: '${issuer}'.`,
      });
    assert.equal(find('https://vstoken.dev.azure.com/7e9c6d20'), 'wrong-issuer');
    assert.equal(find('https://app.vstoken.visualstudio.com'), 'wrong-issuer');
    assert.equal(find('https://login.microsoftonline.com/7e9c6d20/v2.0'), 'no-credential');
  });

  it('are passing for 429, 5xx and what the client says, unless a code says more', () => {
    assert.deepEqual(
      [429, 499, 500].map((status) => findEntraErrorKind({ status })),
      ['entra-busy', 'entra-error', 'entra-busy'],
    );
    assert.equal(findEntraErrorKind({ status: 400, isPassing: true }), 'entra-busy');
    assert.equal(findEntraErrorKind({ status: 500, code: 'AADSTS90002' }), 'unknown-tenant');
  });
});

describe('a request for an OIDC token', () => {
  for (const [kind, statuses] of [
    ['job-token-rejected', [401, 203, 301, 302, 307]],
    ['connection-denied', [403, 404]],
    ['oidc-unavailable', [408, 429, 500, 503, 599]],
    ['oidc-rejected', [400, 402, 405, 409, 410, 422]],
    ['no-oidc-token', [200, 201, 204]],
  ] as const) {
    it(`fails with ${kind} at ${statuses.join(', ')}, but with a sign-in page because of the job token`, () => {
      for (const status of statuses) {
        assert.equal(findOidcKind(status, false), kind);
        assert.equal(findOidcKind(status, true), 'job-token-rejected');
      }
    });
  }
});
