// What identity endpoints of different platforms return, as users have reported it: several identities, none that is the default, an
// endpoint that the environment names and that is gone. The next report about an identity endpoint belongs here.
import { FAST_CLOCK_ENVIRONMENT } from '../emulators/fast-clock';
import {
  APP_SERVICE,
  arc,
  CLOUD_SHELL,
  CONTAINER_INSTANCES,
  IMDS,
  MACHINE_LEARNING,
  refuseAsAppService,
  SERVICE_FABRIC,
  type Dialect,
} from '../emulators/identity-dialects';
import { openPod } from '../emulators/federated-places';
import { DEPLOY, RELEASE, SYSTEM_ASSIGNED } from '../emulators/identity-endpoint';
import type { Fault } from '../emulators/faults';
import {
  openBareMachine,
  openMachine,
  openSwallowingNetwork,
  type BarePlace,
  type MachineOptions,
} from '../emulators/places';
import { CONNECTION_ID, OF_AGENT } from '../emulators/service-connections';
import { FASTER, machine, type Scenario } from './scenario';

const OTHER_ID = 'deadbeef-0000-4000-8000-000000000000';
const ARM = { connectionType: 'azureRM', azureSubscription: CONNECTION_ID };
const CONNECTION_TYPE = 'connectionType: managedIdentity';

/** A step with a service connection for the managed identity of the agent. */
const agentConnection = (options: MachineOptions, clientId?: string) => ({
  open: async () => ({
    ...(await openMachine(options)),
    endpoints: { [CONNECTION_ID]: connectionFor(clientId) },
  }),
  inputs: ARM,
});
const connectionFor = (clientId: string | undefined) =>
  clientId === undefined
    ? OF_AGENT
    : { ...OF_AGENT, data: { ...OF_AGENT.data, msiclientId: clientId } };

const SERVICE_CONNECTIONS: readonly Scenario[] = [
  {
    name: 'agent-connection-client-id',
    story:
      'A service connection for the managed identity of the agent, which names one by its client ID.',
    ...agentConnection({ identities: [SYSTEM_ASSIGNED, DEPLOY] }, DEPLOY.clientId),
    names: ['user-assigned', DEPLOY.clientId],
    requests: 1,
  },
  {
    name: 'agent-connection-several-identities',
    story: 'A service connection for the managed identity of the agent, which has several.',
    ...agentConnection({ identities: [DEPLOY, RELEASE] }),
    row: 'identity of a connection to choose',
    names: ['Multiple user assigned identities exist', CONNECTION_TYPE, 'clientId'],
    requests: 1,
  },
  {
    name: 'agent-connection-not-assigned',
    story: '… and the identity that it names is not assigned to the agent.',
    ...agentConnection({ identities: [SYSTEM_ASSIGNED] }, OTHER_ID),
    row: 'identity of a connection not assigned',
    names: [OTHER_ID, 'Identity not found', 'Identity > User assigned', CONNECTION_TYPE],
    requests: 1,
  },
  {
    name: 'agent-connection-no-identity',
    story: '… and the agent has no identity.',
    ...agentConnection({ identities: [] }),
    row: 'no system-assigned identity',
    alsoRow: 'no identity endpoint',
    names: ['Identity > System assigned', `set ${CONNECTION_TYPE}, and clientId to`],
    requests: 1,
  },
  {
    name: 'agent-connection-on-app-service',
    story: '… in Container Apps, which has a user-assigned identity only.',
    ...agentConnection({ dialect: APP_SERVICE, identities: [DEPLOY] }),
    row: 'user-assigned identities only',
    names: ['Unable to load the proper Managed Identity', CONNECTION_TYPE],
    requests: 1,
  },
  {
    name: 'agent-connection-unsupported-id',
    story: '… in Azure Cloud Shell, where the connection cannot choose an identity.',
    ...agentConnection({ dialect: CLOUD_SHELL }, DEPLOY.clientId),
    row: 'id of a connection not supported',
    alsoRow: 'ID not supported',
    names: ['Azure Cloud Shell', CONNECTION_TYPE],
    requests: 0,
  },
  {
    name: 'agent-connection-wrong-identity',
    story: '… and the token belongs to another identity than the connection names.',
    ...agentConnection(
      {
        identities: [DEPLOY, RELEASE],
        lastingFault: () => ({ kind: 'altered', claims: { appid: RELEASE.clientId } }),
      },
      DEPLOY.clientId,
    ),
    row: 'wrong identity',
    names: ['Correct the clientId of the service connection', RELEASE.clientId],
    requests: 1,
  },
  {
    name: 'agent-connection-in-pod',
    story: '… in a pod without the annotation of a client ID.',
    open: async () => ({
      ...(await openPod({ environment: { AZURE_CLIENT_ID: '' } })),
      endpoints: { [CONNECTION_ID]: OF_AGENT },
    }),
    inputs: ARM,
    row: 'pod without id',
    names: ['AZURE_CLIENT_ID', CONNECTION_TYPE],
  },
];

