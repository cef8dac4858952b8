import { readFileSync } from 'node:fs';

/** What the environment of this process says, as far as the task asks it. */
export interface Environment {
  /** The value of an environment variable, undefined where it is not set or empty. */
  readonly get: (name: string) => string | undefined;
  /** The names of the pipeline's variables that the agent made environment variables of (secret ones it does not). */
  readonly pipelineVariableNames: readonly string[];
  /** The names of the pipeline's secret variables. */
  readonly secretVariableNames: readonly string[];
  /** Of the agent's lists of those names, the ones that are no JSON array of strings: something replaced them. */
  readonly unreadableLists: readonly string[];
  /** Names that occur twice in the environment with different values, if the platform shows it. */
  readonly repeatedNames: readonly string[];
}

const PUBLIC_LIST = 'VSTS_PUBLIC_VARIABLES';
const SECRET_LIST = 'VSTS_SECRET_VARIABLES';

// What the libraries would act on although nobody asked this task to: logging (it would write to stderr, which the
// agent may read before the command that masks the token), and another place to ask for tokens.
const NOT_FOR_THIS_PROCESS = [
  'AZURE_LOG_LEVEL',
  'TYPESPEC_RUNTIME_LOG_LEVEL',
  'DEBUG',
  'AZURE_REGIONAL_AUTHORITY_NAME',
  'MSAL_FORCE_REGION',
  // Node.js would accept any certificate; the token goes over verified TLS only.
  'NODE_TLS_REJECT_UNAUTHORIZED',
];

// Identifiers that pipelines have for other tools; those of the machine count.
const MACHINE_ONLY = ['AZURE_CLIENT_ID', 'AZURE_TENANT_ID', 'DEFAULT_IDENTITY_CLIENT_ID'];

// A library would choke on a proxy that it cannot read, even where it needs none, and exchange the token of a pod without
// being asked. The task says which request goes where.
const TASK_ONLY = [
  ...['HTTPS_PROXY', 'ALL_PROXY', 'HTTP_PROXY'].flatMap((name) => [name, name.toLowerCase()]),
  'AZURE_CLIENT_ID',
  'AZURE_TENANT_ID',
  'AZURE_AUTHORITY_HOST',
  'AZURE_FEDERATED_TOKEN_FILE',
];

// The agent shows no debug line unless it is asked to. By this, the task library does not write them in vain
// (https://github.com/microsoft/azure-pipelines-task-lib/pull/1046).
const NO_DEBUG_LINES_IN_VAIN = 'DISTRIBUTEDTASK_TASKS_NODE_SKIPDEBUGLOGSWHENDEBUGMODEOFF';

/**
 * Reads the environment, and decides what the libraries will find in it. To be called before any of them is loaded:
 * azure-pipelines-task-lib takes away what it reads, `@azure/identity` acts on what it finds.
 * @param block the environment as the process was started with it, if the platform shows it
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
  // The task library fails to load if it cannot parse a list.
  for (const name of [...NOT_FOR_THIS_PROCESS, ...TASK_ONLY, ...unwanted, ...unreadableLists]) {
    Reflect.deleteProperty(variables, name);
  }
  unwanted.forEach((name) => taken.delete(name));
  variables[NO_DEBUG_LINES_IN_VAIN] = 'true';
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

/** The agent's own conversion (VarUtil.ConvertToEnvVariableFormat in microsoft/azure-pipelines-agent). */
export function toEnvironmentName(variableName: string): string {
  return variableName.replace(/[. ]/g, '_').toUpperCase();
}

/** On Linux, the environment with which this process was started, as it was. */
const INITIAL_ENVIRONMENT = '/proc/self/environ';

/** Undefined on a platform that does not show it. */
export function readInitialEnvironment(): string | undefined {
  try {
    return readFileSync(INITIAL_ENVIRONMENT, 'utf8');
  } catch {
    return undefined;
  }
}

/**
 * The names that occur more than once, with different values. `getenv` returns the first of them, and `process.env`
 * shows no other. The agent writes each name once; the system ends a name at its first `=`, so a pipeline variable
 * `A=B` with the value `c` is a variable `A` to a process (https://man7.org/linux/man-pages/man7/environ.7.html).
 * @param block `name=value`, each followed by a NUL
 */
export function findRepeatedNames(block: string): readonly string[] {
  const values = new Map<string, string>();
  const retried = new Set<string>();
  for (const entry of block.split('\0')) {
    const end = entry.indexOf('=');
    const [name, value] = [entry.slice(0, Math.max(end, 0)), entry.slice(end + 1)];
    if (name !== '' && (values.get(name) ?? value) !== value) {
      retried.add(name);
    }
    values.set(name, values.get(name) ?? value);
  }
  return [...retried];
}
