import assert from 'node:assert/strict';
import {
  entraError,
  type EntraProblemDetails,
} from '../../../tasks/AzureDevOpsTokenV1/src/errors/entra';
import {
  findEntraErrorKind,
  type EntraErrorKind,
} from '../../../tasks/AzureDevOpsTokenV1/src/errors/entra-codes';
import { findOidcKind } from '../../../tasks/AzureDevOpsTokenV1/src/errors/oidc-problems';
import type { Requester } from '../../../tasks/AzureDevOpsTokenV1/src/errors/requester';
import { checkErrors, type Rows } from './check-error';

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

const rejected = { ...oidc, kind: 'oidc-rejected', status: 400 } as const;
/** A server that says nothing but a status. */
const silent = { host: 'h', serverMessage: undefined, activityId: undefined };
const connection = {
  host: 'h',
  reason: 'connection reset (ECONNRESET)',
  attempts: 1,
  elapsedMs: 0,
};

const CASES: Rows<EntraProblemDetails> = {
  'an access token of the job that is not accepted': [
    { ...oidc, kind: 'job-token-rejected', status: 401 },
    /^Run the job again/,
  ],
  'a service connection that the pipeline may not use': [
    { ...oidc, kind: 'connection-denied', status: 403 },
    /Enable.*Pipeline permissions.*Approvals and checks/s,
  ],
  'a request for an OIDC token that is wrong': [
    rejected,
    /server message.*run the job again.*activity ID/,
  ],
  'a request for an OIDC token that the task should not send (The requested version "7.1" of the resource is under preview.)':
    [
      {
        ...rejected,
        serverMessage: 'The requested version "7.1" of the resource is under preview.',
      },
      /defect of the task.*Report it.*Marketplace/,
    ],
  'a request for an OIDC token that the task should not send (The api-version is missing.)': [
    { ...rejected, serverMessage: 'The api-version is missing.' },
    /defect of the task.*Report it.*Marketplace/,
  ],
  'a request for an OIDC token with a method that is not supported': [
    { ...rejected, status: 405 },
    /defect of the task.*Report it.*Marketplace/,
  ],
  'a job that is over (The job has completed.)': [
    { ...rejected, status: 409, serverMessage: 'The job has completed.' },
    /already over.*Run the job again/,
  ],
  'a job that is over (The plan 1234 is not running.)': [
    { ...rejected, status: 409, serverMessage: 'The plan 1234 is not running.' },
    /already over.*Run the job again/,
  ],
  'a job that is over (Job 1 was cancelled.)': [
    { ...rejected, status: 409, serverMessage: 'Job 1 was cancelled.' },
    /already over.*Run the job again/,
  ],
  'a request for an OIDC token that is wrong, without a reason': [
    { ...rejected, ...silent },
    /^Run the job again.*contact Microsoft support/,
  ],
  'Azure DevOps that issues no OIDC token at the moment': [
    { ...oidc, kind: 'oidc-unavailable', status: 503 },
    /status\.dev\.azure\.com/,
  ],
  'a response without an OIDC token': [
    { ...oidc, kind: 'no-oidc-token', status: 200, serverMessage: undefined },
    /exempt dev\.azure\.com from the proxy .* DNS entry/,
  ],
  'the same without an ID': [
    { ...silent, kind: 'no-oidc-token', status: 200 },
    /exempt h from the proxy .* DNS entry/,
  ],
  'an error of Microsoft Entra': [
    { ...refused, kind: 'entra-error' },
    /^Look up the code .*correlation ID/,
  ],
  'an error of Microsoft Entra without a message': [
    { kind: 'entra-error', status: 400, serverMessage: undefined, correlationId: undefined },
    /administrator of Microsoft Entra.*sign-in logs/,
  ],
  'Microsoft Entra in trouble': [
    { kind: 'entra-busy', status: 500, serverMessage: undefined, correlationId: undefined },
    /again in a few minutes/,
  ],
  'no token': [
    {
      kind: 'no-token',
      host: 'login.microsoftonline.com',
      status: 200,
      reason: 'the response is not a JSON object',
    },
    /proxy that inspects TLS/,
  ],
  'no response': [{ ...connection, kind: 'connection' }, /firewall/],
  'another authority': [
    { kind: 'other-cloud', host: 'h##[x' },
    /correct or remove AZURE_AUTHORITY_HOST.*on an agent in the public cloud/,
  ],
  'a token of another application or tenant': [
    { kind: 'wrong-token', what: 'tenant', expected: 'a', actual: 'b##[' },
    /probably responded/,
  ],
  'a library that asks for nothing': [
    { kind: 'library', name: 'Error' },
    /tenant ID and the client ID/,
  ],
  'the token file of a pod': [
    { kind: 'token-file', reason: 'r##[x' },
    /azure\.workload\.identity\/use: "true"/,
  ],
};

