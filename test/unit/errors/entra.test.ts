import assert from 'node:assert/strict';
import {
  entraError,
  findRefusalKind,
  type EntraProblemDetails,
  type Requester,
} from '../../../tasks/AzureDevOpsTokenV1/src/errors/entra';
import { checkError, type Row } from './check-error';

const CONNECTION: Requester = {
  kind: 'connection',
  input: 'azureSubscription',
  id: 'id',
  tenantId: 't',
};
const WORKLOAD: Requester = { kind: 'workload', tenantId: 't', clientId: 'c' };
const AT = {
  connection: 'Getting a token for the service connection id (azureSubscription): ',
  workload: 'Getting a token for the workload identity of this pod: ',
} as const;
const refused = { status: 400, serverMessage: 'AADSTS1: ##vso[x', correlationId: 'c\n1' };
const REFUSED = 'Microsoft Entra answered 400 ("AADSTS1: **vso[x"; correlation id c 1)';

const CASES: readonly Row<EntraProblemDetails>[] = [
  [
    'a job that is not vouched for',
    { kind: 'no-oidc-token', host: 'dev.azure.com', status: 403, activityId: 'a##[b' },
    'Azure DevOps (dev.azure.com) was asked to vouch for this job, and answered 403 (activity id a**[b)',
    /^See that the service connection is there.*The answer is not shown/,
  ],
  [
    'the same without an id',
    { kind: 'no-oidc-token', host: 'dev.azure.com', status: 200, activityId: undefined },
    'Azure DevOps (dev.azure.com) was asked to vouch for this job, and answered 200',
    /^See that the service connection is there/,
  ],
  [
    'an error of Microsoft Entra',
    { ...refused, kind: 'entra-refuses' },
    REFUSED,
    /^See what Microsoft Entra says.* Then mend the /,
  ],
  [
    'Microsoft Entra in trouble',
    { kind: 'entra-busy', status: 500, serverMessage: undefined, correlationId: undefined },
    'Microsoft Entra answered 500',
    /^Microsoft Entra is busy or in trouble/,
  ],
  [
    'no token',
    { kind: 'no-token', host: 'login.microsoftonline.com', status: 200, reason: 'no JSON object' },
    'login.microsoftonline.com answered 200 with something that cannot be used (no JSON object)',
    /^Something in between/,
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
    'h: connection reset (ECONNRESET), 1 attempt',
    /^See whether a firewall/,
  ],
  [
    'another authority',
    { kind: 'other-cloud', host: 'h##[x' },
    'it would have to be asked for at h**[x',
    /^Tokens for Azure DevOps Services are asked for at https:\/\/login\.microsoftonline\.com only/,
  ],
  [
    'a token of another application or tenant',
    { kind: 'wrong-token', what: 'tenant', expected: 'a', actual: 'b##[' },
    'it is of the tenant b**[, and not of a',
    /^The token was thrown away/,
  ],
  [
    'a library that asks for nothing',
    { kind: 'library', name: 'Error' },
    '@azure/identity did not ask for one (Error)',
    /^See whether what the agent says/,
  ],
  [
    'the token file of a pod',
    { kind: 'token-file', reason: 'r##[x' },
    'the file that AZURE_FEDERATED_TOKEN_FILE names cannot be used: r**[x',
    /azure\.workload\.identity\/use: "true"/,
  ],
];

/** What a code means, and what to do about it for a service connection and for a pod. */
const CODES = [
  [
    'no-credential',
    [70021, 70025, 700211, 700212, 700213],
    /Open the connection.*audience api:\/\/AzureADTokenExchange/,
    /issuer of the cluster.*audience api:\/\/AzureADTokenExchange/,
  ],
  [
    'unknown-application',
    [700016],
    /Correct the service connection/,
    /Correct AZURE_CLIENT_ID \(or the input clientId\) of the pod/,
  ],
  [
    'unknown-tenant',
    [90002, 900023],
    /no tenant t\. Correct the tenant of the service/,
    /AZURE_TENANT_ID of the pod/,
  ],
  ['disabled-application', [7000112], /is disabled/, /is disabled/],
  ['several-tenants', [70052], /several tenants/, /several tenants/],
  [
    'out-of-time',
    [700024],
    /too old: run the job again/,
    /renews the file that AZURE_FEDERATED_TOKEN_FILE names/,
  ],
  [
    'entra-refuses',
    [70011],
    /Then mend the service connection/,
    /Then mend the managed identity of the pod/,
  ],
] as const;

describe('an error of a token exchange', () => {
  for (const requester of [CONNECTION, WORKLOAD]) {
    for (const [name, problem, happened, hint] of CASES) {
      it(`of a ${requester.kind} says what happened and what to do: ${name}`, () => {
        const error = entraError({ ...problem, requester });
        const message = `${AT[requester.kind]}${happened}.`;
        checkError(error, { kind: problem.kind, message, hint });
      });
    }
  }

  for (const [kind, codes, ofConnection, ofPod] of CODES) {
    it(`says what AADSTS${codes.join(', ')} means for a connection and for a pod`, () => {
      for (const code of codes) {
        assert.equal(findRefusalKind(400, `AADSTS${code}`), kind);
      }
      for (const [requester, hint] of [
        [CONNECTION, ofConnection],
        [WORKLOAD, ofPod],
      ] as const) {
        const serverMessage = `AADSTS${codes[0]}: ##vso[x`;
        const error = entraError({ ...refused, serverMessage, kind, requester });
        const happened = REFUSED.replace('AADSTS1', `AADSTS${codes[0]}`);
        checkError(error, { kind, message: `${AT[requester.kind]}${happened}.`, hint });
      }
    });
  }

  it('takes 429 and 5xx for passing, unless a code says more', () => {
    assert.deepEqual(
      [429, 499, 500].map((status) => findRefusalKind(status)),
      ['entra-busy', 'entra-refuses', 'entra-busy'],
    );
    assert.equal(findRefusalKind(500, 'AADSTS90002'), 'unknown-tenant');
  });
});
