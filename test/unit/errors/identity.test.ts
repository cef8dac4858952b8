import {
  identityError,
  type IdentityProblem,
} from '../../../tasks/AzureDevOpsTokenV1/src/errors/identity';
import { checkError, type Row } from './check-error';

const endpoint = 'http://169.254.169.254';
const requested = { input: 'clientId', value: '0000' };
const serverMessage = '##vso[x] said';
const variable = 'AZURE_CLIENT_ID';

const AT = `Getting a token from the managed identity endpoint ${endpoint}:`;
const POD = 'Getting a token for the workload identity of this pod:';
const NONE = 'This machine offers no managed identity\\. .*\\(connectionType: azureDevOps\\)\\.';

const NOON = new Date('2030-01-01T12:00:00.123Z');
const LATER = new Date(NOON.getTime() + 60_000);

const CASES: readonly Row<IdentityProblem>[] = [
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
    `${AT} refused, 4 attempts in 9 s.`,
    new RegExp(`^${NONE}$`),
  ],
  [
    'no endpoint in a container job',
    {
      kind: 'no-endpoint',
      endpoint,
      reason: 'refused',
      attempts: 2,
      elapsedMs: 9_100,
      isContainerJob: true,
    },
    `${AT} refused, 2 attempts in 9 s.`,
    new RegExp(`^${NONE} The job runs in a container.* set "target: host" on the step`),
  ],
  [
    'an unknown identity',
    { kind: 'identity-not-found', endpoint, requested, serverMessage },
    `${AT} it found no identity with the clientId 0000 (400 **vso[x] said).`,
    /^Assign that identity to this machine .*Managed DevOps Pool\), or correct clientId\.$/,
  ],
  [
    'no system-assigned identity',
    { kind: 'no-identity', endpoint, serverMessage, isContainerJob: false },
    `${AT} it found no system-assigned identity (400 **vso[x] said).`,
    new RegExp(`^Switch the system-assigned identity .*\\(Identity > User assigned\\)\\. ${NONE}$`),
  ],
  [
    'no system-assigned identity in a container job',
    { kind: 'no-identity', endpoint, serverMessage, isContainerJob: true },
    `${AT} it found no system-assigned identity (400 **vso[x] said).`,
    /set "target: host" on the step/,
  ],
  [
    'several identities',
    { kind: 'several-identities', endpoint, serverMessage },
    `${AT} the machine has several user-assigned identities, and none was named (400 **vso[x] said).`,
    /inputs clientId, objectId and resourceId\.$/,
  ],
  [
    'a refusal without a server message',
    { kind: 'endpoint-refuses', endpoint, status: 403, serverMessage: undefined },
    `${AT} it answered 403.`,
    /^Repeating the request would not help\. .*Docker Desktop \(403\)/,
  ],
  [
    'a refusal with a server message',
    { kind: 'endpoint-refuses', endpoint, status: 400, serverMessage },
    `${AT} it answered 400 (**vso[x] said).`,
    /^Repeating the request would not help/,
  ],
  [
    'a response that is no token',
    { kind: 'not-a-token', endpoint, status: 200, reason: '##[x' },
    `${AT} it answered 200 with something other than a token (**[x).`,
    /^See what answers at this address/,
  ],
  [
    'a response that is no HTTP',
    { kind: 'not-a-token', endpoint, status: undefined, reason: 'x' },
    `${AT} it answered with something other than a token (x).`,
    /^See what answers at this address/,
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
    `${AT} it answered 429, 14 attempts in 91 s.`,
    /run the job again in a few minutes\.$/,
  ],
  [
    'a busy endpoint that asks to wait, in whole seconds',
    {
      kind: 'endpoint-busy',
      endpoint,
      reason: 'it answered 503',
      attempts: 1,
      elapsedMs: 12,
      retryAfterMs: 599_001,
    },
    `${AT} it answered 503, 1 attempt. It asks to wait 600 seconds (Retry-After).`,
    /run the job again in a few minutes\.$/,
  ],
  [
    'a token that expires soon',
    { kind: 'expires-soon', minimumLifetimeMs: 300_000, expiresOn: LATER, now: NOON },
    'Checking the token: it expires at 2030-01-01T12:01:00Z, and now it is 2030-01-01T12:00:00Z. The step asks for a lifetime of ' +
      '5 min (minimumLifetimeInMinutes).',
    /later, lower minimumLifetimeInMinutes, or,.*set the clock/,
  ],
  [
    'a token that expires at this moment',
    { kind: 'expires-soon', minimumLifetimeMs: 60_000, expiresOn: NOON, now: NOON },
    'Checking the token: it expired at 2030-01-01T12:00:00Z, and now it is 2030-01-01T12:00:00Z. The step asks for a lifetime of ' +
      '1 min (minimumLifetimeInMinutes).',
    /^The same token is handed out until it is renewed\./,
  ],
  [
    'a token without an expiry',
    { kind: 'no-expiry', endpoint },
    `Checking the token: neither the token nor the response of ${endpoint} says when it expires.`,
    /returns expires_on or expires_in/,
  ],
  [
    'a token for another audience',
    { kind: 'wrong-audience', endpoint, expected: 'azure-devops', actual: '##[x' },
    'Checking the token: it is for the audience **[x, not for Azure DevOps (azure-devops).',
    /^The token was thrown away\. .*\(http:\/\/169\.254\.169\.254\)\.$/,
  ],
  [
    'a token of another identity',
    { kind: 'wrong-identity', requested, actual: '##[x' },
    'Checking the token: it is of the clientId **[x, and 0000 was asked for.',
    /^The token was thrown away\. Correct clientId/,
  ],
  [
    'an id where there is a single identity',
    { kind: 'unsupported-id', source: 'Azure Arc', requested, ids: [] },
    'Getting a token: on this machine it comes from Azure Arc, which takes no clientId.',
    /leave clientId empty\.$/,
  ],
  [
    'an id in place of another one',
    {
      kind: 'unsupported-id',
      source: 'Service Fabric',
      requested,
      ids: ['objectId', 'resourceId'],
    },
    'Getting a token: on this machine it comes from Service Fabric, which takes no clientId.',
    /^It takes objectId or resourceId of the same identity instead\.$/,
  ],
  [
    'a file of Azure Arc',
    { kind: 'challenge', endpoint, path: '/x##[y', reason: '##[z' },
    `${AT} it asks to read the file /x**[y, and that was not done: **[z.`,
    /group himds/,
  ],
  [
    'a foreign endpoint',
    { kind: 'endpoint-not-local', source: 'MSI_ENDPOINT', host: '##[x' },
    'Looking for the managed identity endpoint: MSI_ENDPOINT points to **[x.',
    /^A token is taken only from .*remove the variable where the agent is started\.$/,
  ],
  [
    'a pod without a tenant',
    { kind: 'pod-without-id', variable: 'AZURE_TENANT_ID' },
    `${POD} the pod has no AZURE_TENANT_ID.`,
    /annotations of Microsoft Entra Workload ID\.$/,
  ],
  [
    'a pod without a client id',
    { kind: 'pod-without-id', variable },
    `${POD} the pod has no AZURE_CLIENT_ID.`,
    /Workload ID, or set the input clientId\.$/,
  ],
  [
    'a pod whose client id a variable hides',
    { kind: 'pod-id-hidden', variable },
    `${POD} a variable of the pipeline hides AZURE_CLIENT_ID of the pod.`,
    /^Give that variable another name, .* env:, or set the input clientId\.$/,
  ],
  [
    'a pod whose tenant a variable hides',
    { kind: 'pod-id-hidden', variable: 'AZURE_TENANT_ID' },
    `${POD} a variable of the pipeline hides AZURE_TENANT_ID of the pod.`,
    /^Give that variable another name, .* env:\.$/,
  ],
  [
    'a library that asks for nothing',
    { kind: 'library', name: 'Credential##[Error', requested: undefined },
    'Getting a token: @azure/identity did not ask for one (Credential**[Error).',
    /^See which identity endpoint the environment of the agent describes/,
  ],
  [
    'a library that cannot ask for an identity',
    { kind: 'library', name: 'Error', requested },
    'Getting a token: @azure/identity did not ask for one (Error).',
    /takes no clientId: try without\.$/,
  ],
];

describe('an error of the identity', () => {
  for (const [name, problem, message, hint] of CASES) {
    it(`says what happened and what to do: ${name}`, () => {
      checkError(identityError(problem), { kind: problem.kind, message, hint });
    });
  }
});
