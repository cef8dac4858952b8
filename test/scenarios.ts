// What can happen to a step. `npm start -- --scenario NAME` shows each as its user sees it; test/task checks each.
import type { NodeMajor } from '../scripts/agent-nodes';
import {
  AZURE_DEVOPS,
  busy,
  DEPLOY,
  RELEASE,
  SYSTEM_ASSIGNED,
  type Fault,
  type IdentityEndpointOptions,
} from './emulators/identity-endpoint';
import { FAST_CLOCK, FAST_CLOCK_ENVIRONMENT } from './emulators/fast-clock';
import {
  openBareMachine,
  openMachine,
  openSwallowingNetwork,
  type Place,
} from './emulators/places';

/** The rows of the table of failures, each with words of its remedy that no other row has. */
export const REMEDIES = {
  'no identity endpoint':
    'This machine offers no managed identity. Microsoft-hosted agents have none',
  'identity not found': 'Assign that identity to this machine',
  'no system-assigned identity': 'Switch the system-assigned identity of this machine on',
  'several identities': 'one of the inputs clientId, objectId and resourceId',
  'wrong input': 'Correct the step or the variables of the pipeline',
  'endpoint refuses': 'Repeating the request would not help',
  'not a token': 'it does not behave like the identity service of Azure',
  'no temporary folder': 'See that the temporary folder of the agent',
  'library asks for nothing': 'that the environment of the agent describes takes no',
  'endpoint busy': 'run the job again in a few minutes',
  'token expires': 'lower minimumLifetimeInMinutes',
  'wrong audience': 'See what answers in place of the identity service',
  'wrong identity': 'see which identities this machine really has',
  'foreign endpoint': 'A token is taken only from http://localhost',
  'old Node.js': 'move that to a newer release',
  'workload identity': 'This version gets no token that way',
} as const;

export type Row = keyof typeof REMEDIES;

export interface Scenario {
  readonly name: string;
  readonly story: string;
  readonly open?: () => Promise<Place>;
  readonly inputs?: Readonly<Record<string, string>>;
  readonly variables?: Readonly<Record<string, string>>;
  readonly machineEnvironment?: Readonly<Record<string, string>>;
  /** Absent: the step succeeds. */
  readonly row?: Row;
  /** The remedy of another row that belongs here, too. */
  readonly alsoRow?: Row;
  /** What the error, or a successful log, must name. */
  readonly names: readonly string[];
  /** How many requests the identity endpoint sees; absent where that depends on time. */
  readonly requests?: number;
  /** The agent brings this Node.js, whichever is asked for. */
  readonly node?: NodeMajor;
  /** Only this platform can stage it. */
  readonly platform?: NodeJS.Platform;
}

const FASTER = `Time runs ${FAST_CLOCK} times as fast.`;
const OTHER_ID = 'deadbeef-0000-4000-8000-000000000000';
const ALL = [SYSTEM_ASSIGNED, DEPLOY, RELEASE];

