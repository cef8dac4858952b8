import {
  identityError,
  type IdentityProblem,
} from '../../../tasks/AzureDevOpsTokenV1/src/errors/identity';
import { checkErrors, type Rows } from './check-error';

const endpoint = 'http://169.254.169.254';
const requested = { input: 'clientId', value: '0000' } as const;
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
  isInContainer: false,
};

const busy = {
  kind: 'endpoint-busy',
  endpoint,
  reason: 'it returned 503',
  attempts: 1,
  elapsedMs: 12,
  retryAfterMs: undefined,
  serverMessage: undefined,
} as const;

const CASES: Rows<IdentityProblem> = {
  'no endpoint': [
    { ...silent, kind: 'no-endpoint', endpoint },
    /Microsoft-hosted.*connectionType: azureDevOps/,
  ],
  'no endpoint in a container job': [
    { ...silent, kind: 'no-endpoint', endpoint, attempts: 2, isInContainer: true },
    /container.*"target: host"/,
  ],
  'an unknown identity': [
    { ...said, kind: 'identity-not-found', requested, platform: 'imds' },
    /Security > Identity > User assigned.*input clientId/,
  ],
  'an unknown identity of App Service': [
    { ...said, kind: 'identity-not-found', requested, platform: 'app-service' },
    /open the app, .*User assigned.*input clientId/,
  ],
  'an unknown identity of a service connection': [
    { ...said, kind: 'identity-not-found', requested, platform: 'imds', isAgentConnection },
    /User assigned.*connectionType: managedIdentity.*clientId/,
  ],
  'no system-assigned identity': [
    { ...said, kind: 'no-identity', platform: 'imds', isInContainer: false },
    /Status to On.*input clientId.*\n- Microsoft-hosted/s,
  ],
  'no system-assigned identity for a service connection': [
    { ...said, kind: 'no-identity', platform: 'imds', isInContainer: false, isAgentConnection },
    /Status to On.*connectionType: managedIdentity.*\n- Microsoft-hosted/s,
  ],
  'no identity in Service Fabric': [
    { ...said, kind: 'no-identity', platform: 'service-fabric', isInContainer: false },
    /IdentityBindingPolicy.*Microsoft-hosted/,
  ],
  'no identity of a server of Azure Arc': [
    { ...said, kind: 'no-identity', platform: 'arc', isInContainer: false },
    /azcmagent connect.*Microsoft-hosted/,
  ],
  'no system-assigned identity in a container job': [
    { ...said, kind: 'no-identity', platform: 'imds', isInContainer: true },
    /"target: host"/,
  ],
  'several identities': [
    { ...said, kind: 'several-identities' },
    /clientId, objectId and resourceId of this step/,
  ],
  'several identities for a service connection': [
    { ...said, kind: 'several-identities', isAgentConnection },
    /^Set connectionType: managedIdentity.*clientId/,
  ],
  'user-assigned identities only': [
    { ...said, kind: 'no-default-identity', platform: 'app-service' },
    /input clientId.* app .*Identity > System assigned/,
  ],
  'user-assigned identities only for a service connection': [
    {
      ...said,
      status: 404,
      kind: 'no-default-identity',
      platform: 'container-instances',
      isAgentConnection,
    },
    /^Set connectionType: managedIdentity.*clientId/,
  ],
  'an endpoint that a variable names': [
    { ...silent, kind: 'named-endpoint', platform: 'arc', namedBy: 'IDENTITY_ENDPOINT' },
    /start himdsd.*remove IDENTITY_ENDPOINT/,
  ],
  'an endpoint that a variable names, in a container job': [
    {
      ...silent,
      isInContainer: true,
      kind: 'named-endpoint',
      platform: 'app-service',
      namedBy: 'IDENTITY_ENDPOINT',
    },
    /Restart the app.*"target: host"/,
  ],
  'an endpoint that a file stands for': [
    { ...silent, kind: 'named-endpoint', platform: 'arc', namedBy: '/opt/azcmagent/bin/himds' },
    /start himdsd.*uninstall/,
  ],
  'a refusal without a server message': [
    { ...refused, status: 403, serverMessage: undefined },
    /stop it.*exempt the address.*\n2\. Docker Desktop/,
  ],
  'a refusal of an endpoint that a variable names': [
    { ...refused, namedBy: 'IDENTITY_ENDPOINT', serverMessage: undefined },
    /stop it, or correct IDENTITY_ENDPOINT(?!.*Docker Desktop)/s,
  ],
  'a redirect': [
    { ...refused, status: 302, serverMessage: undefined },
    /stop it\.(?!.*(?:Docker Desktop|allowlist))/s,
  ],
  'a refusal with a server message': [
    refused,
    /ss -ltnp.*netstat -ano.*stop it.*\n2\. .*InVMAccessControlProfile/,
  ],
  'a refusal of the audience': [
    { ...refused, serverMessage: 'Audience x is not a supported MSI token audience.' },
    /audience.*VM, scale set or Managed DevOps Pool/,
  ],
  'a response that is no token': [
    { kind: 'not-a-token', endpoint, status: 200, reason: '##[x' },
    /probably responded(?!.*environment of the agent)/,
  ],
  'a response that is no token, of an endpoint that a variable names': [
    { kind: 'not-a-token', endpoint, status: 200, reason: 'x', namedBy: 'IDENTITY_ENDPOINT' },
    /IDENTITY_ENDPOINT.*environment of the agent/,
  ],
  'a response that is no HTTP': [
    { kind: 'not-a-token', endpoint, status: undefined, reason: 'x' },
    /probably responded/,
  ],
  'a busy endpoint': [
    { ...busy, reason: 'it returned 429', attempts: 14, elapsedMs: 90_600 },
    /again in a few minutes\.$/,
  ],
  'a busy endpoint that requests a pause, in whole seconds': [
    { ...busy, retryAfterMs: 599_001, serverMessage: 'it ##[said' },
    /when this pause is over/,
  ],
  'a token that expires soon': [
    { kind: 'expires-soon', minimumLifetimeMs: 300_000, expiresOn: LATER, now: NOON },
    /correct the clock/,
  ],
  'a token that has expired, in a step that requires no lifetime': [
    { kind: 'expires-soon', minimumLifetimeMs: 0, expiresOn: NOON, now: LATER },
    /correct the clock/,
  ],
  'a token that expires at this moment': [
    { kind: 'expires-soon', minimumLifetimeMs: 60_000, expiresOn: NOON, now: NOON },
    /correct the clock/,
  ],
  'a token without an expiry': [
    { kind: 'no-expiry', endpoint },
    /expires_on or expires_in.*ss -ltnp/,
  ],
  'a token for another audience': [
    { kind: 'wrong-audience', endpoint, expected: 'azure-devops', actual: '##[x' },
    /probably responded/,
  ],
  'a token of another identity': [
    { kind: 'wrong-identity', requested, actual: '##[x', isAgentConnection: false },
    /input clientId of this step.*Identity > User assigned/,
  ],
  'a token of another identity than a service connection names': [
    { kind: 'wrong-identity', requested, actual: '##[x', isAgentConnection },
    /clientId of the service connection/,
  ],
  'an id where there is a single identity': [
    { kind: 'unsupported-id', source: 'Azure Arc', requested, ids: [], isAgentConnection: false },
    /Remove the input clientId.*only one identity/,
  ],
  'an ID of a service connection where there is a single identity': [
    { kind: 'unsupported-id', source: 'Azure Arc', requested, ids: [], isAgentConnection },
    /connectionType: managedIdentity.*do not set clientId/,
  ],
  'an id in place of another one': [
    {
      kind: 'unsupported-id',
      source: 'Service Fabric',
      requested,
      ids: ['objectId', 'resourceId'],
      isAgentConnection: false,
    },
    /objectId or resourceId.*remove clientId/,
  ],
  'a file of Azure Arc': [
    { kind: 'challenge', endpoint, path: '/x##[y', reason: '##[z' },
    /group himds/,
  ],
  'a foreign endpoint': [
    { kind: 'endpoint-not-local', source: 'MSI_ENDPOINT', host: '##[x' },
    /^Correct or remove MSI_ENDPOINT/,
  ],
  'a pod without a tenant': [
    { kind: 'pod-without-id', variable: 'AZURE_TENANT_ID', isAgentConnection: false },
    /tenant-id, .*service account.*restart the pod/,
  ],
  'a pod without a client id': [
    { kind: 'pod-without-id', variable, isAgentConnection: false },
    /client-id, .*service account.*Or set the input clientId/,
  ],
  'a pod whose client id a variable hides': [
    { kind: 'pod-id-hidden', variable, isAgentConnection: false },
    /Rename.*\nAZURE_CLIENT_ID: \$\(myClientId\)\nOr set the input clientId/,
  ],
  'a pod whose tenant a variable hides': [
    { kind: 'pod-id-hidden', variable: 'AZURE_TENANT_ID', isAgentConnection: false },
    /Rename.*\nAZURE_TENANT_ID: \$\(myTenantId\)$/,
  ],
  'a pod without a client ID, for a service connection': [
    { kind: 'pod-without-id', variable, isAgentConnection },
    /Or set connectionType: managedIdentity.*input clientId/,
  ],
  'a pod whose client ID is no GUID': [
    { kind: 'pod-id-malformed', variable, value: '/subscriptions/##[x', isAgentConnection: false },
    /client-id.*Or set the input clientId/,
  ],
  'a pod whose tenant is no GUID': [
    {
      kind: 'pod-id-malformed',
      variable: 'AZURE_TENANT_ID',
      value: 'example.com',
      isAgentConnection: false,
    },
    /tenant-id/,
  ],
  'a library that asks for nothing': [
    { kind: 'library', name: 'Credential##[Error', requested: undefined, isAgentConnection: false },
    /environment of the agent/,
  ],
  'a library that cannot ask for an identity': [
    { kind: 'library', name: 'Error', requested, isAgentConnection: false },
    /^Remove the input clientId/,
  ],
  'a library that cannot request the identity of a service connection': [
    { kind: 'library', name: 'Error', requested, isAgentConnection },
    /environment of the agent/,
  ],
};

describe('the errors of the identity', () => {
  checkErrors('identity', CASES, identityError);
});
