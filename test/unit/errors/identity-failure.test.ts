import assert from 'node:assert/strict';
import { IdentityFailure } from '../../../tasks/AzureDevOpsTokenV1/src/errors/identity-failure';
import type { IdentityProblem } from '../../../tasks/AzureDevOpsTokenV1/src/errors/identity-problems';

const endpoint = 'http://169.254.169.254';
const requested = { input: 'clientId', value: '0000' };
const serverMessage = '##vso[x] said';

const NO_IDENTITY =
  'This machine offers no managed identity. Microsoft-hosted agents have none: run the job on a virtual machine, a scale set or ' +
  'a Managed DevOps Pool that has one, or use a service connection (connectionType: azureDevOps).';
const CONTAINER =
  ' The job runs in a container, from which the endpoint may be out of reach: set "target: host" on the step, or give the container a route to it.';
const ATTEMPT = `Getting a token from the managed identity endpoint ${endpoint}: `;

const CASES: readonly (readonly [string, IdentityProblem, string, string])[] = [
  [
    'no endpoint',
    {
      kind: 'no-endpoint',
      endpoint,
      reason: 'refused',
      attempts: 4,
      elapsedMs: 9_100,
      isContainerJob: false,
    },
    `${ATTEMPT}refused, 4 attempts in 9 s.`,
    NO_IDENTITY,
  ],
  [
    'no endpoint in a container job',
    {
      kind: 'no-endpoint',
      endpoint,
      reason: 'refused',
      attempts: 1,
      elapsedMs: 40,
      isContainerJob: true,
    },
    `${ATTEMPT}refused, 1 attempt.`,
    NO_IDENTITY + CONTAINER,
  ],
  [
    'an unknown identity',
    { kind: 'identity-not-found', endpoint, requested, serverMessage, isContainerJob: true },
    `${ATTEMPT}it found no identity with the clientId 0000 (400 **vso[x] said).`,
    'Assign that identity to this machine (in the Azure portal: Identity > User assigned of the virtual machine or scale set, ' +
      'Settings > Identity of the Managed DevOps Pool), or correct clientId.',
  ],
  [
    'no system-assigned identity',
    {
      kind: 'identity-not-found',
      endpoint,
      requested: undefined,
      serverMessage,
      isContainerJob: false,
    },
    `${ATTEMPT}it found no system-assigned identity (400 **vso[x] said).`,
    'Switch the system-assigned identity of this machine on (in the Azure portal: Identity > System assigned), or assign it a ' +
      `user-assigned one (Identity > User assigned). ${NO_IDENTITY}`,
  ],
  [
    'several identities',
    { kind: 'several-identities', endpoint, serverMessage },
    `${ATTEMPT}the machine has several user-assigned identities, and none was named (400 **vso[x] said).`,
    'Choose one of them with one of the inputs clientId, objectId and resourceId.',
  ],
  [
    'a refusal without words',
    { kind: 'endpoint-refuses', endpoint, status: 403, serverMessage: undefined },
    `${ATTEMPT}it answered 403.`,
    'Repeating the request would not help. See what answers at this address: the identity service may refuse this process, or a ' +
      'proxy, a firewall or Docker Desktop (403) may stand in front of it.',
  ],
  [
    'a busy endpoint',
    {
      kind: 'endpoint-busy',
      endpoint,
      reason: 'it answered 429',
      attempts: 14,
      elapsedMs: 90_600,
      retryAfterMs: undefined,
    },
    `${ATTEMPT}it answered 429, 14 attempts in 91 s.`,
    'The endpoint is overloaded or being updated, which passes: run the job again in a few minutes.',
  ],
  [
    'a token for another audience',
    {
      kind: 'wrong-audience',
      endpoint: 'http://169.254.169.254',
      expected: 'azure-devops',
      actual: '##[x',
    },
    'Checking the token: it is for the audience **[x, not for Azure DevOps (azure-devops).',
    'The token was thrown away. See what answers in place of the identity service (http://169.254.169.254).',
  ],
  [
    'a token of another identity',
    { kind: 'wrong-identity', requested, actual: '##[x' },
    'Checking the token: it is of the clientId **[x, and 0000 was asked for.',
    'The token was thrown away. Correct clientId, or see which identities this machine really has.',
  ],
  [
    'a foreign endpoint',
    { kind: 'foreign-endpoint', source: 'MSI_ENDPOINT', host: '##[x' },
    'Looking for the managed identity endpoint: MSI_ENDPOINT points to **[x.',
    'A token is taken only from http://localhost or from a loopback, link-local or private address of the machine, written as a ' +
      'number. Correct or remove the variable where the agent is started.',
  ],
  [
    'a pod without a tenant',
    { kind: 'pod-without-id', variable: 'AZURE_TENANT_ID', isHidden: false },
    'Getting a token for the workload identity of this pod: the pod has no AZURE_TENANT_ID.',
    'See that its service account has the annotations of Microsoft Entra Workload ID.',
  ],
  [
    'a pod whose client id a variable hides',
    { kind: 'pod-without-id', variable: 'AZURE_CLIENT_ID', isHidden: true },
    'Getting a token for the workload identity of this pod: a variable of the pipeline hides AZURE_CLIENT_ID of the pod.',
    'Give that variable another name, and hand it to the tools that need it under env:, or set the input clientId.',
  ],
  [
    'a library that asks for nothing',
    { kind: 'library', name: 'Credential##[Error', requested: undefined },
    'Getting a token: @azure/identity did not ask for one (Credential**[Error).',
    'See which identity endpoint the environment of the agent describes: the library makes nothing of it.',
  ],
  [
    'a library that cannot ask for an identity',
    { kind: 'library', name: 'Error', requested },
    'Getting a token: @azure/identity did not ask for one (Error).',
    'The identity endpoint that the environment of the agent describes takes no clientId: try without.',
  ],
];

