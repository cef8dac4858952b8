import { accessSync, constants } from 'node:fs';
import type { Environment } from '../environment';
import { identityError } from '../errors/identity';
import type { Platform } from '../errors/platforms';
import type { IdentityInputs, RequestedIdentity } from '../inputs/task-inputs';

type IdInput = RequestedIdentity['input'];

/** What issues the tokens of a machine. */
export interface IdentitySource {
  /** The name in the log. */
  readonly name: string;
  readonly platform: Platform;
  /** What names the endpoint: a variable in the environment of the agent, or a file. Absent: the address of IMDS is fixed. */
  readonly namedBy?: string;
  /** The inputs by which a step can choose a user-assigned identity. */
  readonly ids: readonly IdInput[];
  /** The variable with the thumbprint of its certificate, if it has one. */
  readonly thumbprint?: string;
}

interface Rule extends IdentitySource {
  /** The source is used if the environment of the machine has all of these variables. The first has the URL of the endpoint. */
  readonly variables: readonly [string, ...string[]];
}

// In the order in which @azure/identity checks them (ManagedIdentityClient of msal-node).
const RULES: readonly Rule[] = [
  {
    name: 'Service Fabric',
    platform: 'service-fabric',
    variables: ['IDENTITY_ENDPOINT', 'IDENTITY_HEADER', 'IDENTITY_SERVER_THUMBPRINT'],
    ids: [],
    thumbprint: 'IDENTITY_SERVER_THUMBPRINT',
  },
  {
    name: 'App Service, Functions or Container Apps',
    platform: 'app-service',
    variables: ['IDENTITY_ENDPOINT', 'IDENTITY_HEADER'],
    ids: ['clientId', 'objectId', 'resourceId'],
  },
  {
    name: 'Azure Machine Learning',
    platform: 'machine-learning',
    variables: ['MSI_ENDPOINT', 'MSI_SECRET'],
    ids: ['clientId'],
  },
  {
    name: 'Azure Cloud Shell',
    platform: 'cloud-shell',
    variables: ['MSI_ENDPOINT'],
    ids: [],
  },
];
/** A server of Azure Arc has a single identity, so no ID can be chosen. */
const ARC: IdentitySource = { name: 'Azure Arc', platform: 'arc', ids: [] };
const IMDS: IdentitySource = {
  name: 'the instance metadata service (IMDS)',
  platform: 'imds',
  ids: ['clientId', 'objectId', 'resourceId'],
};
const ARC_VARIABLES = ['IDENTITY_ENDPOINT', 'IMDS_ENDPOINT'] as const;
const ARC_AGENT = '/opt/azcmagent/bin/himds';
const ARC_AGENT_ON_WINDOWS = 'AzureConnectedMachineAgent\\himds.exe';
/** Replaces the address of IMDS: pod identity of AKS before workload identity, and emulators. */
const IMDS_VARIABLE = 'AZURE_POD_IDENTITY_AUTHORITY_HOST';

/** The variable with the path of the service account token of a pod. */
export const POD_TOKEN_FILE = 'AZURE_FEDERATED_TOKEN_FILE';

/** Whether this machine is a pod with a service account token. */
export function isPod({ get }: Environment): boolean {
  return get(POD_TOKEN_FILE) !== undefined;
}

/** Finds the source of the tokens of this machine as `@azure/identity` does. */
export function findIdentitySource(environment: Environment): IdentitySource {
  const has = (variables: readonly string[]) =>
    variables.every((name) => environment.get(name) !== undefined);
  const rule = RULES.find(({ variables }) => has(variables));
  if (rule !== undefined) {
    return { ...rule, namedBy: rule.variables[0] };
  }
  const namedBy = has(ARC_VARIABLES) ? ARC_VARIABLES[0] : findArcAgent(environment);
  if (namedBy !== undefined) {
    return { ...ARC, namedBy };
  }
  return has([IMDS_VARIABLE]) ? { ...IMDS, namedBy: IMDS_VARIABLE } : IMDS;
}

/**
 * Checks that the source supports the ID that the step names.
 * @throws {TaskError} if it does not
 */
export function checkId(
  { requested, isAgentConnection = false }: Pick<IdentityInputs, 'requested' | 'isAgentConnection'>,
  { name, ids }: IdentitySource,
): void {
  if (requested !== undefined && !ids.includes(requested.input)) {
    throw identityError({
      kind: 'unsupported-id',
      source: name,
      requested,
      ids,
      isAgentConnection,
    });
  }
}

/** The program of the agent of Azure Arc, which the library takes for a sign that its endpoint is there. */
function findArcAgent(environment: Environment): string | undefined {
  const programs = environment.get('ProgramFiles');
  const isWindows = process.platform === 'win32';
  if (isWindows && programs === undefined) {
    return undefined;
  }
  const path = isWindows ? `${programs}\\${ARC_AGENT_ON_WINDOWS}` : ARC_AGENT;
  try {
    accessSync(path, constants.F_OK | constants.R_OK);
    return path;
  } catch {
    return undefined;
  }
}
