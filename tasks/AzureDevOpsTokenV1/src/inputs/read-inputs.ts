import type { Agent } from '../agent';
import type { Environment } from '../environment';
import { InputFailure } from '../errors/input-failure';
import { isOtherServer, parseHosts, parseOrganization } from './parse-organization';
import {
  parseBoolean,
  parseGuid,
  parseMinutes,
  parseResourceId,
  type Parsed,
} from './parse-values';
import { findVariableProblems } from './pipeline-variables';
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
];

/** Where the pipeline says which organization it is of. */
const COLLECTION_VARIABLES = ['System.CollectionUri', 'System.TeamFoundationCollectionUri'];
const CONTAINER_VARIABLE = 'Agent.ContainerId';
const FORK_VARIABLE = 'System.PullRequest.IsFork';

/**
 * Reads all inputs, and the variables that matter, before anything is sent.
 * @throws {InputFailure} with every problem that was found
 */
export function readInputs(agent: Agent, environment: Environment): TaskInputs {
  const problems = findVariableProblems(environment, {
    inputs: INPUT_NAMES,
    variables: [...COLLECTION_VARIABLES, CONTAINER_VARIABLE, FORK_VARIABLE],
  });
  const requested = readRequestedIdentity(agent, problems);
  const lifetime = parseMinutes(readText(agent, MINIMUM_LIFETIME) || '5');
  const minimumLifetimeMs = take(problems, MINIMUM_LIFETIME, lifetime) ?? 0;
  const hosts = parseHosts(readText(agent, ALLOWED_HOSTS));
  const allowedHosts = take(problems, ALLOWED_HOSTS, hosts) ?? [];
  const organization = readOrganization(agent, allowedHosts, problems);
  if (problems.length > 0) {
    throw new InputFailure(problems);
  }
  const isContainerJob = Boolean(agent.getVariable(CONTAINER_VARIABLE));
  const identity = { minimumLifetimeMs, isContainerJob };
  return {
    identity: requested === undefined ? identity : { ...identity, requested },
    ...(organization === undefined ? {} : { organization }),
    allowedHosts,
    isForkBuild: agent.getVariable(FORK_VARIABLE)?.toLowerCase() === 'true',
  };
}

function readRequestedIdentity(agent: Agent, problems: string[]): RequestedIdentity | undefined {
  const named = namesOf(IDENTITY_INPUTS)
    .map((input) => ({ input, value: readText(agent, input) }))
    .filter(({ value }) => value !== '');
  if (named.length > 1) {
    const names = new Intl.ListFormat('en').format(named.map(({ input }) => input));
    problems.push(`${names} are set, and only one of them may name the identity.`);
  }
  for (const { input, value } of named) {
    take(problems, input, IDENTITY_INPUTS[input](value));
  }
  return named[0];
}

function readOrganization(
  agent: Agent,
  allowedHosts: readonly string[],
  problems: string[],
): Organization | undefined {
  const verify = parseBoolean(readText(agent, VERIFY_MEMBERSHIP) || 'true');
  const isToBeAsked = take(problems, VERIFY_MEMBERSHIP, verify) ?? false;
  const text = readText(agent, ORGANIZATION);
  if (text !== '') {
    const organization = take(problems, ORGANIZATION, parseOrganization(text, allowedHosts));
    return isToBeAsked ? organization : undefined;
  }
  return isToBeAsked ? readOwnOrganization(agent, allowedHosts, problems) : undefined;
}

function readOwnOrganization(
  agent: Agent,
  allowedHosts: readonly string[],
  problems: string[],
): Organization | undefined {
  const [variable] = COLLECTION_VARIABLES.filter((name) => agent.getVariable(name));
  if (variable === undefined) {
    problems.push('organization is not set, and the pipeline does not say whose it is.');
    return undefined;
  }
  const text = agent.getVariable(variable)?.trim() ?? '';
  const parsed = parseOrganization(text, allowedHosts);
  if ('problem' in parsed && isOtherServer(text)) {
    problems.push(
      `the pipeline is of ${text} (${variable}), which is not Azure DevOps Services: Azure DevOps Server takes no Microsoft ` +
        'Entra token. Set organization to one of Azure DevOps Services, or verifyMembership to false.',
    );
    return undefined;
  }
  return take(problems, variable, parsed);
}

function take<T>(problems: string[], name: string, parsed: Parsed<T>): T | undefined {
  if ('value' in parsed) {
    return parsed.value;
  }
  problems.push(`${name} ${parsed.problem}`);
  return undefined;
}

function readText(agent: Agent, name: string): string {
  return agent.getInput(name)?.trim() ?? '';
}

function namesOf<Name extends string>(inputs: Readonly<Record<Name, unknown>>): readonly Name[] {
  return Object.keys(inputs) as Name[];
}
