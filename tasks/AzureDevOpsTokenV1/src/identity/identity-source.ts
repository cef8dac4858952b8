import { accessSync, constants } from 'node:fs';
import type { Environment } from '../environment';
import { identityError } from '../errors/identity';
import type { RequestedIdentity } from '../inputs/task-inputs';

type IdInput = RequestedIdentity['input'];

/** What issues the tokens of a machine. */
export interface IdentitySource {
  /** The name in the log. */
  readonly name: string;
  /** The inputs by which a step can choose a user-assigned identity. */
  readonly ids: readonly IdInput[];
  /** Whether it requires the process to read a file before it issues a token. */
  readonly isArc?: boolean;
  /** The variable with the thumbprint of its certificate, if it has one. */
  readonly thumbprint?: string;
}

interface Rule extends IdentitySource {
  /** The source is used if the environment of the machine has all of these variables. */
  readonly variables: readonly string[];
}

// In the order in which @azure/identity checks them (ManagedIdentityClient of msal-node).
const RULES: readonly Rule[] = [
  {
    name: 'Service Fabric',
    variables: ['IDENTITY_ENDPOINT', 'IDENTITY_HEADER', 'IDENTITY_SERVER_THUMBPRINT'],
    ids: [],
    thumbprint: 'IDENTITY_SERVER_THUMBPRINT',
  },
  {
    name: 'App Service, Functions or Container Apps',
    variables: ['IDENTITY_ENDPOINT', 'IDENTITY_HEADER'],
    ids: ['clientId', 'objectId', 'resourceId'],
  },
  { name: 'Azure Machine Learning', variables: ['MSI_ENDPOINT', 'MSI_SECRET'], ids: ['clientId'] },
  { name: 'Azure Cloud Shell', variables: ['MSI_ENDPOINT'], ids: [] },
];
/** A server of Azure Arc has a single identity, so no ID can be chosen. */
const ARC: IdentitySource = { name: 'Azure Arc', ids: [], isArc: true };
const IMDS: IdentitySource = {
  name: 'the instance metadata service (IMDS)',
  ids: ['clientId', 'objectId', 'resourceId'],
};
const ARC_VARIABLES = ['IDENTITY_ENDPOINT', 'IMDS_ENDPOINT'];
const ARC_AGENT = '/opt/azcmagent/bin/himds';
const ARC_AGENT_ON_WINDOWS = 'AzureConnectedMachineAgent\\himds.exe';

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
  return rule ?? (has(ARC_VARIABLES) || hasArcAgent(environment) ? ARC : IMDS);
}

/**
 * Checks that the source supports the ID that the step names.
 * @throws {TaskError} if it does not
 */
export function checkId(
  requested: RequestedIdentity | undefined,
  { name, ids }: IdentitySource,
): void {
  if (requested !== undefined && !ids.includes(requested.input)) {
    throw identityError({ kind: 'unsupported-id', source: name, requested, ids });
  }
}

function hasArcAgent(environment: Environment): boolean {
  const programs = environment.get('ProgramFiles') ?? '';
  try {
    accessSync(
      process.platform === 'win32' ? `${programs}\\${ARC_AGENT_ON_WINDOWS}` : ARC_AGENT,
      constants.F_OK | constants.R_OK,
    );
    return true;
  } catch {
    return false;
  }
}
