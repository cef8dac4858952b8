import { describeDuration } from './duration';
import { AGENT_ENVIRONMENT } from './errors/menu-paths';
import { nameSection, WARNINGS } from './errors/sections';
import type { AccessToken, Member, TokenOrigin } from './identity/identity';
import type { IgnoredFile, TaskInputs } from './inputs/task-inputs';
import { untrustedText } from './untrusted-text';

const POOL_WITHOUT_IDENTITY =
  '1. Create a second pipeline for forks. In its YAML file, set pool: to a pool whose agents have no identity, for example vmImage: ubuntu-latest.\n' +
  '2. Turn off builds of forks in this pipeline. GitHub: select Edit > More actions > Triggers > Pull request validation, and clear "Build pull requests ' +
  'from forks of this repository". Azure Repos: in the branch policy Build validation, replace this pipeline with the second one, which then builds all pull requests.\n' +
  '3. Open Project settings > Agent pools > (pool of this agent) > Security > Pipeline permissions. If the pool is open to all pipelines there, turn off ' +
  'Open access. Then add the pipelines that need the pool. Do not add the second pipeline, because a fork can change its YAML file and name this pool there.';
const WITHOUT_SECRETS =
  'Open the pipeline, select Edit > More actions > Triggers > Pull request validation, and clear "Make secrets available to builds of forks". ' +
  'The agent then skips this step in builds of forks.';

/** Says which identity the code of a fork can use, and what keeps it from forks. */
export function describeForkBuild({
  connection,
  isAgentConnection = false,
}: Pick<TaskInputs['identity'], 'connection' | 'isAgentConnection'>): string {
  return [
    `This build is of a pull request from a fork, and its code can use ${
      connection === undefined
        ? 'the identity of this agent'
        : `the service connection ${connection.id} (${connection.input})`
    }.`,
    connection === undefined
      ? `${isAgentConnection ? 'The service connection (azureSubscription) does not protect the identity: the code can use the identity without it.\n' : ''}${POOL_WITHOUT_IDENTITY}`
      : WITHOUT_SECRETS,
    nameSection(WARNINGS.fork),
  ].join('\n');
}

export const VALIDATION_WARNING =
  'The agent skips certificate validation (--sslskipcertvalidation), but this task does not. ' +
  'The task sends the token only to servers with a trusted certificate. ' +
  'If this step succeeds, ignore this warning. Otherwise, configure the agent with the file of your certificate authority: config.sh --sslcacert {file} (Windows: config.cmd).\n' +
  nameSection(WARNINGS.validation);

/** The warnings of a step before it gets its token. */
export function describeWarnings({
  isForkBuild,
  network,
  identity,
}: Pick<TaskInputs, 'isForkBuild' | 'network' | 'identity'>): readonly string[] {
  const { skipsValidation, ignoredFiles } = network;
  return [
    ...(isForkBuild ? [describeForkBuild(identity)] : []),
    ...(skipsValidation ? [VALIDATION_WARNING] : []),
    ...(ignoredFiles.length > 0
      ? [describeIgnoredFiles(ignoredFiles, identity.isInContainer)]
      : []),
  ];
}

/** Which certificate files the task does not use, why, and what to do. */
function describeIgnoredFiles(files: readonly IgnoredFile[], isInContainer: boolean): string {
  const list = files.map(
    ({ variable, path, reason }) =>
      `The task does not use the certificate file ${path} (${variable}), because ${reason}.`,
  );
  const names = new Intl.ListFormat('en', { type: 'disjunction' }).format(
    files.map(({ variable }) => variable),
  );
  const hint = isInContainer
    ? 'If this step succeeds, ignore this warning. If it fails because your network needs its own certificate authority, a change on the agent machine ' +
      'does not help: this step runs in a container, which does not have the files of that machine. Add the file of the authority to the image, or mount it ' +
      '(volumes of the container resource). Then set NODE_EXTRA_CA_CERTS to its path in the container, for example with ENV in the Dockerfile.'
    : `If the pipeline has a variable ${names}, remove it. Otherwise, if this step succeeds, ignore this warning. If the step fails because your network ` +
      `needs its own certificate authority, configure the agent with the file of the authority: config.sh --sslcacert {file} (Windows: config.cmd). Or, in ${AGENT_ENVIRONMENT}, ` +
      'set NODE_EXTRA_CA_CERTS to the path of the file, and restart the agent.';
  return `${list.join(' ')}\n${hint}\n${nameSection(WARNINGS.certificates)}`;
}

/** The last line of a successful step. */
export const HOW_TO_USE =
  'To use the token, name this step (name: devops), and map $(devops.token) under env: in the steps of this job that need it.';

/** The log line of a step that prepares git. */
export const HOW_TO_USE_GIT =
  'For git, add three variables under env: in the steps that run git, GIT_CONFIG_COUNT: 1, GIT_CONFIG_KEY_0: include.path and ' +
  'GIT_CONFIG_VALUE_0: $(devops.gitConfig).';

/**
 * The log lines about the identity of a token and its lifetime.
 * @param now milliseconds since 1970
 */
export function describeIdentity(
  token: AccessToken,
  { source, identityName }: TokenOrigin,
  now: number,
): readonly string[] {
  const resource = token.resourceId;
  const known = [
    ['client ID', token.clientId],
    ['object ID', token.objectId],
    ['tenant ID', token.tenantId],
    ['resource ', resource && untrustedText(resource)],
  ].flatMap(([name = '', value]) => (value === undefined ? [] : [`  ${name}  ${value}`]));
  const end = known.length === 0 ? '.' : ':';
  // Whole seconds, so that the log never says more than is left.
  const leftMs = Math.floor((token.expiresOn.getTime() - now) / 1000) * 1000;
  return [
    `Got a token for Azure DevOps from ${source} as the ${describeKind(resource)}${identityName}${end}`,
    ...known,
    ...describeUncheckedClaims(token),
    `The token expires at ${describeTime(token.expiresOn)}, in ${describeDuration(leftMs)}.`,
  ];
}

/** Says which claims of a token could not be checked. */
function describeUncheckedClaims({ uncheckedClaims = [] }: AccessToken): readonly string[] {
  if (uncheckedClaims === 'all') {
    return ['The claims of the token were not checked, because the token cannot be read.'];
  }
  return uncheckedClaims.length === 0
    ? []
    : [
        `These claims were not checked, because the token does not have them: ${uncheckedClaims.join(', ')}.`,
      ];
}

/** The log line about a renewed token. */
export function describeRenewal({ expiresOn }: AccessToken): string {
  return `Renewed the token shortly before its expiry. The new token expires at ${describeTime(expiresOn)}.`;
}

/** The log line that confirms the membership of the identity. */
export function describeMember({ organization, displayName }: Member): string {
  const name = untrustedText(displayName ?? '');
  return `The identity is a member of ${organization.name}${name === '' ? '' : `, with the name "${name}"`}.`;
}

function describeTime(time: Date): string {
  return time.toISOString().replace(/\.\d+/, '');
}

function describeKind(resourceId: string | undefined): string {
  if (resourceId === undefined) {
    return '';
  }
  return /\/userAssignedIdentities\//i.test(resourceId) ? 'user-assigned ' : 'system-assigned ';
}
