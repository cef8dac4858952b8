import {
  identityError,
  type IdentityProblem,
} from '../../../tasks/AzureDevOpsTokenV1/src/errors/identity';
import { checkErrors, type Row } from './check-error';

const endpoint = 'http://169.254.169.254';
const requested = { input: 'clientId', value: '0000' };
const serverMessage = '##vso[x] said';
const variable = 'AZURE_CLIENT_ID';

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
    /agent has no managed identity/,
    /Microsoft-hosted agents have no.*connectionType: azureDevOps\)\.$/,
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
    /agent has no managed identity/,
    /runs in a container.* set "target: host" on the step/,
  ],
  [
    'an unknown identity',
    { kind: 'identity-not-found', endpoint, requested, serverMessage },
    /does not have the identity with the clientId 0000/,
    /Identity > User assigned.*Or correct clientId\.$/,
  ],
  [
    'no system-assigned identity',
    { kind: 'no-identity', endpoint, serverMessage, isContainerJob: false },
    /no system-assigned identity/,
    /System assigned on.*set the input clientId\. Microsoft-hosted/,
  ],
  [
    'no system-assigned identity in a container job',
    { kind: 'no-identity', endpoint, serverMessage, isContainerJob: true },
    /no system-assigned identity/,
    /set "target: host" on the step/,
  ],
  [
    'several identities',
    { kind: 'several-identities', endpoint, serverMessage },
    /several user-assigned identities/,
    /inputs clientId, objectId and resourceId\.$/,
  ],
  [
    'a refusal without a server message',
    { kind: 'endpoint-refused', endpoint, status: 403, serverMessage: undefined },
    /refused the request with the status 403/,
    /Docker Desktop \(which returns 403\)/,
  ],
  [
    'a refusal with a server message',
    { kind: 'endpoint-refused', endpoint, status: 400, serverMessage },
    /refused the request with the status 400/,
    /NO_PROXY/,
  ],
  [
    'a response that is no token',
    { kind: 'not-a-token', endpoint, status: 200, reason: '##[x' },
    /returned no usable token: \*\*\[x/,
    /probably responded/,
  ],
  [
    'a response that is no HTTP',
    { kind: 'not-a-token', endpoint, status: undefined, reason: 'x' },
    /returned no usable token: x/,
    /probably responded/,
  ],
  [
    'a busy endpoint',
    {
      kind: 'endpoint-busy',
      endpoint,
      reason: 'it returned 429',
      attempts: 14,
      elapsedMs: 90_600,
      retryAfterMs: undefined,
    },
    /is busy/,
    /again in a few minutes\.$/,
  ],
  [
    'a busy endpoint that asks to wait, in whole seconds',
    {
      kind: 'endpoint-busy',
      endpoint,
      reason: 'it returned 503',
      attempts: 1,
      elapsedMs: 12,
      retryAfterMs: 599_001,
    },
    /is busy/,
    /again in a few minutes\.$/,
  ],
  [
    'a token that expires soon',
    { kind: 'expires-soon', minimumLifetimeMs: 300_000, expiresOn: LATER, now: NOON },
    /expires at 2030-01-01T12:01:00Z, sooner than minimumLifetimeInMinutes \(5\)/,
    /correct the clock/,
  ],
  [
    'a token that expires at this moment',
    { kind: 'expires-soon', minimumLifetimeMs: 60_000, expiresOn: NOON, now: NOON },
    /expired at 2030-01-01T12:00:00Z/,
    /correct the clock/,
  ],
  [
    'a token without an expiry',
    { kind: 'no-expiry', endpoint },
    /does not show when it expires/,
    /returns expires_on or expires_in/,
  ],
  [
    'a token for another audience',
    { kind: 'wrong-audience', endpoint, expected: 'azure-devops', actual: '##[x' },
    /for the audience \*\*\[x, not for Azure DevOps/,
    /probably responded/,
  ],
  [
    'a token of another identity',
    { kind: 'wrong-identity', requested, actual: '##[x' },
    /belongs to another identity/,
    /^Correct clientId/,
  ],
  [
    'an id where there is a single identity',
    { kind: 'unsupported-id', source: 'Azure Arc', requested, ids: [] },
    /does not support clientId/,
    /one identity: remove clientId/,
  ],
  [
    'an id in place of another one',
    {
      kind: 'unsupported-id',
      source: 'Service Fabric',
      requested,
      ids: ['objectId', 'resourceId'],
    },
    /does not support clientId/,
    /^Set objectId or resourceId of the same identity, and remove clientId/,
  ],
  [
    'a file of Azure Arc',
    { kind: 'challenge', endpoint, path: '/x##[y', reason: '##[z' },
    /could not read the key file that Azure Arc names: \*\*\[z/,
    /group himds/,
  ],
  [
    'a foreign endpoint',
    { kind: 'endpoint-not-local', source: 'MSI_ENDPOINT', host: '##[x' },
    /identity endpoint \*\*\[x is not an address of the agent machine \(MSI_ENDPOINT\)/,
    /^Correct or remove MSI_ENDPOINT/,
  ],
  [
    'a pod without a tenant',
    { kind: 'pod-without-id', variable: 'AZURE_TENANT_ID' },
    /The pod has no AZURE_TENANT_ID/,
    /tenant-id to the service account.*restart the pod\.$/,
  ],
  [
    'a pod without a client id',
    { kind: 'pod-without-id', variable },
    /The pod has no AZURE_CLIENT_ID/,
    /client-id to the service account.*Or set the input clientId\.$/,
  ],
  [
    'a pod whose client id a variable hides',
    { kind: 'pod-id-hidden', variable },
    /replaces AZURE_CLIENT_ID/,
    /^Rename that pipeline variable.*Or set the input clientId\.$/,
  ],
  [
    'a pod whose tenant a variable hides',
    { kind: 'pod-id-hidden', variable: 'AZURE_TENANT_ID' },
    /replaces AZURE_TENANT_ID/,
    /^Rename that pipeline variable.*in the other steps that need it\.$/,
  ],
  [
    'a library that asks for nothing',
    { kind: 'library', name: 'Credential##[Error', requested: undefined },
    /library @azure\/identity failed \(Credential\*\*\[Error\)/,
    /environment of the agent/,
  ],
  [
    'a library that cannot ask for an identity',
    { kind: 'library', name: 'Error', requested },
    /library @azure\/identity failed/,
    /^Remove clientId/,
  ],
];

describe('the errors of the identity', () => {
  checkErrors('identity', CASES, identityError);
});
