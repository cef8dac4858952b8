import assert from 'node:assert/strict';
import {
  entraError,
  findEntraErrorKind,
  type EntraProblem,
  type EntraProblemDetails,
  type Requester,
} from '../../../tasks/AzureDevOpsTokenV1/src/errors/entra';
import { checkErrors, type Row } from './check-error';

const CONNECTION: Requester = {
  kind: 'connection',
  input: 'azureSubscription',
  id: 'id',
  tenantId: 't',
};
const WORKLOAD: Requester = { kind: 'workload', tenantId: 't', clientId: 'c' };
const refused = { status: 400, serverMessage: 'AADSTS1: ##vso[x', correlationId: 'c\n1' };

const CASES: readonly Row<EntraProblemDetails>[] = [
  [
    'a job that is not vouched for',
    { kind: 'no-oidc-token', host: 'dev.azure.com', status: 403, activityId: 'a##[b' },
    /issued no OIDC token for this job.*403/,
    /service connection exists.*may use it.*Approvals and checks/,
  ],
  [
    'the same without an id',
    { kind: 'no-oidc-token', host: 'dev.azure.com', status: 200, activityId: undefined },
    /issued no OIDC token for this job.*200/,
    /service connection exists.*may use it/,
  ],
  [
    'an error of Microsoft Entra',
    { ...refused, kind: 'entra-error' },
    /refused to issue a token: AADSTS1/,
    /Look up the code.* Then correct the /,
  ],
  [
    'Microsoft Entra in trouble',
    { kind: 'entra-busy', status: 500, serverMessage: undefined, correlationId: undefined },
    /busy or not available/,
    /again in a few minutes/,
  ],
  [
    'no token',
    { kind: 'no-token', host: 'login.microsoftonline.com', status: 200, reason: 'no JSON object' },
    /login\.microsoftonline\.com returned no usable token: no JSON object/,
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
    /^Correct or remove AZURE_AUTHORITY_HOST/,
  ],
  [
    'a token of another application or tenant',
    { kind: 'wrong-token', what: 'tenant', expected: 'a', actual: 'b##[' },
    /for another tenant: b\*\*\[/,
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

/** What a code means, and what to do about it for a service connection and for a pod. */
const CODES = [
  [
    'no-credential',
    [70021, 70025, 700211, 700212, 700213],
    /No federated credential of the identity matches/,
    /Open the connection.*audience api:\/\/AzureADTokenExchange/,
    /issuer URL of the cluster.*audience api:\/\/AzureADTokenExchange/,
  ],
  [
    'unknown-application',
    [700016],
    /tenant t has no application with this client ID/,
    /Correct the service connection/,
    /Correct AZURE_CLIENT_ID \(or the input clientId\) of the pod/,
  ],
  [
    'unknown-tenant',
    [90002, 900023],
    /has no tenant t/,
    /Correct the tenant in the service connection/,
    /AZURE_TENANT_ID of the pod/,
  ],
  [
    'disabled-application',
    [7000112],
    /is disabled in Microsoft Entra/,
    /Enterprise applications/,
    /Enterprise applications/,
  ],
  ['several-tenants', [70052], /multitenant/, /single tenant only/, /single tenant only/],
  [
    'assertion-expired',
    [700024],
    /has expired or is not valid yet/,
    /^Run the job again/,
    /renews the file that AZURE_FEDERATED_TOKEN_FILE names/,
  ],
  [
    'entra-error',
    [70011],
    /refused to issue a token/,
    /Then correct the service connection/,
    /Then correct the managed identity of the pod/,
  ],
] as const;

describe('the errors of a token exchange', () => {
  for (const requester of [CONNECTION, WORKLOAD]) {
    describe(`for a ${requester.kind}`, () => {
      const rows = CASES.map(([name, problem, ...texts]): Row<EntraProblem> => [
        name,
        { ...problem, requester },
        ...texts,
      ]);
      const ofCodes = CODES.map(([kind, [code], cause, ...remedies]): Row<EntraProblem> => [
        `AADSTS${code}`,
        { ...refused, serverMessage: `AADSTS${code}: ##vso[x`, kind, requester },
        cause,
        remedies[requester.kind === 'connection' ? 0 : 1],
      ]);
      checkErrors(`entra-${requester.kind}`, [...rows, ...ofCodes], entraError);
    });
  }

  it('are told apart by the code of the server', () => {
    for (const [kind, codes] of CODES) {
      const found = codes.map((code) => findEntraErrorKind(400, `AADSTS${code}`));
      assert.deepEqual(
        found,
        codes.map(() => kind),
      );
    }
  });

  it('are passing for 429 and 5xx, unless a code says more', () => {
    assert.deepEqual(
      [429, 499, 500].map((status) => findEntraErrorKind(status)),
      ['entra-busy', 'entra-error', 'entra-busy'],
    );
    assert.equal(findEntraErrorKind(500, 'AADSTS90002'), 'unknown-tenant');
  });
});
