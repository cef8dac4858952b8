import { toEnvironmentName, type Environment } from '../environment';
import { untrustedText } from '../untrusted-text';
import { findEffect } from './variable-effects';

/** What the task reads from the agent, by the names that pipeline authors use. */
export interface ReadNames {
  readonly inputs: readonly string[];
  readonly variables: readonly string[];
  /** The IDs of the service connections in the inputs. The agent passes only those to a task whose ID is a GUID. */
  readonly connections?: readonly string[];
}

/** The folder of the agent in which jobs run, and to which they can write. */
export const WORK_FOLDER_VARIABLE = 'Agent.WorkFolder';

const REMOVE =
  'Remove the variable, because people who may queue a run could use it against this job. ' +
  'If the agent machine needs this setting, put it into the environment of the agent.';

/**
 * Finds pipeline variables that must not be set. A person who queues a run, or an earlier step, must not choose the identity of
 * the token, or run code in this process. Up to agent 5.276, a variable `INPUT_CLIENTID` overrides the input `clientId`, and
 * with any agent a variable `SYSTEM_COLLECTIONURI` overrides `System.CollectionUri` of the agent.
 */
export function findVariableProblems(environment: Environment, read: ReadNames): string[] {
  const { pipelineVariableNames, secretVariableNames } = environment;
  return [
    ...findEnvironmentProblems(environment),
    ...findNameProblems([...pipelineVariableNames, ...secretVariableNames]),
    ...findEffects(environment, read),
    ...findShadows(environment, read.variables),
  ];
}

/** Finds pipeline variables that replace another one because of their names alone. */
function findEnvironmentProblems({ unreadableLists, repeatedNames }: Environment): string[] {
  return [
    ...unreadableLists.map(
      (name) =>
        `${name}, the agent's list of pipeline variables, is not a JSON array of names. A pipeline variable with "=" in its name may have replaced it. Remove that variable.`,
    ),
    ...repeatedNames.map(
      (name) =>
        `The environment contains "${untrustedText(name)}" twice, with different values. A pipeline variable whose name begins with "${untrustedText(name)}=" may have added one of them. Remove that variable.`,
    ),
  ];
}

function findNameProblems(names: readonly string[]): string[] {
  return names.flatMap((name) => {
    const shown = `The name is "${untrustedText(name)}".`;
    if (name.includes('=')) {
      const [start = ''] = name.split('=');
      return `A pipeline variable has "=" in its name, so programs read it as "${untrustedText(toEnvironmentName(start))}". ${shown} ${REMOVE}`;
    }
    return /\p{Cc}/u.test(name)
      ? `A pipeline variable has a control character in its name. ${shown} Rename or remove the variable.`
      : [];
  });
}

function findEffects(environment: Environment, { inputs, connections = [] }: ReadNames): string[] {
  const ofInputs = new Map(inputs.map((name) => [toEnvironmentName(`INPUT_${name}`), name]));
  const workFolder = environment.get(toEnvironmentName(WORK_FOLDER_VARIABLE));
  return environment.pipelineVariableNames.flatMap((name) => {
    const environmentName = toEnvironmentName(name);
    const input = ofInputs.get(environmentName);
    const effect =
      input === undefined
        ? findEffect(environmentName, environment.get(environmentName), { workFolder, connections })
        : `override the input ${input}`;
    return effect === undefined ? [] : describeEffect(environment, name, effect);
  });
}

/** Finds pipeline variables that become the same environment variable as a variable of the agent, or as its secret value. */
function findShadows(environment: Environment, variables: readonly string[]): string[] {
  const { pipelineVariableNames, secretVariableNames } = environment;
  const own = new Map(
    variables.flatMap((name) => [
      [toEnvironmentName(name), name],
      [`SECRET_${toEnvironmentName(name)}`, name],
    ]),
  );
  return [...pipelineVariableNames, ...secretVariableNames].flatMap((name) => {
    const original = own.get(toEnvironmentName(name));
    return original === undefined || original.toLowerCase() === name.toLowerCase()
      ? []
      : describeEffect(environment, name, `override ${original} of the agent`);
  });
}

function describeEffect(environment: Environment, name: string, effect: string): string {
  const host = describeHost(environment.get(toEnvironmentName(name)));
  return `The pipeline variable "${untrustedText(name)}" would ${effect}. ${host}${REMOVE}`;
}

function describeHost(value: string | undefined): string {
  return value !== undefined && URL.canParse(value) && new URL(value).host !== ''
    ? `Its value has the host ${untrustedText(new URL(value).host)}. `
    : '';
}
