import { toEnvironmentName, type Environment } from '../environment';
import { quoteForeign } from '../server-text';

// Whoever may set a variable of the pipeline (at queue time, or an earlier step) must not choose whose token the job
// gets, or run code in this process: the agent makes environment variables of them, over those of the machine.
const STEERS_IDENTITY = [
  'IDENTITY_ENDPOINT',
  'IDENTITY_HEADER',
  'IDENTITY_SERVER_THUMBPRINT',
  'IMDS_ENDPOINT',
  'MSI_ENDPOINT',
  'MSI_SECRET',
  'AZURE_POD_IDENTITY_AUTHORITY_HOST',
  'AZURE_AUTHORITY_HOST',
  'AZURE_FEDERATED_TOKEN_FILE',
  // Where @azure/identity looks for the agent of Azure Arc, and its secrets, on Windows.
  'PROGRAMFILES',
  'PROGRAMDATA',
];
// Code of others, other certificates to trust, and with NODE_DEBUG what goes over the wire in the log.
const STEERS_NODE = [
  'NODE_OPTIONS',
  'NODE_DEBUG',
  'NODE_EXTRA_CA_CERTS',
  'NODE_TLS_REJECT_UNAUTHORIZED',
  'NODE_USE_SYSTEM_CA',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'OPENSSL_CONF',
  'OPENSSL_MODULES',
  'LD_PRELOAD',
  'LD_AUDIT',
  'DYLD_INSERT_LIBRARIES',
];

/** What the task reads of the agent, by the names that its author knows. */
export interface ReadNames {
  readonly inputs: readonly string[];
  readonly variables: readonly string[];
}

/**
 * The problems with the variables of the pipeline. Agents up to 5.276 let a variable `INPUT_CLIENTID` win over the input
 * `clientId`, and every agent can let one `SYSTEM_COLLECTIONURI` win over its own `System.CollectionUri`.
 */
export function findVariableProblems(environment: Environment, read: ReadNames): string[] {
  const effects = new Map([
    ...STEERS_IDENTITY.map((name) => [name, 'decide where the token comes from'] as const),
    ...STEERS_NODE.map((name) => [name, 'change how the task itself runs'] as const),
    ...read.inputs.map(
      (name) => [toEnvironmentName(`INPUT_${name}`), `overrule the input ${name}`] as const,
    ),
  ]);
  const own = new Map(read.variables.map((name) => [toEnvironmentName(name), name]));
  const { pipelineVariableNames, secretVariableNames } = environment;
  const complain = (name: string, effect: string) =>
    `the pipeline variable "${quoteForeign(name)}"${describeHost(environment.get(toEnvironmentName(name)))} would ${effect}. Whoever may set ` +
    'variables could turn it against this job: remove it. What the machine needs is set in the environment of the agent.';
  return [
    ...pipelineVariableNames.flatMap((name) => {
      const environmentName = toEnvironmentName(name);
      const effect = effects.get(environmentName) ?? findEffectOnConnections(environmentName);
      return effect === undefined ? [] : complain(name, effect);
    }),
    ...[...pipelineVariableNames, ...secretVariableNames].flatMap((name) => {
      const original = own.get(toEnvironmentName(name));
      return original === undefined || original.toLowerCase() === name.toLowerCase()
        ? []
        : complain(name, `overrule the variable ${original} of the agent`);
    }),
  ];
}

/** Of a service connection the agent tells the task by environment variables, which a variable of the pipeline overrules. */
function findEffectOnConnections(environmentName: string): string | undefined {
  return /^ENDPOINT_(?:AUTH|DATA|URL)_/.test(environmentName)
    ? 'overrule a service connection'
    : undefined;
}

function describeHost(value: string | undefined): string {
  return value !== undefined && URL.canParse(value) && new URL(value).host !== ''
    ? ` (it points to ${quoteForeign(new URL(value).host)})`
    : '';
}
