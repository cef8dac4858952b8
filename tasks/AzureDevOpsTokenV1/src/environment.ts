import { readFileSync } from 'node:fs';
import { IDENTITY_NAMES } from './protected-names';

/** The environment of this process, as far as the task reads it. */
export interface Environment {
  /** The value of an environment variable; undefined if it is not set or empty. */
  readonly get: (name: string) => string | undefined;
  /** The names of the pipeline variables that the agent made environment variables of. Secret variables are not among them. */
  readonly pipelineVariableNames: readonly string[];
  /** The names of the secret pipeline variables. */
  readonly secretVariableNames: readonly string[];
  /** The agent's lists of those names that are not JSON arrays of strings, because a variable replaced them. */
  readonly unreadableLists: readonly string[];
  /** Names that occur twice in the environment with different values, if the platform shows it. */
  readonly repeatedNames: readonly string[];
}

const PUBLIC_LIST = 'VSTS_PUBLIC_VARIABLES';
const SECRET_LIST = 'VSTS_SECRET_VARIABLES';

// Variables that the libraries would act on. Some switch on a log on standard error, which the agent can read before the
// command that masks the token. Others choose another endpoint for tokens.
const NOT_FOR_THIS_PROCESS = [
  'AZURE_LOG_LEVEL',
  'TYPESPEC_RUNTIME_LOG_LEVEL',
  'DEBUG',
  'AZURE_REGIONAL_AUTHORITY_NAME',
  'MSAL_FORCE_REGION',
  // Node.js would accept any certificate, but the token is sent over verified TLS only.
  'NODE_TLS_REJECT_UNAUTHORIZED',
];

// Pipelines set these identifiers for other tools. Only the values of the machine count.
const MACHINE_ONLY = ['AZURE_CLIENT_ID', 'AZURE_TENANT_ID', 'DEFAULT_IDENTITY_CLIENT_ID'];

// The libraries would fail on a proxy URL that they cannot parse, even if they need no proxy, and would exchange the service
// account token of a pod unasked. The task decides the route of each request, so it takes these variables away.
const TASK_ONLY = [
  ...['HTTPS_PROXY', 'ALL_PROXY', 'HTTP_PROXY'].flatMap((name) => [name, name.toLowerCase()]),
  'AZURE_CLIENT_ID',
  'AZURE_TENANT_ID',
  'AZURE_AUTHORITY_HOST',
  'AZURE_FEDERATED_TOKEN_FILE',
  // By its value, the agent knows the commands of the task.
  'COMMAND_CORRELATION_ID',
];

/**
 * Reads the environment, and removes what the libraries must not find in it. To be called before a library is loaded, because
 * `@azure/identity` acts on variables.
 * @param block the environment with which the process was started, if the platform shows it
 */
export function prepareEnvironment(
  variables: NodeJS.ProcessEnv = process.env,
  block: string | undefined = readInitialEnvironment(),
): Environment {
  const lists = new Map(
    [PUBLIC_LIST, SECRET_LIST].map((name) => [name, parseList(variables[name])]),
  );
  const unreadableLists = [...lists.keys()].filter((name) => lists.get(name) === undefined);
  const pipelineVariableNames = lists.get(PUBLIC_LIST) ?? [];
  const ofThePipeline = new Set(pipelineVariableNames.map(toEnvironmentName));
  const unwanted = MACHINE_ONLY.filter((name) => ofThePipeline.has(name));
  const taken = new Map(TASK_ONLY.map((name) => [name, variables[name]]));
  for (const name of [...NOT_FOR_THIS_PROCESS, ...TASK_ONLY, ...unwanted, ...unreadableLists]) {
    Reflect.deleteProperty(variables, name);
  }
  unwanted.forEach((name) => taken.delete(name));
  const get = (name: string) => {
    const value = taken.get(name) ?? variables[name];
    return value === '' ? undefined : value;
  };
  return {
    get,
    pipelineVariableNames,
    secretVariableNames: lists.get(SECRET_LIST) ?? [],
    unreadableLists,
    repeatedNames: findRepeatedNames(block ?? ''),
  };
}