const EXPIRY = { kind: 'expires-soon', minimumLifetimeMs: 300_000 } as const;
const NOON = new Date('2030-01-01T12:00:00.123Z');

describe('a failure of the identity', () => {
  for (const [name, problem, message, hint] of CASES) {
    it(`tells ${name}: what happened, and what to do`, () => {
      const failure = new IdentityFailure(problem);
      assert.equal(failure.message, message);
      assert.equal(failure.hint, hint);
      assert.equal(failure.problem, problem);
    });
  }

  it('tells the words of the server with a refusal, made harmless', () => {
    const failure = new IdentityFailure({
      kind: 'endpoint-refuses',
      endpoint,
      status: 400,
      serverMessage,
    });
    assert.equal(failure.message, `${ATTEMPT}it answered 400 (**vso[x] said).`);
  });

  it('tells what came in place of a token', () => {
    const failure = new IdentityFailure({
      kind: 'not-a-token',
      endpoint,
      status: 200,
      reason: '##[x',
    });
    assert.equal(
      failure.message,
      `${ATTEMPT}it answered 200 with something other than a token (**[x).`,
    );
    assert.match(failure.hint, /^See what answers at this address/);
  });

  it('tells how long a busy endpoint asks to wait, in whole seconds', () => {
    const { message } = new IdentityFailure({
      kind: 'endpoint-busy',
      endpoint,
      reason: 'it answered 503',
      attempts: 1,
      elapsedMs: 12,
      retryAfterMs: 599_001,
    });
    assert.equal(
      message,
      `${ATTEMPT}it answered 503, 1 attempt. It asks to wait 600 seconds (Retry-After).`,
    );
  });

  it('tells when a token expires, and the lifetime that was asked for', () => {
    const expiresOn = new Date(NOON.getTime() + 60_000);
    assert.equal(
      new IdentityFailure({ ...EXPIRY, expiresOn, now: NOON }).message,
      'Checking the token: it expires at 2030-01-01T12:01:00Z, and now it is 2030-01-01T12:00:00Z. The step asks for a ' +
        'lifetime of 5 min (minimumLifetimeInMinutes).',
    );
  });

  it('tells a token that has expired, up to this moment', () => {
    const { message, hint } = new IdentityFailure({ ...EXPIRY, expiresOn: NOON, now: NOON });
    assert.match(message, /it expired at 2030-01-01T12:00:00Z/);
    assert.match(
      hint,
      /^The same token is handed out.*later, lower minimumLifetimeInMinutes, or,.*set the clock/,
    );
  });

  it('tells what came without being HTTP', () => {
    const { message } = new IdentityFailure({
      kind: 'not-a-token',
      endpoint,
      status: undefined,
      reason: 'x',
    });
    assert.equal(message, `${ATTEMPT}it answered with something other than a token (x).`);
  });
});
