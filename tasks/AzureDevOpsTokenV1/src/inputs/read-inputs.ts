import type { Agent } from '../agent';
import type { Environment } from '../environment';
import { InputFailure } from '../errors/input-failure';
import { quoteForeign } from '../server-text';
import { parseGuid, parseMinutes, parseResourceId, ValueProblem } from './parse-values';
import { findVariableProblems } from './pipeline-variables';
import type { RequestedIdentity, TaskInputs } from './task-inputs';

const DEFAULT_MINIMUM_LIFETIME = '5';

const IDENTITY_PARSERS = {
  clientId: parseGuid,
  objectId: parseGuid,
  resourceId: parseResourceId,
} as const;

/** Every input of the task: `task.json` has exactly these. */
export const INPUT_NAMES = [...Object.keys(IDENTITY_PARSERS), 'minimumLifetimeInMinutes'];

/**
 * Reads all inputs, and the variables that matter, before anything is sent.
 * @throws {InputFailure} with every problem that was found
 */
export function readInputs(agent: Agent, environment: Environment): TaskInputs {
  const problems = findVariableProblems(environment, INPUT_NAMES);
  const requested = readRequestedIdentity(agent, problems);
  const minimumLifetimeMs = readValue(agent, problems, {
    name: 'minimumLifetimeInMinutes',
    parse: parseMinutes,
    otherwise: DEFAULT_MINIMUM_LIFETIME,
  });
  if (minimumLifetimeMs === undefined || problems.length > 0) {
    throw new InputFailure(problems);
  }
  const isContainerJob = Boolean(agent.getVariable('Agent.ContainerId'));
  const identity = { minimumLifetimeMs, isContainerJob };
  return {
    identity: requested === undefined ? identity : { ...identity, requested },
    isForkBuild: /^true$/i.test(agent.getVariable('System.PullRequest.IsFork') ?? ''),
  };
}

function readRequestedIdentity(agent: Agent, problems: string[]): RequestedIdentity | undefined {
  const inputs = ['clientId', 'objectId', 'resourceId'] as const;
  const given = inputs.filter((name) => readText(agent, name) !== '');
  if (given.length > 1) {
    problems.push(`${given.join(', ')} are all set, and only one of them may name the identity.`);
  }
  return given
    .map((input) => {
      const value = readValue(agent, problems, { name: input, parse: IDENTITY_PARSERS[input] });
      return value === undefined ? undefined : { input, value };
    })
    .find((requested) => requested !== undefined);
}

interface Reading<T> {
  readonly name: string;
  readonly parse: (text: string) => T;
  /** The value of an input that is left empty. */
  readonly otherwise?: string;
}

function readValue<T>(agent: Agent, problems: string[], reading: Reading<T>): T | undefined {
  const given = readText(agent, reading.name);
  const text = given === '' ? reading.otherwise : given;
  if (text === undefined) {
    return undefined;
  }
  const variable = /^\$\(([^()]+)\)$/.exec(text)?.[1];
  if (variable !== undefined) {
    problems.push(
      `${reading.name} is still $(${quoteForeign(variable)}): the pipeline has no such variable. Define it, or correct its name.`,
    );
    return undefined;
  }
  try {
    return reading.parse(text);
  } catch (error) {
    if (!(error instanceof ValueProblem)) {
      throw error;
    }
    problems.push(`${reading.name} ${error.message}.`);
    return undefined;
  }
}

function readText(agent: Agent, name: string): string {
  return agent.getInput(name)?.trim() ?? '';
}
