import { tmpdir } from 'node:os';
import type { Agent } from '../agent';
import type { Environment } from '../environment';
import { inputError } from '../errors/input-problems';
import { InputReader } from './input-reader';
import { parseHosts } from './parse-organization';
import { parseBoolean, parseMinutes } from './parse-values';
import { findVariableProblems, WORK_FOLDER_VARIABLE } from './pipeline-variables';
import { CALL_INPUTS, isCallRelative, readCall, WORKING_FOLDER_VARIABLE } from './read-rest-call';
import { GIT_CREDENTIALS, readGit } from './read-git';
import { CONNECTION_INPUTS, IDENTITY_INPUTS, readIdentity } from './read-identity';
import { NETWORK_VARIABLES, readNetwork } from './read-network';
import { OIDC_VARIABLE } from './read-oidc-url';
import { COLLECTION_VARIABLES, ORGANIZATION, readOrganization } from './read-organization';
import type { TaskInputs } from './task-inputs';

const MINIMUM_LIFETIME = 'minimumLifetimeInMinutes';
const VERIFY_MEMBERSHIP = 'verifyMembership';
const ALLOWED_HOSTS = 'allowedHosts';

/** Every input of the task. `task.json` lists the same names. */
export const INPUT_NAMES = [
  ...IDENTITY_INPUTS,
  MINIMUM_LIFETIME,
  ORGANIZATION,
  VERIFY_MEMBERSHIP,
  ALLOWED_HOSTS,
  GIT_CREDENTIALS,
  ...CALL_INPUTS,
];

const FORK_VARIABLE = 'System.PullRequest.IsFork';
const TEMPORARY_FOLDER_VARIABLE = 'Agent.TempDirectory';
// Agent.ContainerId is also set for steps of the job that run on the host. But the agent mounts the folders of a step in a
// container below /__w (Linux) or C:\__w (Windows): Container/ContainerOperationProvider.cs in microsoft/azure-pipelines-agent.
const FOLDER_IN_CONTAINER = /^(?:\/__w\/|[a-z]:\\__w\\)_temp$/i;

/** The variables of the agent that the task reads. */
const VARIABLES = [
  ...COLLECTION_VARIABLES,
  FORK_VARIABLE,
  TEMPORARY_FOLDER_VARIABLE,
  WORKING_FOLDER_VARIABLE,
  WORK_FOLDER_VARIABLE,
  OIDC_VARIABLE,
  ...NETWORK_VARIABLES,
];

/**
 * Reads all inputs and the variables of the agent that the task uses, before anything is sent.
 * @throws {TaskError} with every problem that was found
 */
export function readInputs(agent: Agent, environment: Environment): TaskInputs {
  const connections = CONNECTION_INPUTS.map((name) => agent.getInput(name)?.trim() ?? '');
  const reader = new InputReader(
    agent,
    findVariableProblems(environment, { inputs: INPUT_NAMES, variables: VARIABLES, connections }),
  );
  const allowedHosts = reader.read(ALLOWED_HOSTS, parseHosts) ?? [];
  const identity = readIdentity(reader);
  const minimumLifetimeMs = reader.read(MINIMUM_LIFETIME, parseMinutes, '5') ?? 0;
  const isToBeVerified = reader.read(VERIFY_MEMBERSHIP, parseBoolean, 'true') ?? false;
  const isRelative = isCallRelative(reader);
  const isForGit = reader.read(GIT_CREDENTIALS, parseBoolean, 'false') ?? false;
  const isNeeded = isForGit || (isRelative ?? isToBeVerified);
  const organization = readOrganization(reader, allowedHosts, isNeeded);
  const git = isForGit ? readGit(reader, organization, allowedHosts) : undefined;
  const call = readCall(reader, organization, allowedHosts);
  const network = readNetwork(reader, environment);
  if (reader.problems.length > 0) {
    throw inputError(reader.problems);
  }
  const temporaryFolder = agent.getVariable(TEMPORARY_FOLDER_VARIABLE) ?? tmpdir();
  return {
    identity: {
      ...identity,
      minimumLifetimeMs,
      isInContainer: FOLDER_IN_CONTAINER.test(temporaryFolder),
    },
    // The response to a REST call shows by itself whether the identity is a member of the organization.
    ...(isToBeVerified && call === undefined && organization !== undefined ? { organization } : {}),
    ...(call === undefined ? {} : { call }),
    ...(git === undefined ? {} : { git }),
    temporaryFolder,
    network,
    allowedHosts,
    isForkBuild: agent.getVariable(FORK_VARIABLE)?.toLowerCase() === 'true',
  };
}
