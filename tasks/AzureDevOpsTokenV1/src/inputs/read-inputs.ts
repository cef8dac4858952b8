import { tmpdir } from 'node:os';
import type { Agent } from '../agent';
import type { Environment } from '../environment';
import { InputFailure } from '../errors/input-failure';
import { InputReader } from './input-reader';
import { isOtherServer, parseHosts, parseOrganization } from './parse-organization';
import { parseBoolean, parseGuid, parseMinutes, parseResourceId } from './parse-values';
import { findVariableProblems } from './pipeline-variables';
import { CALL_INPUTS, isCallRelative, readCall, WORKING_FOLDER_VARIABLE } from './read-call';
import { NETWORK_VARIABLES, readNetwork } from './read-network';
import type { Organization, RequestedIdentity, TaskInputs } from './task-inputs';

const IDENTITY_INPUTS = {
  clientId: parseGuid,
  objectId: parseGuid,
  resourceId: parseResourceId,
} as const;
const MINIMUM_LIFETIME = 'minimumLifetimeInMinutes';
const ORGANIZATION = 'organization';
const VERIFY_MEMBERSHIP = 'verifyMembership';
const ALLOWED_HOSTS = 'allowedHosts';

/** Every input of the task: `task.json` has exactly these. */
export const INPUT_NAMES = [
  ...namesOf(IDENTITY_INPUTS),
  MINIMUM_LIFETIME,
  ORGANIZATION,
  VERIFY_MEMBERSHIP,
  ALLOWED_HOSTS,
  ...CALL_INPUTS,
];

/** Where the pipeline says which organization it is of. */
const COLLECTION_VARIABLES = ['System.CollectionUri', 'System.TeamFoundationCollectionUri'];
const CONTAINER_VARIABLE = 'Agent.ContainerId';
const FORK_VARIABLE = 'System.PullRequest.IsFork';
const TEMPORARY_FOLDER_VARIABLE = 'Agent.TempDirectory';

/**
 * Reads all inputs, and the variables that matter, before anything is sent.
 * @throws {InputFailure} with every problem that was found
 */
export function readInputs(agent: Agent, environment: Environment): TaskInputs {
  const variables = [
    ...COLLECTION_VARIABLES,
    CONTAINER_VARIABLE,
    FORK_VARIABLE,
    TEMPORARY_FOLDER_VARIABLE,
    WORKING_FOLDER_VARIABLE,
    ...NETWORK_VARIABLES,
  ];
  const reader = new InputReader(
    agent,
    findVariableProblems(environment, { inputs: INPUT_NAMES, variables }),
  );
  const requested = readRequestedIdentity(reader);
  const minimumLifetimeMs = reader.read(MINIMUM_LIFETIME, parseMinutes, '5') ?? 0;
  const allowedHosts = reader.read(ALLOWED_HOSTS, parseHosts) ?? [];
  const isToBeVerified = reader.read(VERIFY_MEMBERSHIP, parseBoolean, 'true') ?? false;
  const isRelative = isCallRelative(reader);
  const organization = readOrganization(reader, allowedHosts, isRelative ?? isToBeVerified);
  const call = readCall(reader, organization, allowedHosts);
  const network = readNetwork(reader, environment);
  if (reader.problems.length > 0) {
    throw new InputFailure(reader.problems);
  }
  const isContainerJob = Boolean(agent.getVariable(CONTAINER_VARIABLE));
  const identity = { minimumLifetimeMs, isContainerJob };
  return {
    identity: requested === undefined ? identity : { ...identity, requested },
    // A call tells itself whether the organization knows the identity.
    ...(isToBeVerified && call === undefined && organization !== undefined ? { organization } : {}),
    ...(call === undefined ? {} : { call }),
    temporaryFolder: agent.getVariable(TEMPORARY_FOLDER_VARIABLE) ?? tmpdir(),
    network,
    allowedHosts,
    isForkBuild: agent.getVariable(FORK_VARIABLE)?.toLowerCase() === 'true',
  };
}

function readRequestedIdentity(reader: InputReader): RequestedIdentity | undefined {
  const named = namesOf(IDENTITY_INPUTS)
    .map((input) => ({ input, value: reader.text(input) }))
    .filter(({ value }) => value !== '');
  if (named.length > 1) {
    const names = new Intl.ListFormat('en').format(named.map(({ input }) => input));
    reader.problems.push(`${names} are set, and only one of them may name the identity.`);
  }
  for (const { input } of named) {
    reader.read(input, IDENTITY_INPUTS[input]);
  }
  return named[0];
}

/** @param isNeeded whether it is a problem that there is none */
function readOrganization(
  reader: InputReader,
  allowedHosts: readonly string[],
  isNeeded: boolean,
): Organization | undefined {
  if (reader.text(ORGANIZATION) !== '') {
    return reader.read(ORGANIZATION, (text) => parseOrganization(text, allowedHosts));
  }
  const [variable] = COLLECTION_VARIABLES.filter((name) => reader.agent.getVariable(name));
  const text = variable === undefined ? '' : (reader.agent.getVariable(variable)?.trim() ?? '');
  const parsed = parseOrganization(text, allowedHosts);
  if ('value' in parsed || !isNeeded) {
    return 'value' in parsed ? parsed.value : undefined;
  }
  if (variable === undefined) {
    reader.problems.push('organization is not set, and the pipeline does not say whose it is.');
  } else if (isOtherServer(text)) {
    reader.problems.push(
      `the pipeline is of ${text} (${variable}), which is not Azure DevOps Services: Azure DevOps Server takes no Microsoft ` +
        `Entra token. Set organization to one of Azure DevOps Services${reader.text('url') === '' ? ', or verifyMembership to false' : ''}.`,
    );
  } else {
    reader.take(variable, parsed);
  }
  return undefined;
}

function namesOf<Name extends string>(inputs: Readonly<Record<Name, unknown>>): readonly Name[] {
  return Object.keys(inputs) as Name[];
}