/** The codes of each kind, and what to do for a service connection, a pod and a managed identity if that differs. */
const CODES: Readonly<
  Record<EntraErrorKind, readonly [codes: readonly number[], RegExp, ...RegExp[]]>
> = {
  'no-credential': [
    [70021, 70025, 700212, 700213],
    /Open the connection.*audience api:\/\/AzureADTokenExchange/s,
    /az aks show .*issuerUrl.*audience api:\/\/AzureADTokenExchange/s,
    /assign it again/,
  ],
  'wrong-issuer': [
    [700211],
    /Update.*retired issuer https:\/\/vstoken\.dev\.azure\.com/,
    /\n2\. .*kubectl get pods .*\n3\. .*client ID c, .*Federated credentials\.\n4\. /,
    /assign it again/,
  ],
  'unknown-application': [
    [70001, 700011, 700016],
    /client ID or the tenant ID in the service connection/,
    /input clientId.*azure\.workload\.identity\/client-id.*AZURE_CLIENT_ID/,
    /assign it again.*add it to the organization again.*clientId in the step/s,
  ],
  'unknown-tenant': [
    [90002, 900023],
    /tenant ID in the service connection/,
    /azure\.workload\.identity\/tenant-id.*AZURE_TENANT_ID/,
    /moved to another tenant/,
  ],
  'disabled-application': [[7000112], /Enterprise applications/],
  'several-tenants': [[70052], /single tenant only/],
  'assertion-expired': [
    [700024],
    /^Run the job again/,
    /renews the file that AZURE_FEDERATED_TOKEN_FILE names/,
    /^Run the job again/,
  ],
  'assertion-unverified': [
    [50012, 50013, 50027, 700027, 900384],
    /Microsoft support/,
    /Restart the pod.*az aks show .*\.well-known\/openid-configuration/s,
    /^Run the job again/,
  ],
  'issuer-unreachable': [
    [50166, 90061, 501661, 900612],
    /status\.dev\.azure\.com/,
    /az aks show .*\naz aks update --name \{cluster\} --resource-group \{group\}$/s,
    /Run the job again later/,
  ],
  'tenant-policy': [[700223, 700238, 7002381], /allow this issuer and identity in the policy/],
  'conditional-access': [
    [50131, 53000, 53001, 53002, 53003, 53011, 530032, 530034, 530035],
    /tab Conditional Access/,
  ],
  'other-cloud-tenant': [[90038, 900382, 900432, 1000104], /tenant in the public Azure cloud/],
  'tenant-restrictions': [[50002, 500021, 500022], /Restrict-Access-To-Tenants/],
  'no-azure-devops': [[50001, 500011, 500014], /Organization settings > Microsoft Entra/],
  'entra-busy': [[50196, 90055], /again in a few minutes/],
  'entra-error': [[70011], /^Look up the code/],
};

const REQUESTERS: readonly Requester[] = [CONNECTION, WORKLOAD, MANAGED];

describe('the errors of a token exchange', () => {
  REQUESTERS.forEach((requester, index) => {
    describe(`for a ${requester.kind}`, () => {
      const rows: Record<string, Rows<EntraProblemDetails>[string]> = {};
      // A managed identity has the errors of Microsoft Entra only.
      Object.assign(rows, requester === MANAGED ? {} : CASES);
      for (const [kind, [[code = 0], ...remedies]] of Object.entries(CODES)) {
        const problem = {
          ...refused,
          kind: kind as EntraErrorKind,
          serverMessage: `AADSTS${code}: ##vso[x`,
        };
        rows[`AADSTS${code}`] = [problem, remedies[index] ?? remedies[0]];
      }
      checkErrors(`entra-${requester.kind}`, rows, (problem) =>
        entraError({ ...problem, requester }),
      );
    });
  });

  it('are told apart by the code of the server', () => {
    for (const [kind, [codes]] of Object.entries(CODES)) {
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
