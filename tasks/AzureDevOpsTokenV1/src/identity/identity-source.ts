import { accessSync, constants } from 'node:fs';
import type { Environment } from '../environment';
import { IdentityFailure } from '../errors/identity-failure';
import type { RequestedIdentity } from '../inputs/task-inputs';

type IdInput = RequestedIdentity['input'];

/** What on a machine hands out tokens. */
export interface IdentitySource {
  /** For a reader of the log. */
  readonly name: string;
  /** The inputs by which it lets choose among user-assigned identities. */
  readonly ids: readonly IdInput[];
  /** It asks to read a file before it gives a token. */
  readonly isArc?: boolean;
  /** The variable that names the thumbprint of its certificate, where it has one. */
  readonly thumbprint?: string;
}

interface Rule extends IdentitySource {
  /** It is there where the machine's environment has all of these. */
  readonly variables: readonly string[];
}

// In the order in which @azure/identity looks for them (ManagedIdentityClient of msal-node).
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
/** Its servers have a single identity. */
const ARC: IdentitySource = { name: 'Azure Arc', ids: [], isArc: true };
const IMDS: IdentitySource = {
  name: 'the instance metadata service (IMDS)',
  ids: ['clientId', 'objectId', 'resourceId'],
};
const ARC_VARIABLES = ['IDENTITY_ENDPOINT', 'IMDS_ENDPOINT'];
const ARC_AGENT = '/opt/azcmagent/bin/himds';
const ARC_AGENT_ON_WINDOWS = 'AzureConnectedMachineAgent\\himds.exe';

/** By this variable, a pod knows where its cluster vouches for it. */
export const POD_TOKEN_FILE = 'AZURE_FEDERATED_TOKEN_FILE';

/** Whether this machine is a pod whose cluster vouches for it. */
export function isPod({ get }: Environment): boolean {
  return get(POD_TOKEN_FILE) !== undefined;
}

/** What hands out the tokens of this machine, as `@azure/identity` will find it. */
export function findIdentitySource(environment: Environment): IdentitySource {
  const has = (variables: readonly string[]) =>
    variables.every((name) => environment.get(name) !== undefined);
  const rule = RULES.find(({ variables }) => has(variables));
  return rule ?? (has(ARC_VARIABLES) || hasArcAgent(environment) ? ARC : IMDS);
}

/**
 * Checks that it lets choose by the id that the step names.
 * @throws {IdentityFailure}
 */
export function checkId(
  requested: RequestedIdentity | undefined,
  { name, ids }: IdentitySource,
): void {
  if (requested !== undefined && !ids.includes(requested.input)) {
    throw new IdentityFailure({ kind: 'unsupported-id', source: name, requested, ids });
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
