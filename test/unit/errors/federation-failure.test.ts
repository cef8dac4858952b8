import assert from 'node:assert/strict';
import { FederationFailure } from '../../../tasks/AzureDevOpsTokenV1/src/errors/federation-failure';
import type {
  EntraProblemDetails,
  Requester,
} from '../../../tasks/AzureDevOpsTokenV1/src/errors/federation-problems';

const CONNECTION: Requester = {
  kind: 'connection',
  input: 'azureSubscription',
  id: 'id',
  tenantId: 't',
};
const WORKLOAD: Requester = { kind: 'workload', tenantId: 't', clientId: 'c' };
const AT = 'Getting a token for the service connection id (azureSubscription): ';

const entra = (code: string | undefined, status = 400): EntraProblemDetails => ({
  kind: 'entra-refuses',
  status,
  code,
  serverMessage: code === undefined ? undefined : `${code}: ##vso[x`,
  correlationId: 'c\n1',
});

const CASES: readonly (readonly [string, EntraProblemDetails, string, RegExp])[] = [
  [
    'a job that is not vouched for',
    { kind: 'not-vouched', host: 'dev.azure.com', status: 403, activityId: 'a##[b' },
    `${AT}Azure DevOps (dev.azure.com) was asked to vouch for this job, and answered 403 (activity id a**[b).`,
    /^See that the service connection is there.*The answer is not shown/,
  ],
  [
    'the same without an id',
    { kind: 'not-vouched', host: 'dev.azure.com', status: 200, activityId: undefined },
    `${AT}Azure DevOps (dev.azure.com) was asked to vouch for this job, and answered 200.`,
    /^See that the service connection is there/,
  ],
  [
    'an error of Microsoft Entra',
    entra('AADSTS1'),
    `${AT}Microsoft Entra answered 400 ("AADSTS1: **vso[x"; correlation id c 1).`,
    /^See what Microsoft Entra says.*mend the service connection/,
  ],
  [
    'Microsoft Entra in trouble',
    { ...entra(undefined, 500), correlationId: undefined } as EntraProblemDetails,
    `${AT}Microsoft Entra answered 500.`,
    /^Microsoft Entra is busy or in trouble/,
  ],
  [
    'no token',
    { kind: 'no-token', host: 'login.microsoftonline.com', status: 200, reason: 'no JSON object' },
    `${AT}login.microsoftonline.com answered 200 with something that cannot be used (no JSON object).`,
    /^Something in between/,
  ],
  [
    'no answer',
    {
      kind: 'no-answer',
      why: { kind: 'connection', host: 'h', reason: 'r', attempts: 1, elapsedMs: 0 },
    },
    `${AT}h: r, 1 attempt.`,
    /^See whether a firewall/,
  ],
  [
    'another authority',
    { kind: 'elsewhere', host: 'h##[x' },
    `${AT}it would have to be asked for at h**[x.`,
    /^Tokens for Azure DevOps Services are asked for at https:\/\/login\.microsoftonline\.com only/,
  ],
  [
    'a token of somebody else',
    { kind: 'wrong-token', what: 'tenant', expected: 'a', actual: 'b##[' },
    `${AT}it is of the tenant b**[, and not of a.`,
    /^The token was thrown away/,
  ],
  [
    'a library that asks for nothing',
    { kind: 'library', name: 'Error' },
    `${AT}@azure/identity did not ask for one (Error).`,
    /^See whether what the agent says/,
  ],
];

describe('a failure of a federation', () => {
  for (const [name, problem, message, hint] of CASES) {
    it(`tells ${name}: what happened, and what to do`, () => {
      const failure = new FederationFailure({ ...problem, requester: CONNECTION });
      assert.equal(failure.message, message);
      assert.match(failure.hint, hint);
    });
  }

  it('tells the file of a pod', () => {
    const problem = { kind: 'token-file', reason: 'r##[x' } as const;
    const failure = new FederationFailure({ ...problem, requester: WORKLOAD });
    assert.equal(
      failure.message,
      'Getting a token for the workload identity of this pod: the file that AZURE_FEDERATED_TOKEN_FILE names cannot be used: r**[x.',
    );
    assert.match(failure.hint, /azure\.workload\.identity\/use: "true"/);
  });

  for (const [codes, ofConnection, ofPod] of [
    [
      [70021, 70025, 700211, 700212, 700213],
      /Open the connection.*audience api:\/\/AzureADTokenExchange/,
      /issuer of the cluster.*audience api:\/\/AzureADTokenExchange/,
    ],
    [
      [700016],
      /Correct the service connection/,
      /Correct AZURE_CLIENT_ID \(or the input clientId\) of the pod/,
    ],
    [
      [90002, 900023],
      /no tenant t\. Correct the tenant of the service/,
      /AZURE_TENANT_ID of the pod/,
    ],
    [[7000112], /is disabled/, /is disabled/],
    [[70052], /several tenants/, /several tenants/],
    [
      [700024],
      /too old: run the job again/,
      /renews the file that AZURE_FEDERATED_TOKEN_FILE names/,
    ],
    [[70011], /Then mend the service connection/, /Then mend the managed identity of the pod/],
  ] as const) {
    it(`tells what AADSTS${codes.join(', ')} means for a connection and for a pod`, () => {
      for (const code of codes) {
        const problem = entra(`AADSTS${code}`);
        assert.match(
          new FederationFailure({ ...problem, requester: CONNECTION }).hint,
          ofConnection,
        );
        assert.match(new FederationFailure({ ...problem, requester: WORKLOAD }).hint, ofPod);
      }
    });
  }

  it('takes 429 and 5xx for passing, where no code says more', () => {
    for (const [status, hint] of [
      [429, /is busy/],
      [499, /See what/],
      [500, /is busy/],
    ] as const) {
      const problem = entra(undefined, status);
      assert.match(new FederationFailure({ ...problem, requester: CONNECTION }).hint, hint);
    }
  });
});
