import type { Agent } from '../agent';
import type { Environment } from '../environment';
import { InputFailure } from '../errors/input-failure';
import { parseGuid, parseMinutes, parseResourceId, type Parsed } from './parse-values';
import { findVariableProblems } from './pipeline-variables';
import type { RequestedIdentity, TaskInputs } from './task-inputs';

const IDENTITY_INPUTS = {
  clientId: parseGuid,
  objectId: parseGuid,
  resourceId: parseResourceId,
} as const;
const MINIMUM_LIFETIME = 'minimumLifetimeInMinutes';
const DEFAULT_MINIMUM_LIFETIME = '5';

/** Every input of the task: `task.json` has exactly these. */
export const INPUT_NAMES = [...namesOf(IDENTITY_INPUTS), MINIMUM_LIFETIME];

/**
 * Reads all inputs, and the variables that matter, before anything is sent.
 * @throws {InputFailure} with every problem that was found
 */
export function readInputs(agent: Agent, environment: Environment): TaskInputs {
  const problems = findVariableProblems(environment, INPUT_NAMES);
  const requested = readRequestedIdentity(agent, problems);
  const lifetime = readText(agent, MINIMUM_LIFETIME) || DEFAULT_MINIMUM_LIFETIME;
  const minimumLifetimeMs = take(problems, MINIMUM_LIFETIME, parseMinutes(lifetime));
  if (minimumLifetimeMs === undefined || problems.length > 0) {
    throw new InputFailure(problems);
  }
  const isContainerJob = Boolean(agent.getVariable('Agent.ContainerId'));
  const identity = { minimumLifetimeMs, isContainerJob };
  return {
    identity: requested === undefined ? identity : { ...identity, requested },
    isForkBuild: agent.getVariable('System.PullRequest.IsFork')?.toLowerCase() === 'true',
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
