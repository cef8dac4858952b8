// What can happen where the token comes from Microsoft Entra: for a service connection, and for a pod.
import { refuse } from '../emulators/entra';
import {
  openHostedAgent,
  openPod,
  POD,
  type HostedOptions,
  type PodOptions,
} from '../emulators/federated-places';
import { DEPLOY, SYSTEM_ASSIGNED, TENANT_ID } from '../emulators/identity-endpoint';
import { openMachine } from '../emulators/places';
import {
  APPLICATION,
  azureDevOps,
  azureRM,
  CONNECTION_ID,
  OF_AGENT,
  OF_GOVERNMENT,
  WITH_CERTIFICATE,
  WITH_SECRET,
} from '../emulators/service-connections';
import type { Scenario } from './scenario';

const OTHER_ID = 'deadbeef-0000-4000-8000-000000000000';
const FORK = { 'System.PullRequest.IsFork': 'True' };
const ARM = { connectionType: 'azureRM', azureSubscription: CONNECTION_ID };

const hosted = (options: HostedOptions = {}) => ({
  open: () => openHostedAgent(options),
  inputs: { connectionType: 'azureDevOps', azureDevOpsServiceConnection: CONNECTION_ID },
});
const arm = (connection: HostedOptions['connection'] = azureRM()) => ({
  open: () => openHostedAgent({ connection }),
  inputs: ARM,
});
const pod = (options: PodOptions = {}) => ({ open: () => openPod(options) });
const answer = (...error: Parameters<typeof refuse>) => ({
  kind: 'response' as const,
  ...refuse(...error),
});
/** The connection is for an identity of this tenant, with this client ID. */
const standingFor = (tenantId: string, clientId: string) =>
  azureDevOps({ parameters: { TenantId: tenantId, ServicePrincipalId: clientId } });

