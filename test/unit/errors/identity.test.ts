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

/** What an endpoint says of an identity that it does not have. */
const said = { endpoint, status: 400, serverMessage, isAgentConnection: false };
const isAgentConnection = true;
const refused = { kind: 'endpoint-refused', endpoint, status: 400, serverMessage } as const;
const silent = {
  endpoint: 'http://localhost:40342',
  reason: 'refused',
  attempts: 4,
  elapsedMs: 9_100,
  isContainerJob: false,
};

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
    /runs in a container.* set "target: host" on this step/,
  ],
  [
    'an unknown identity',
    { ...said, kind: 'identity-not-found', requested, platform: 'imds' },
    /does not have the identity with the clientId 0000/,
    /the VM or scale set.*Security > Identity > User assigned.*Settings > Identity\. Or correct the input clientId of this step\.$/,
  ],
  [
    'an unknown identity of App Service',
    { ...said, kind: 'identity-not-found', requested, platform: 'app-service' },
    /does not have the identity with the clientId 0000/,
    /open the app, .*Identity > User assigned\. Or correct the input clientId of this step\.$/,
  ],
  [
    'an unknown identity of a service connection',
    { ...said, kind: 'identity-not-found', requested, platform: 'imds', isAgentConnection },
    /service connection names the identity 0000, which this agent does not have/,
    /Identity > User assigned.*set connectionType: managedIdentity in place of azureRM, and set clientId/,
  ],
  [
    'no system-assigned identity',
    { ...said, kind: 'no-identity', platform: 'imds', isContainerJob: false },
    /no system-assigned identity/,
    /System assigned, and set Status to On.*set the input clientId of this step to the client ID.*\n- Microsoft-hosted/s,
  ],
  [
    'no system-assigned identity for a service connection',
    { ...said, kind: 'no-identity', platform: 'imds', isContainerJob: false, isAgentConnection },
    /no system-assigned identity/,
    /System assigned, and set Status to On.*set connectionType: managedIdentity, and clientId to the client ID.*\n- Microsoft-hosted/s,
  ],
  [
    'no identity in Service Fabric',
    { ...said, kind: 'no-identity', platform: 'service-fabric', isContainerJob: false },
    /no system-assigned identity/,
    /^Add an identity to the application .*IdentityBindingPolicy.*\. Microsoft-hosted/,
  ],
  [
    'no identity of a server of Azure Arc',
    { ...said, kind: 'no-identity', platform: 'arc', isContainerJob: false },
    /no system-assigned identity/,
    /^Connect the server to Azure Arc again \(azcmagent connect\).*\. Microsoft-hosted/,
  ],
  [
    'no system-assigned identity in a container job',
    { ...said, kind: 'no-identity', platform: 'imds', isContainerJob: true },
    /no system-assigned identity/,
    /set "target: host" on this step/,
  ],
  [
    'several identities',
    { ...said, kind: 'several-identities' },
    /several user-assigned identities/,
    /inputs clientId, objectId and resourceId of this step, for example clientId/,
  ],
  [
    'several identities for a service connection',
    { ...said, kind: 'several-identities', isAgentConnection },
    /several user-assigned identities/,
    /^Set connectionType: managedIdentity in place of azureRM, and set clientId .*\(azureRM\) cannot choose/,
  ],
  [
    'user-assigned identities only',
    { ...said, kind: 'no-default-identity', platform: 'app-service' },
    /names no identity, and the app of this agent has no system-assigned one/,
    /^Set the input clientId of this step to .* system-assigned identity of the app \(in the Azure portal, Settings > Identity > System assigned\)\.$/,
  ],
  [
    'user-assigned identities only for a service connection',
    {
      ...said,
      status: 404,
      kind: 'no-default-identity',
      platform: 'container-instances',
      isAgentConnection,
    },
    /names no identity, and the container group of this agent has no system-assigned one/,
    /^Set connectionType: managedIdentity in place of azureRM, and set clientId /,
  ],
  [
    'an endpoint that a variable names',
    { ...silent, kind: 'named-endpoint', platform: 'arc', namedBy: 'IDENTITY_ENDPOINT' },
    /No identity service responds at http:\/\/localhost:40342, which IDENTITY_ENDPOINT names/,
    /systemctl start himdsd.*remove IDENTITY_ENDPOINT from the environment/,
  ],
  [
    'an endpoint that a variable names, in a container job',
    {
      ...silent,
      isContainerJob: true,
      kind: 'named-endpoint',
      platform: 'app-service',
      namedBy: 'IDENTITY_ENDPOINT',
    },
    /No identity service responds at/,
    /^Restart the app.*set "target: host" on this step/,
  ],
  [
    'an endpoint that a file stands for',
    { ...silent, kind: 'named-endpoint', platform: 'arc', namedBy: '/opt/azcmagent/bin/himds' },
    /No identity service responds at http:\/\/localhost:40342, although Azure Arc is installed/,
    /systemctl start himdsd.*uninstall the agent of Azure Arc/,
  ],
  [
    'a refusal without a server message',
    { kind: 'endpoint-refused', endpoint, status: 403, serverMessage: undefined },
    /refused the request with the status 403/,
    /find out which program responds at 169\.254\.169\.254\. .*stop it\. .*exempt the address from it\.\n2\. Docker Desktop returns 403 .*run the agent outside that container\./,
  ],
  [
    'a refusal of an endpoint that a variable names',
    { ...refused, namedBy: 'IDENTITY_ENDPOINT', serverMessage: undefined },
    /refused the request with the status 400/,
    /stop it, or correct IDENTITY_ENDPOINT in the environment of the agent \(.*\) and restart the agent\.(?!.*Docker Desktop)/s,
  ],
  [
    'a redirect',
    { ...refused, status: 302, serverMessage: undefined },
    /redirected the request \(302\)/,
    /^Another program probably responded .*stop it\.(?!.*(?:Docker Desktop|allowlist))/s,
  ],
  [
    'a refusal with a server message',
    refused,
    /refused the request with the status 400/,
    /^1\. Ask the administrator .* at 169\.254\.169\.254\. .*ss -ltnp.*netstat -ano.*stop it\..*\n2\. .*allowlist \(resource InVMAccessControlProfile\)\.$/,
  ],
  [
    'a refusal of the audience',
    {
      kind: 'endpoint-refused',
      endpoint,
      status: 400,
      serverMessage: 'Audience x is not a supported MSI token audience.',
    },
    /refused the request with the status 400/,
    /^The server message says .*audience of Azure DevOps\. Run the job on a VM, scale set or Managed DevOps Pool that has a managed identity/,
  ],
  [
    'a response that is no token',
    { kind: 'not-a-token', endpoint, status: 200, reason: '##[x' },
    /returned no usable token: \*\*\[x/,
    /probably responded(?!.*environment of the agent)/,
  ],
  [
    'a response that is no token, of an endpoint that a variable names',
    { kind: 'not-a-token', endpoint, status: 200, reason: 'x', namedBy: 'IDENTITY_ENDPOINT' },
    /returned no usable token: x/,
    /IDENTITY_ENDPOINT names this address\. If the address is wrong, correct or remove the variable in the environment of the agent \(its service/,
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
      serverMessage: undefined,
    },
    /is busy/,
    /again in a few minutes\.$/,
  ],
  [
    'a busy endpoint that requests a pause, in whole seconds',
    {
      kind: 'endpoint-busy',
      endpoint,
      reason: 'it returned 503',
      attempts: 1,
      elapsedMs: 12,
      retryAfterMs: 599_001,
      serverMessage: 'it ##[said',
    },
    /is busy/,
    /again in a few minutes, when this pause is over\.$/,
  ],
  [
    'a token that expires soon',
    { kind: 'expires-soon', minimumLifetimeMs: 300_000, expiresOn: LATER, now: NOON },
    /expires at 2030-01-01T12:01:00Z, sooner than minimumLifetimeInMinutes \(5\)/,
    /correct the clock/,
  ],
  [
    'a token that has expired, in a step that requires no lifetime',
    { kind: 'expires-soon', minimumLifetimeMs: 0, expiresOn: NOON, now: LATER },
    /expired at 2030-01-01T12:00:00Z/,
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
    /return expires_on or expires_in.*ss -ltnp.*netstat -ano/,
  ],
  [
    'a token for another audience',
    { kind: 'wrong-audience', endpoint, expected: 'azure-devops', actual: '##[x' },
    /for the audience \*\*\[x, not for Azure DevOps/,
    /probably responded/,
  ],
  [
    'a token of another identity',
    { kind: 'wrong-identity', requested, actual: '##[x', isAgentConnection: false },
    /not for the identity that the input clientId names/,
    /^Correct the input clientId of this step\. If the clientId is right.*Security > Identity > User assigned/,
  ],
  [
    'a token of another identity than a service connection names',
    { kind: 'wrong-identity', requested, actual: '##[x', isAgentConnection },
    /not for the identity that the clientId of the service connection names/,
    /^Correct the clientId of the service connection \(Project settings/,
  ],
  [
    'an id where there is a single identity',
    {
      kind: 'unsupported-id',
      source: 'Azure Arc',
      requested,
      ids: [],
      isAgentConnection: false,
    },
    /does not support the input clientId/,
    /^Remove the input clientId from this step, and keep connectionType: managedIdentity\. This agent has only one identity/,
  ],
  [
    'an ID of a service connection where there is a single identity',
    { kind: 'unsupported-id', source: 'Azure Arc', requested, ids: [], isAgentConnection },
    /does not support the client ID that the service connection has/,
    /^Set connectionType: managedIdentity in place of azureRM, and do not set clientId/,
  ],
  [
    'an id in place of another one',
    {
      kind: 'unsupported-id',
      source: 'Service Fabric',
      requested,
      ids: ['objectId', 'resourceId'],
      isAgentConnection: false,
    },
    /does not support the input clientId/,
    /^Set the input objectId or resourceId of this step for the same identity, and remove clientId/,
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
    { kind: 'pod-without-id', variable: 'AZURE_TENANT_ID', isAgentConnection: false },
    /The pod has no AZURE_TENANT_ID/,
    /tenant-id, with the tenant ID of the identity as its value, to the Kubernetes service account.*restart the pod\.$/,
  ],
  [
    'a pod without a client id',
    { kind: 'pod-without-id', variable, isAgentConnection: false },
    /The pod has no AZURE_CLIENT_ID/,
    /client-id, with the client ID of the identity as its value, to the Kubernetes service account.*Or set the input clientId of this step to the client ID of the identity\.$/,
  ],
  [
    'a pod whose client id a variable hides',
    { kind: 'pod-id-hidden', variable, isAgentConnection: false },
    /replaces AZURE_CLIENT_ID/,
    /^Rename that pipeline variable, .*\nAZURE_CLIENT_ID: \$\(myClientId\)\nOr set the input clientId of this step to the client ID of the identity\.$/,
  ],
  [
    'a pod whose tenant a variable hides',
    { kind: 'pod-id-hidden', variable: 'AZURE_TENANT_ID', isAgentConnection: false },
    /replaces AZURE_TENANT_ID/,
    /^Rename that pipeline variable, .* under env:\nAZURE_TENANT_ID: \$\(myTenantId\)$/,
  ],
  [
    'a pod without a client ID, for a service connection',
    { kind: 'pod-without-id', variable, isAgentConnection },
    /The pod has no AZURE_CLIENT_ID/,
    /Or set connectionType: managedIdentity in place of azureRM, and set the input clientId of this step to the client ID of the identity\.$/,
  ],
  [
    'a pod whose client ID is no GUID',
    { kind: 'pod-id-malformed', variable, value: '/subscriptions/##[x', isAgentConnection: false },
    /^AZURE_CLIENT_ID of the pod is set, but it is not a GUID/,
    /azure\.workload\.identity\/client-id.*Or set the input clientId of this step to the client ID of the identity\./,
  ],
  [
    'a pod whose tenant is no GUID',
    {
      kind: 'pod-id-malformed',
      variable: 'AZURE_TENANT_ID',
      value: 'example.com',
      isAgentConnection: false,
    },
    /^AZURE_TENANT_ID of the pod is set, but it is not a GUID/,
    /azure\.workload\.identity\/tenant-id/,
  ],
  [
    'a library that asks for nothing',
    { kind: 'library', name: 'Credential##[Error', requested: undefined, isAgentConnection: false },
    /library @azure\/identity failed \(Credential\*\*\[Error\)/,
    /environment of the agent/,
  ],
  [
    'a library that cannot ask for an identity',
    { kind: 'library', name: 'Error', requested, isAgentConnection: false },
    /library @azure\/identity failed/,
    /^Remove the input clientId from this step\. The identity endpoint/,
  ],
  [
    'a library that cannot request the identity of a service connection',
    { kind: 'library', name: 'Error', requested, isAgentConnection },
    /library @azure\/identity failed/,
    /environment of the agent/,
  ],
];

describe('the errors of the identity', () => {
  checkErrors('identity', CASES, identityError);
});
