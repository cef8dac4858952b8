/** What the environment of this process says, as far as the task asks it. */
export interface Environment {
  /** The value of an environment variable, undefined where it is not set or empty. */
  readonly get: (name: string) => string | undefined;
  /** The names of the pipeline's variables that the agent made environment variables of (secret ones it does not). */
  readonly pipelineVariableNames: readonly string[];
  /** The names of the pipeline's secret variables. */
  readonly secretVariableNames: readonly string[];
}

// What the libraries would act on although nobody asked this task to: logging (it would write to stderr, which the
// agent may read before the command that masks the token), and identifiers that pipelines have for other tools.
const NOT_FOR_THIS_PROCESS = [
  'AZURE_LOG_LEVEL',
  'TYPESPEC_RUNTIME_LOG_LEVEL',
  'DEBUG',
  'AZURE_CLIENT_ID',
  'AZURE_TENANT_ID',
  'AZURE_AUTHORITY_HOST',
  'DEFAULT_IDENTITY_CLIENT_ID',
  // Node.js would accept any certificate; the token goes over verified TLS only.
  'NODE_TLS_REJECT_UNAUTHORIZED',
];

// A library would choke on a value that it cannot read, even where it needs no proxy. The task says which request goes
// through one.
const FOR_THE_TASK_ALONE = ['HTTPS_PROXY', 'ALL_PROXY', 'HTTP_PROXY'].flatMap((name) => [
  name,
  name.toLowerCase(),
]);

/**
 * Reads the environment, and decides what the libraries will find in it. To be called before any of them is loaded:
 * azure-pipelines-task-lib takes away what it reads, `@azure/identity` acts on what it finds.
 */
export function prepareEnvironment(variables: NodeJS.ProcessEnv = process.env): Environment {
  for (const name of NOT_FOR_THIS_PROCESS) {
    Reflect.deleteProperty(variables, name);
  }
  const taken = new Map(FOR_THE_TASK_ALONE.map((name) => [name, variables[name]]));
  for (const name of FOR_THE_TASK_ALONE) {
    Reflect.deleteProperty(variables, name);
  }
  const get = (name: string) => {
    const value = taken.get(name) ?? variables[name];
    return value === '' ? undefined : value;
  };
  const namesIn = (name: string) => JSON.parse(get(name) ?? '[]') as string[];
  return {
    get,
    pipelineVariableNames: namesIn('VSTS_PUBLIC_VARIABLES'),
    secretVariableNames: namesIn('VSTS_SECRET_VARIABLES'),
  };
}