/** What the agent passes in variables of the environment that can be secret. Also read by azure-pipelines-task-lib (internal.ts). */
const OF_THE_AGENT = /^(?:INPUT|ENDPOINT_AUTH|SECUREFILE_TICKET|SECRET|VSTS_TASKVARIABLE)_/;

/** The inputs, the secret variables and the service connections, by the names of their variables in any case. */
export interface AgentValues {
  /** undefined if it is not set or empty. */
  readonly get: (name: string) => string | undefined;
}

/** Takes them out of the environment, so that no library and no other process finds a secret there. */
export function takeAgentValues(variables: NodeJS.ProcessEnv = process.env): AgentValues {
  const values = new Map<string, string>();
  for (const [name, value = ''] of Object.entries(variables)) {
    if (OF_THE_AGENT.test(name) && value !== '') {
      values.set(name.toLowerCase(), value);
      Reflect.deleteProperty(variables, name);
    }
  }
  return { get: (name) => values.get(name.toLowerCase()) };
}

/** The variables of a step whose values a later step cannot replace for the credential helper of git. */
const PINNED_NAMES = [...IDENTITY_NAMES, ...MACHINE_ONLY];

/** The values to pin. None of them is a secret. */
export function listPinned({ get }: Environment): Readonly<Record<string, string>> {
  return Object.fromEntries(
    PINNED_NAMES.flatMap((name) => {
      const value = get(name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

/**
 * Prepares the environment of a process that git starts in a later step: the variables that choose the identity have the values
 * of the step that prepared it, and no others.
 */
export function pinEnvironment(
  pinned: Readonly<Record<string, string>>,
  variables: NodeJS.ProcessEnv = process.env,
): Environment {
  for (const name of [...PINNED_NAMES, PUBLIC_LIST, SECRET_LIST]) {
    Reflect.deleteProperty(variables, name);
  }
  for (const name of PINNED_NAMES.filter((one) => pinned[one] !== undefined)) {
    variables[name] = pinned[name];
  }
  return prepareEnvironment(variables, '');
}

/** Reads a variable as git does, for which an empty value counts. */
export function readGitVariable(name: string): string | undefined {
  return process.env[name];
}

/** @returns undefined if the text is no JSON array of strings */
function parseList(text: string | undefined): readonly string[] | undefined {
  try {
    const list: unknown = JSON.parse(text === undefined || text === '' ? '[]' : text);
    return Array.isArray(list) && list.every((name): name is string => typeof name === 'string')
      ? list
      : undefined;
  } catch {
    return undefined;
  }
}

/** Converts a name as the agent does (VarUtil.ConvertToEnvVariableFormat in microsoft/azure-pipelines-agent). */
export function toEnvironmentName(variableName: string): string {
  return variableName.replace(/[. ]/g, '_').toUpperCase();
}

/** The environment with which this process was started. Linux only. */
const INITIAL_ENVIRONMENT = '/proc/self/environ';

/** Returns undefined on a platform that does not show the initial environment. */
function readInitialEnvironment(): string | undefined {
  try {
    return readFileSync(INITIAL_ENVIRONMENT, 'utf8');
  } catch {
    return undefined;
  }
}

/**
 * Finds the names that occur more than once with different values. `getenv` and `process.env` show only the first value.
 * The agent writes each name once. But the system ends a name at its first `=`, so that a process sees a pipeline variable
 * `A=B` with the value `c` as a variable `A` (https://man7.org/linux/man-pages/man7/environ.7.html).
 * @param block `name=value`, each followed by a NUL
 */
function findRepeatedNames(block: string): readonly string[] {
  const values = new Map<string, string>();
  const repeated = new Set<string>();
  for (const entry of block.split('\0')) {
    const end = entry.indexOf('=');
    const [name, value] = [entry.slice(0, Math.max(end, 0)), entry.slice(end + 1)];
    if (name !== '' && (values.get(name) ?? value) !== value) {
      repeated.add(name);
    }
    values.set(name, values.get(name) ?? value);
  }
  return [...repeated];
}