const machine = (options: IdentityEndpointOptions) => () => openMachine(options);
const always = (fault: Fault) => machine({ lastingFault: () => fault });

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'default',
    story: 'No input at all: the system-assigned identity of the machine.',
    open: machine({ identities: ALL }),
    names: ['system-assigned', SYSTEM_ASSIGNED.clientId, SYSTEM_ASSIGNED.resourceId],
    requests: 1,
  },
  {
    name: 'only-user-assigned',
    story: 'No input, and the machine has one user-assigned identity only (a Managed DevOps Pool).',
    open: machine({ identities: [DEPLOY] }),
    names: ['user-assigned', DEPLOY.clientId, DEPLOY.resourceId],
    requests: 1,
  },
  {
    name: 'client-id',
    story: 'One of several user-assigned identities, by its client id.',
    open: machine({ identities: ALL }),
    inputs: { clientId: DEPLOY.clientId },
    names: ['user-assigned', DEPLOY.clientId],
    requests: 1,
  },
  {
    name: 'object-id',
    story: '… by its object id.',
    open: machine({ identities: ALL }),
    inputs: { objectId: RELEASE.objectId },
    names: ['user-assigned', RELEASE.clientId],
    requests: 1,
  },
  {
    name: 'resource-id',
    story: '… by its Azure resource id.',
    open: machine({ identities: ALL }),
    inputs: { resourceId: RELEASE.resourceId },
    names: ['user-assigned', RELEASE.clientId],
    requests: 1,
  },
  {
    name: 'updating',
    story: `IMDS is being updated for 70 seconds (410), then answers. ${FASTER}`,
    open: machine({
      lastingFault: (sinceFirstMs) => (sinceFirstMs < 70_000 / FAST_CLOCK ? busy(410) : undefined),
    }),
    machineEnvironment: FAST_CLOCK_ENVIRONMENT,
    names: ['it answered 410', 'Next attempt in', SYSTEM_ASSIGNED.clientId],
  },
  {
    name: 'throttled-once',
    story: 'Too many jobs ask at once: 429 without a Retry-After, then the token.',
    open: machine({ faults: [busy(429)] }),
    names: ['it answered 429', 'Next attempt in', SYSTEM_ASSIGNED.clientId],
    requests: 2,
  },
  {
    name: 'fork',
    story: 'The pull request comes from a fork: a warning.',
    variables: { 'System.PullRequest.IsFork': 'True' },
    names: ['from a fork', SYSTEM_ASSIGNED.clientId],
    requests: 1,
  },
  {
    name: 'no-endpoint',
    story: 'A machine without an identity, such as a Microsoft-hosted agent: connection refused.',
    open: openBareMachine,
    row: 'no identity endpoint',
    names: ['connection refused (ECONNREFUSED)'],
  },
  {
    name: 'no-endpoint-in-container',
    story: 'The same in a container job.',
    open: openBareMachine,
    variables: { 'Agent.ContainerId': '4f1d2c3b5a69' },
    row: 'no identity endpoint',
    names: ['target: host'],
  },
  {
    name: 'silent-endpoint',
    story: 'Something takes the connection and never answers.',
    open: always({ kind: 'silence' }),
    row: 'no identity endpoint',
    names: ['no answer came'],
  },
  {
    name: 'swallowed-connection',
    story: 'The network swallows every attempt to connect.',
    open: openSwallowingNetwork,
    row: 'no identity endpoint',
    names: ['the connection was not taken up in time'],
    platform: 'linux',
  },
  {
    name: 'other-cloud',
    story: 'The metadata service of another cloud answers 404.',
    open: always({ kind: 'answer', status: 404, body: '<html><title>404</title></html>' }),
    row: 'no identity endpoint',
    names: ['a server that is not IMDS answered 404'],
  },
  {
    name: 'unknown-client-id',
    story: 'The identity that was asked for is not assigned to the machine.',
    inputs: { clientId: OTHER_ID },
    row: 'identity not found',
    names: [`clientId ${OTHER_ID}`, 'Identity > User assigned', 'Identity not found'],
    requests: 1,
  },
  {
    name: 'unknown-object-id',
    story: '… by object id.',
    inputs: { objectId: OTHER_ID },
    row: 'identity not found',
    names: [`objectId ${OTHER_ID}`],
    requests: 1,
  },
  {
    name: 'unknown-resource-id',
    story: '… by resource id.',
    inputs: { resourceId: RELEASE.resourceId },
    row: 'identity not found',
    names: [`resourceId ${RELEASE.resourceId}`],
    requests: 1,
  },
  {
    name: 'no-identity',
    story: 'The machine has no identity at all, and none was asked for.',
    open: machine({ identities: [] }),
    row: 'no system-assigned identity',
    alsoRow: 'no identity endpoint',
    names: ['system-assigned', 'Identity > System assigned'],
    requests: 1,
  },
  {
    name: 'several-identities',
    story: 'The machine has several user-assigned identities, and none was named.',
    open: machine({ identities: [DEPLOY, RELEASE] }),
    row: 'several identities',
    names: ['clientId', 'objectId', 'resourceId', 'Multiple user assigned identities exist'],
    requests: 1,
  },
  {
    name: 'two-ids',
    story: 'Two of the three ids are given.',
    inputs: { clientId: DEPLOY.clientId, objectId: DEPLOY.objectId },
    row: 'wrong input',
    names: ['clientId and objectId are set'],
    requests: 0,
  },
  {
    name: 'malformed-inputs',
    story: 'Everything that can be wrong with the inputs, reported together.',
    inputs: {
      clientId: 'deploy',
      objectId: '$(deployObjectId)',
      resourceId: SYSTEM_ASSIGNED.resourceId,
      minimumLifetimeInMinutes: 'ten',
    },
    row: 'wrong input',
    names: [
      'clientId, objectId, and resourceId are set',
      'clientId is "deploy"',
      '$(deployObjectId)',
      'resourceId is "/subscriptions/',
      'minimumLifetimeInMinutes is "ten"',
    ],
    requests: 0,
  },
  {
    name: 'refused-401',
    story: 'The identity endpoint says 401.',
    open: always({ kind: 'answer', status: 401, body: { error: 'unknown_source' } }),
    row: 'endpoint refuses',
    names: ['401', 'http://127.0.0.1:'],
    requests: 1,
  },
  {
    name: 'refused-403',
    story: 'Docker Desktop answers in place of the endpoint: 403.',
    open: always({
      kind: 'answer',
      status: 403,
      body: 'connecting to 169.254.169.254:80: a socket operation was attempted to an unreachable network.',
    }),
    row: 'endpoint refuses',
    names: ['403', 'http://127.0.0.1:'],
    requests: 1,
  },
  {
    name: 'redirect',
    story: 'The identity endpoint sends the task elsewhere.',
    open: always({ kind: 'answer', status: 302, headers: { location: 'http://127.0.0.1:1/' } }),
    row: 'endpoint refuses',
    names: ['302', 'http://127.0.0.1:'],
    requests: 1,
  },
  {
    name: 'broken-off-refusal',
    story: 'A refusal that breaks off is told by its status.',
    open: always({ kind: 'truncated', status: 403 }),
    row: 'endpoint refuses',
    names: ['403'],
    requests: 1,
  },
  {
    name: 'broken-off-404',
    story: 'A 404 of another cloud that breaks off.',
    open: always({ kind: 'truncated', status: 404 }),
    row: 'no identity endpoint',
    names: ['a server that is not IMDS answered 404'],
  },
  {
    name: 'reset',
    story: 'Something resets every connection.',
    open: always({ kind: 'reset' }),
    row: 'no identity endpoint',
    names: ['connection reset (ECONNRESET)'],
  },
  {
    name: 'broken-off-once',
    story: 'The answer breaks off, once.',
    open: machine({ faults: [{ kind: 'truncated' }] }),
    names: ['connection reset (ECONNRESET)', 'Next attempt in', SYSTEM_ASSIGNED.clientId],
    requests: 2,
  },
  {
    name: 'slow',
    story: 'The answer comes byte by byte, in a second or more.',
    open: machine({ faults: [{ kind: 'slow', msPerByte: 1 }] }),
    names: [SYSTEM_ASSIGNED.clientId],
    requests: 1,
  },
  {
    name: 'no-http',
    story: 'Something else than a web server listens at the address.',
    open: always({ kind: 'raw', text: 'SSH-2.0-OpenSSH_9.2\r\n' }),
    row: 'not a token',
    names: ['no HTTP', 'http://127.0.0.1:'],
  },
  {
    name: 'no-content',
    story: 'Something answers 204.',
    open: always({ kind: 'answer', status: 204 }),
    row: 'not a token',
    names: ['204', 'no JSON object'],
    requests: 1,
  },
  {
    name: 'token-without-end',
    story: 'A token that does not say until when it is.',
    open: always({ kind: 'altered', claims: { exp: undefined } }),
    row: 'not a token',
    names: ['until when'],
    requests: 1,
  },
  {
    name: 'token-of-another-type',
    story: 'An answer with a token that the library does not take.',
    open: always({ kind: 'altered', fields: { error: 'invalid', error_description: 'no' } }),
    row: 'not a token',
    names: ['200', '@azure/identity'],
    requests: 1,
  },
  {
    name: 'other-endpoint',
    story: 'An identity endpoint that cannot choose (Azure Cloud Shell) is asked for an identity.',
    inputs: { clientId: DEPLOY.clientId },
    machineEnvironment: { MSI_ENDPOINT: 'http://127.0.0.1:1/token' },
    row: 'library asks for nothing',
    names: ['CredentialUnavailableError', 'clientId'],
    requests: 0,
  },
  {
    name: 'no-temporary-folder',
    story: 'The temporary folder of the agent is gone.',
    variables: { 'agent.tempdirectory': '/nowhere/at/all' },
    row: 'no temporary folder',
    names: ['Agent.TempDirectory', 'ENOENT'],
    requests: 0,
  },
  {
    name: 'html',
    story: 'A captive portal answers 200 with a page.',
    open: always({ kind: 'answer', status: 200, body: '<html>Welcome</html>' }),
    row: 'not a token',
    names: ['200', 'no JSON object', 'http://127.0.0.1:'],
    requests: 1,
  },
  {
    name: 'json-without-token',
    story: 'JSON, without a token.',
    open: always({ kind: 'answer', status: 200, body: { ok: true } }),
    row: 'not a token',
    names: ['200', 'JSON without a JSON Web Token'],
    requests: 1,
  },
  {
    name: 'token-of-nobody',
    story: 'A token that does not say whose it is.',
    open: always({ kind: 'altered', claims: { oid: undefined } }),
    row: 'not a token',
    names: ['a token that does not say', 'of whom'],
    requests: 1,
  },
  {
    name: 'busy',
    story: `IMDS says 429 for ever. ${FASTER}`,
    open: always(busy(429)),
    machineEnvironment: FAST_CLOCK_ENVIRONMENT,
    row: 'endpoint busy',
    names: ['it answered 429', 'attempts'],
  },
  {
    name: 'busy-for-long',
    story: 'IMDS asks to wait for ten minutes.',
    open: always(busy(503, { 'retry-after': '600' })),
    row: 'endpoint busy',
    names: ['it answered 503', 'wait 600 seconds', 'Retry-After'],
    requests: 1,
  },
  {
    name: 'stalled',
    story: `The answer begins and never ends. ${FASTER}`,
    open: always({ kind: 'silence', afterHeaders: true }),
    machineEnvironment: FAST_CLOCK_ENVIRONMENT,
    row: 'endpoint busy',
    names: ['its answer did not end in time'],
  },
  {
    name: 'expires-soon',
    story: 'The token of the machine expires in three minutes.',
    open: machine({ lifetimeSeconds: 180 }),
    row: 'token expires',
    names: ['minimumLifetimeInMinutes', 'expires at 2', '5 min'],
    requests: 1,
  },
  {
    name: 'expired',
    story: 'The token has expired, or the clock of the machine is wrong.',
    open: machine({ lifetimeSeconds: -60 }),
    inputs: { minimumLifetimeInMinutes: '0' },
    row: 'token expires',
    names: ['minimumLifetimeInMinutes', 'expired at 2'],
    requests: 1,
  },
  {
    name: 'wrong-audience',
    story: 'The token is for Azure Resource Manager.',
    open: always({ kind: 'altered', claims: { aud: 'https://management.azure.com/' } }),
    row: 'wrong audience',
    names: ['https://management.azure.com/', AZURE_DEVOPS],
    requests: 1,
  },
  {
    name: 'wrong-identity',
    story: 'The token is of another identity than was asked for.',
    open: machine({
      identities: ALL,
      lastingFault: () => ({ kind: 'altered', claims: { appid: RELEASE.clientId } }),
    }),
    inputs: { clientId: DEPLOY.clientId },
    row: 'wrong identity',
    names: [DEPLOY.clientId, RELEASE.clientId],
    requests: 1,
  },
  {
    name: 'pipeline-variable',
    story: 'A pipeline variable would move the identity endpoint.',
    variables: { 'identity.endpoint': 'http://127.0.0.1:1/token' },
    row: 'wrong input',
    names: ['"identity.endpoint"', '127.0.0.1:1', 'where the token comes from'],
    requests: 0,
  },
  {
    name: 'foreign-endpoint',
    story: 'The environment of the agent points to an address that is not of this machine.',
    machineEnvironment: { AZURE_POD_IDENTITY_AUTHORITY_HOST: 'http://203.0.113.7' },
    row: 'foreign endpoint',
    names: ['AZURE_POD_IDENTITY_AUTHORITY_HOST', '203.0.113.7'],
    requests: 0,
  },
  {
    name: 'overruled-input',
    story: 'A pipeline variable would overrule an input, which the agent allows.',
    inputs: { clientId: SYSTEM_ASSIGNED.clientId },
    variables: { INPUT_CLIENTID: DEPLOY.clientId },
    row: 'wrong input',
    names: ['"INPUT_CLIENTID"', 'overrule the input clientId'],
    requests: 0,
  },
  {
    name: 'old-node',
    story: 'The agent, or its operating system, is too old for Node.js 20.',
    node: 16,
    row: 'old Node.js',
    names: ['Node.js 16.20.2', 'agent to version 3.232.1 or newer'],
    requests: 0,
  },
  {
    name: 'oldest-node',
    story: '… and for every Node.js of the last years.',
    node: 6,
    row: 'old Node.js',
    names: ['Node.js 6.17.1', 'agent to version 3.232.1 or newer'],
    requests: 0,
  },
  {
    name: 'workload-identity',
    story: 'The agent runs in a pod with workload identity, which this version does not use.',
    machineEnvironment: { AZURE_FEDERATED_TOKEN_FILE: '/var/run/secrets/token' },
    row: 'workload identity',
    names: ['AZURE_FEDERATED_TOKEN_FILE'],
    requests: 0,
  },
];

/** Opens the place of a scenario: a machine with a system-assigned identity where it says nothing else. */
export function openPlace({ open = openMachine }: Pick<Scenario, 'open'>): Promise<Place> {
  return open();
}
