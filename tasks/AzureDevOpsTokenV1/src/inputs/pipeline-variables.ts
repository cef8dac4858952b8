import type { Environment } from '../environment';
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
// NODE_DEBUG prints what goes over the wire.
const STEERS_NODE = [
  'NODE_OPTIONS',
  'NODE_EXTRA_CA_CERTS',
  'NODE_TLS_REJECT_UNAUTHORIZED',
  'NODE_DEBUG',
];

/**
 * The problems with the variables of the pipeline.
 * @param inputNames the inputs of the task: the agent lets a variable `INPUT_CLIENTID` win over the input `clientId`
 */
export function findVariableProblems(
  environment: Environment,
  inputNames: readonly string[],
): string[] {
  const effects = new Map([
    ...STEERS_IDENTITY.map((name) => [name, 'decide where the token comes from'] as const),
    ...STEERS_NODE.map((name) => [name, 'change how the task itself runs'] as const),
    ...inputNames.map(
      (name) => [toEnvironmentName(`INPUT_${name}`), `overrule the input ${name}`] as const,
    ),
  ]);
  return environment.pipelineVariableNames.flatMap((name) => {
    const environmentName = toEnvironmentName(name);
    const effect = effects.get(environmentName);
    // The name is safe to show: apart from case, dots and spaces it is one of ours.
    return effect === undefined
      ? []
      : `the pipeline variable "${name}"${describeHost(environment.get(environmentName))} would ${effect}. Whoever may set ` +
          'variables could turn it against this job: remove it. What the machine needs is set in the environment of the agent.';
  });
}

function describeHost(value: string | undefined): string {
  return value !== undefined && URL.canParse(value) && new URL(value).host !== ''
    ? ` (it points to ${quoteForeign(new URL(value).host)})`
    : '';
}

/** The agent's own conversion (VarUtil.ConvertToEnvVariableFormat in microsoft/azure-pipelines-agent). */
function toEnvironmentName(variableName: string): string {
  return variableName.replace(/[. ]/g, '_').toUpperCase();
}