/** A platform whose endpoint always returns this error. */
const refusing = (dialect: Dialect, status: number, body: unknown) =>
  machine({
    dialect,
    lastingFault: () => ({ kind: 'response', status, body, headers: dialect.headers }),
  });

const DEFAULTS: readonly Scenario[] = [
  {
    name: 'app-service-user-assigned',
    story:
      'App Service, Functions or Container Apps has one user-assigned identity only, and the step names none.',
    open: machine({ dialect: APP_SERVICE, identities: [DEPLOY] }),
    row: 'user-assigned identities only',
    names: [
      'Unable to load the proper Managed Identity.',
      'Set the input clientId of this step',
      'returned 400',
    ],
    requests: 1,
  },
  {
    name: 'machine-learning-user-assigned',
    story: '… or Azure Machine Learning.',
    open: machine({ dialect: MACHINE_LEARNING, identities: [DEPLOY] }),
    row: 'user-assigned identities only',
    names: [
      'the compute of this agent has no system-assigned one',
      'Set the input clientId of this step',
    ],
    requests: 1,
  },
  {
    name: 'container-instances-user-assigned',
    story: '… or Container Instances, which returns 404 and its code in an object.',
    open: machine({ dialect: CONTAINER_INSTANCES, identities: [DEPLOY] }),
    row: 'user-assigned identities only',
    names: [
      'Container Instances',
      'DefaultIdentityNotDefined',
      'Set the input clientId of this step',
      'returned 404',
    ],
    requests: 1,
  },
  {
    name: 'container-instances-client-id',
    story: 'Container Instances has the identity that the step names.',
    open: machine({ dialect: CONTAINER_INSTANCES, identities: [DEPLOY] }),
    inputs: { clientId: DEPLOY.clientId },
    names: ['user-assigned', DEPLOY.clientId],
    requests: 1,
  },
  {
    name: 'container-instances-unknown-id',
    story: '… does not have it.',
    open: machine({ dialect: CONTAINER_INSTANCES, identities: [DEPLOY] }),
    inputs: { clientId: OTHER_ID },
    row: 'identity not found',
    names: [OTHER_ID, 'IdentityNotFound', '--assign-identity of az container create'],
    requests: 1,
  },
  ...[
    [
      'No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId.',
      'message',
    ],
    ['Unable to load requested managed identity.', 'message'],
    ['Unable to load the proper Managed Identity.', 'message'],
    ['No MSI found for specified ClientId/ResourceId.', 'Message'],
  ].map(([message = '', field = ''], index): Scenario => ({
    name: `app-service-unknown-id-${index + 1}`,
    story: `App Service does not have the identity that the step names: "${message}"`,
    open: refusing(APP_SERVICE, 400, {
      StatusCode: 400,
      [field]: message,
      CorrelationId: OTHER_ID,
    }),
    inputs: { clientId: OTHER_ID },
    row: 'identity not found',
    names: [message, `clientId ${OTHER_ID}`, 'open the app'],
    requests: 1,
  })),
  {
    name: 'service-fabric-no-identity',
    story: 'The application in Service Fabric has no identity. Its endpoint says so in a 404.',
    // https://learn.microsoft.com/azure/service-fabric/how-to-managed-identity-service-fabric-app-code#error-handling
    open: refusing(SERVICE_FABRIC, 404, {
      error: {
        correlationId: OTHER_ID,
        code: 'ManagedIdentityNotFound',
        message: 'Managed identity not found for the specified application host.',
      },
    }),
    row: 'no identity of an application',
    alsoRow: 'no identity endpoint',
    names: ['Managed identity not found for the specified application host.', 'returned 404'],
    requests: 1,
  },
  {
    name: 'cloud-shell-refuses',
    story: 'Azure Cloud Shell refuses with a message in an object.',
    open: refusing(CLOUD_SHELL, 400, {
      error: { code: 'AudienceNotSupported', message: '##vso[x] Audience is not supported.' },
    }),
    row: 'audience not supported',
    names: ['**vso[x] Audience is not supported.'],
    requests: 1,
  },
  {
    name: 'app-service-broken',
    story: `App Service cannot get a token (500), and says so again and again. ${FASTER}`,
    open: refusing(
      APP_SERVICE,
      500,
      refuseAsAppService('An unexpected error occured while fetching the AAD Token.', 500).body,
    ),
    machineEnvironment: FAST_CLOCK_ENVIRONMENT,
    row: 'endpoint busy',
    names: ['An unexpected error occured while fetching the AAD Token.', '500'],
  },
];