export const FEDERATION_SCENARIOS: readonly Scenario[] = [
  {
    name: 'azure-devops-connection',
    story: 'An Azure DevOps service connection, on an agent without an identity of its own.',
    ...hosted(),
    names: [`as the identity of the service connection ${CONNECTION_ID}:`, APPLICATION.objectId],
    calls: 2,
  },
  {
    name: 'arm-connection',
    story: 'An Azure Resource Manager service connection with workload identity federation.',
    ...arm(),
    names: [`as the identity of the service connection ${CONNECTION_ID}:`],
    calls: 2,
  },
  {
    name: 'arm-connection-of-agent',
    story: 'An Azure Resource Manager service connection for the managed identity of the agent.',
    open: async () => ({ ...(await openMachine()), endpoints: { [CONNECTION_ID]: OF_AGENT } }),
    inputs: ARM,
    names: ['system-assigned managed identity of the agent machine', SYSTEM_ASSIGNED.clientId],
    requests: 1,
  },
  {
    name: 'arm-connection-with-secret',
    story: 'An Azure Resource Manager service connection that has a stored secret.',
    ...arm(WITH_SECRET),
    row: 'unsupported connection',
    alsoRow: 'wrong input',
    names: ['azureSubscription', 'a stored secret (ServicePrincipal)', 'Convert'],
  },
  {
    name: 'arm-connection-with-certificate',
    story: '… a stored certificate.',
    ...arm(WITH_CERTIFICATE),
    row: 'unsupported connection',
    alsoRow: 'wrong input',
    names: ['a stored certificate (ServicePrincipal)', 'Convert'],
  },
  {
    name: 'publish-profile',
    story: '… a publish profile.',
    ...arm(azureRM({ scheme: 'PublishProfile', parameters: { publishProfile: '<xml/>' } })),
    row: 'unsupported connection',
    alsoRow: 'wrong input',
    names: ['PublishProfile', 'Convert'],
  },
  {
    name: 'another-cloud',
    story: 'An Azure Resource Manager service connection of another cloud.',
    ...arm(OF_GOVERNMENT),
    row: 'another cloud',
    alsoRow: 'wrong input',
    names: ['AzureUSGovernment', 'login.microsoftonline.us', 'the public'],
  },
  {
    name: 'no-federated-credential',
    story: 'The application of the service connection has no federated credential for it.',
    ...hosted({ application: { credentials: [] } }),
    row: 'no federated credential',
    names: ['AADSTS700213', 'api://AzureADTokenExchange', CONNECTION_ID],
    calls: 1,
  },
  {
    name: 'unknown-application',
    story: 'The application of the service connection was deleted.',
    ...hosted({ connection: standingFor(TENANT_ID, OTHER_ID) }),
    row: 'unknown application',
    names: [
      'AADSTS700016',
      TENANT_ID,
      'Correct the client ID or the tenant ID in the service connection',
    ],
    calls: 1,
  },
  {
    name: 'unknown-tenant',
    story: 'The service connection names another tenant than there is.',
    ...hosted({ connection: standingFor(OTHER_ID, APPLICATION.clientId) }),
    row: 'unknown tenant',
    names: ['AADSTS90002', OTHER_ID],
    calls: 1,
  },
  {
    name: 'disabled-application',
    story: 'The application of the service connection is disabled.',
    ...hosted({ application: { isDisabled: true } }),
    row: 'disabled application',
    names: ['AADSTS7000112', 'Enterprise applications'],
    calls: 1,
  },
  {
    name: 'application-of-several-tenants',
    story: 'The application of the service connection is for several tenants.',
    ...hosted({
      entra: {
        lastingFault: answer(400, 'invalid_request', [70052, 'The identity must be single tenant']),
      },
    }),
    row: 'application of several tenants',
    names: ['AADSTS70052'],
    calls: 1,
  },
  {
    name: 'assertion-expired',
    story: 'The OIDC token of the job has expired when Microsoft Entra receives it.',
    ...hosted({
      entra: {
        lastingFault: answer(401, 'invalid_client', [
          700024,
          'Client assertion is not within its valid time range.',
        ]),
      },
    }),
    row: 'assertion expired',
    names: ['AADSTS700024'],
    calls: 1,
  },
  {
    name: 'entra-error',
    story: 'Microsoft Entra returns an error code that the task does not know.',
    ...hosted({
      entra: {
        lastingFault: answer(400, 'access_denied', [16003, '##vso[task.complete] Blocked']),
      },
    }),
    row: 'Entra refuses',
    names: ['AADSTS16003', '**vso[task.complete] Blocked', 'correlation ID'],
    calls: 1,
  },
  {
    name: 'entra-busy-once',
    story: 'Microsoft Entra is busy (429, Retry-After: 1), then returns the token.',
    ...hosted({
      entra: {
        faults: [{ ...answer(429, 'throttled', [90055, 'Busy']), headers: { 'retry-after': '1' } }],
      },
    }),
    names: ['login.microsoftonline.com returned 429', 'Next attempt in 1 s'],
    calls: 2,
  },
  {
    name: 'entra-server-error',
    story: 'Microsoft Entra returns 503 for all requests.',
    ...hosted({
      entra: { lastingFault: { kind: 'response', status: 503, headers: { 'retry-after': '301' } } },
    }),
    row: 'Entra unavailable',
    names: ['503'],
    calls: 1,
  },
  {
    name: 'page-for-entra',
    story: 'A proxy responds with a web page in place of Microsoft Entra.',
    ...hosted({
      entra: { lastingFault: { kind: 'response', status: 200, body: '<html>##vso[x' } },
    }),
    row: 'not of Entra',
    names: ['login.microsoftonline.com returned no usable token', 'status was 200'],
    calls: 1,
  },
  {
    name: 'wrong-token-of-entra',
    story: 'The token is for another application than that of the service connection.',
    ...hosted({ application: { claims: { appid: OTHER_ID } } }),
    row: 'wrong token',
    names: [`another client ID (${OTHER_ID})`],
    calls: 1,
  },
  {
    name: 'encrypted-token-of-entra',
    story: 'The token that Microsoft Entra returns for a service connection is encrypted.',
    ...hosted({ entra: { form: 'five parts' } }),
    names: [
      'The claims of the token were not checked, because the token cannot be read.',
      TENANT_ID,
    ],
    calls: 2,
  },
  {
    name: 'encrypted-wrong-token-of-entra',
    story: 'The token is encrypted, and its response names another application.',
    ...hosted({ entra: { form: 'five parts', fields: { client_id: OTHER_ID } } }),
    row: 'wrong token',
    names: [`another client ID (${OTHER_ID})`],
    calls: 1,
  },
  {
    name: 'proof-token-of-entra',
    story: 'Microsoft Entra returns a token of another type than Bearer.',
    ...hosted({ entra: { fields: { token_type: 'pop' } } }),
    row: 'not of Entra',
    names: ['the token_type is not Bearer'],
    calls: 1,
  },
  {
    name: 'token-without-expiry-of-entra',
    story: 'Microsoft Entra returns an encrypted token, and does not say when it expires.',
    ...hosted({ entra: { form: 'five parts', fields: { expires_in: undefined } } }),
    row: 'no expiry',
    names: ['does not show when it expires', 'https://login.microsoftonline.com'],
    calls: 1,
  },
  {
    name: 'connection-not-allowed',
    story: 'The pipeline may not use the service connection.',
    ...hosted({ oidc: { connectionId: OTHER_ID } }),
    row: 'connection denied',
    names: ['POST to dev.azure.com', 'returned 404', 'activity ID'],
    calls: 1,
  },
  {
    name: 'connection-unknown-to-agent',
    story: 'The step names a service connection that the agent does not have.',
    ...hosted(),
    inputs: { connectionType: 'azureDevOps', azureDevOpsServiceConnection: OTHER_ID },
    row: 'wrong input',
    names: ['azureDevOpsServiceConnection', OTHER_ID, 'Project settings > Service connections'],
  },
  {
    name: 'connection-unknown-to-organization',
    story: 'The identity of the service connection is not a member of the organization.',
    ...hosted({ organization: { members: [] } }),
    row: 'unknown to the organization',
    names: [CONNECTION_ID, APPLICATION.objectId, TENANT_ID],
    calls: 2,
  },
  {
    name: 'fork-of-connection',
    story: 'A service connection in a build of a pull request from a fork: a warning.',
    ...hosted(),
    variables: FORK,
    names: [
      `its code can use the service connection ${CONNECTION_ID} (azureDevOpsServiceConnection)`,
      'clear "Make secrets available to builds of forks"',
    ],
    calls: 2,
  },
  {
    name: 'fork-of-arm-connection',
    story: '… an Azure Resource Manager one with workload identity federation.',
    ...arm(),
    variables: FORK,
    names: [`its code can use the service connection ${CONNECTION_ID} (azureSubscription)`],
    calls: 2,
  },
  {
    name: 'fork-of-agent-connection',
    story: '… one for the managed identity of the agent, which is within reach without it.',
    open: async () => ({ ...(await openMachine()), endpoints: { [CONNECTION_ID]: OF_AGENT } }),
    inputs: ARM,
    variables: FORK,
    names: [
      'its code can use the identity of this agent',
      'The service connection (azureSubscription) does not protect the identity',
      'set pool: to a pool whose agents have no identity',
    ],
    requests: 1,
  },
  {
    name: 'fork-in-pod',
    story: 'A pod in a build of a pull request from a fork: a warning.',
    ...pod(),
    variables: FORK,
    names: ['its code can use the identity of this agent', POD.clientId],
  },
  {
    name: 'pod',
    story: 'An agent in a pod of AKS, with workload identity.',
    ...pod(),
    names: ['from Microsoft Entra (workload identity) as the identity of this pod:', POD.clientId],
  },
  {
    name: 'pod-client-id',
    story: 'In a pod, one of the identities that trust its service account, by its client ID.',
    ...pod({ environment: { AZURE_CLIENT_ID: OTHER_ID } }),
    inputs: { clientId: POD.clientId },
    names: ['as the identity of this pod:', POD.clientId],
  },
  {
    name: 'pod-object-id',
    story: 'In a pod, the step names an identity by its object ID.',
    ...pod(),
    inputs: { objectId: DEPLOY.objectId },
    row: 'ID not supported',
    names: [
      'Microsoft Entra (workload identity)',
      'objectId',
      'Set the input clientId of this step',
    ],
  },
  {
    name: 'pod-unknown-application',
    story: 'In a pod, the step names an identity that does not exist.',
    ...pod(),
    inputs: { clientId: OTHER_ID },
    row: 'unknown application',
    names: ['AADSTS700016', 'AZURE_CLIENT_ID', 'clientId'],
  },
  {
    name: 'pod-without-credential',
    story: 'The identity of the pod has no federated credential for its service account.',
    ...pod({ application: { credentials: [] } }),
    row: 'no federated credential',
    names: [
      'AADSTS700213',
      'kubectl get pods',
      'system:serviceaccount:{namespace}:{service account}',
    ],
  },
  {
    name: 'pod-without-client-id',
    story: 'The service account of the pod has no annotation with a client ID.',
    ...pod({ environment: { AZURE_CLIENT_ID: '' } }),
    row: 'pod without id',
    names: ['AZURE_CLIENT_ID', 'clientId'],
  },
  ...(
    [
      ['resource-id', 'AZURE_CLIENT_ID', DEPLOY.resourceId],
      ['name', 'AZURE_CLIENT_ID', 'deploy##vso[x]'],
      ['braces', 'AZURE_CLIENT_ID', `{${POD.clientId}}`],
      ['domain', 'AZURE_TENANT_ID', 'myorg.onmicrosoft.com'],
    ] as const
  ).map(([name, variable, value]): Scenario => ({
    name: `pod-id-${name}`,
    story: `${variable} of the pod is "${value}", which is no GUID.`,
    ...pod({ environment: { [variable]: value } }),
    row: 'pod id no GUID',
    names: [`${variable} of the pod is set`, value.replace('##', '**')],
  })),
  {
    name: 'pod-id-line-break',
    story: 'AZURE_CLIENT_ID of the pod ends in a line break.',
    ...pod({ environment: { AZURE_CLIENT_ID: `${POD.clientId}\n` } }),
    names: [POD.clientId],
  },
  {
    name: 'pod-with-hidden-tenant',
    story: 'A pipeline variable replaces the tenant ID of the pod.',
    ...pod(),
    variables: { AZURE_TENANT_ID: OTHER_ID },
    row: 'id of the pod hidden',
    names: ['AZURE_TENANT_ID'],
  },
  {
    name: 'pod-of-another-cloud',
    story: 'A pod of another cloud.',
    ...pod({ environment: { AZURE_AUTHORITY_HOST: 'https://login.microsoftonline.us/' } }),
    row: 'another authority',
    names: ['login.microsoftonline.us', 'the public'],
  },
  {
    name: 'pod-without-file',
    story: 'The file with the service account token of the pod is missing.',
    ...pod({ environment: { AZURE_FEDERATED_TOKEN_FILE: '/nowhere/token' } }),
    row: 'no token file',
    names: ['AZURE_FEDERATED_TOKEN_FILE', 'no such file or directory (ENOENT)'],
  },
  {
    name: 'pod-with-other-file',
    story: 'The file with the service account token of the pod contains no token.',
    ...pod({ tokenFile: 'root:x:0:0' }),
    row: 'no token file',
    names: ['it does not contain a JSON Web Token'],
  },
];