/** Variables of a platform whose endpoint is gone. */
const gone =
  (
    { environment }: Pick<Dialect, 'environment'>,
    open: () => Promise<BarePlace> = openBareMachine,
  ) =>
  async () => {
    const place = await open();
    return { ...place, machineEnvironment: environment(place.origin, 'AB'.repeat(20)) };
  };
const lasting = (dialect: Dialect, fault: Fault) => machine({ dialect, lastingFault: () => fault });

const GONE: readonly Scenario[] = [
  {
    name: 'app-service-gone',
    story: 'The environment names the endpoint of App Service, and nothing listens there.',
    open: gone(APP_SERVICE),
    row: 'named endpoint',
    names: ['IDENTITY_ENDPOINT', 'http://127.0.0.1:', 'App Service', 'ECONNREFUSED'],
  },
  {
    name: 'app-service-gone-in-container',
    story: '… in a step that runs in a container.',
    open: gone(APP_SERVICE),
    agent: { container: 'inside' },
    machineEnvironment: FAST_CLOCK_ENVIRONMENT,
    row: 'named endpoint',
    names: ['IDENTITY_ENDPOINT', 'target: host'],
    platform: 'linux',
  },
  ...(
    [
      ['arc', arc(''), 'IDENTITY_ENDPOINT', 'systemctl start himdsd'],
      ['cloud-shell', CLOUD_SHELL, 'MSI_ENDPOINT', 'Azure Cloud Shell'],
      ['machine-learning', MACHINE_LEARNING, 'MSI_ENDPOINT', 'Azure Machine Learning'],
      ['service-fabric', SERVICE_FABRIC, 'IDENTITY_ENDPOINT', 'Managed Identity Token Service'],
      ['pod-identity', IMDS, 'AZURE_POD_IDENTITY_AUTHORITY_HOST', 'IMDS'],
    ] as const
  ).map(([name, dialect, variable, service]): Scenario => ({
    name: `${name}-gone`,
    story: `${variable} names an endpoint (${name}), and nothing listens there. ${FASTER}`,
    open: gone(dialect),
    machineEnvironment: FAST_CLOCK_ENVIRONMENT,
    row: 'named endpoint',
    names: [variable, 'http', service, 'ECONNREFUSED'],
  })),
  {
    name: 'app-service-unreachable',
    story: 'The endpoint that the environment names accepts no connection.',
    open: gone(APP_SERVICE, openSwallowingNetwork),
    row: 'named endpoint',
    names: ['IDENTITY_ENDPOINT', 'CONNECT_TIMEOUT'],
    platform: 'linux',
  },
  {
    name: 'app-service-replaced',
    story: `Another server returns 404 in place of the endpoint that the environment names. ${FASTER}`,
    open: lasting(APP_SERVICE, { kind: 'response', status: 404, body: '<html>nginx</html>' }),
    machineEnvironment: FAST_CLOCK_ENVIRONMENT,
    row: 'named endpoint',
    names: ['IDENTITY_ENDPOINT', '404'],
  },
  {
    name: 'app-service-starts-late',
    story: 'The identity service of Container Apps starts after the step, as users report.',
    open: machine({ dialect: APP_SERVICE, faults: [{ kind: 'reset' }, { kind: 'reset' }] }),
    names: ['ECONNRESET', 'Next attempt in', SYSTEM_ASSIGNED.clientId],
  },
];

export const PLATFORM_SCENARIOS: readonly Scenario[] = [
  ...SERVICE_CONNECTIONS,
  ...DEFAULTS,
  ...GONE,
];
