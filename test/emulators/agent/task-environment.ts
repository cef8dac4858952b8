// The environment that the agent gives a task, by the rules of Handler.cs, TaskRunner.cs and VarUtil.cs in
// microsoft/azure-pipelines-agent.
import { isAbsolute, join } from 'node:path';
import { expandDeeply, expandMacros } from './macros';
import { describeEndpoint, type ServiceEndpoint } from './endpoints';

export interface Variable {
  readonly value: string;
  readonly isSecret: boolean;
}

/** By name; the agent compares names without case. */
export class Variables {
  readonly #byKey = new Map<string, { readonly name: string; readonly variable: Variable }>();

  /** What was a secret once stays one (Variables.Set). */
  set(name: string, value: string, isSecret: boolean): void {
    const wasSecret = this.get(name)?.isSecret ?? false;
    const variable = { value, isSecret: isSecret || wasSecret };
    this.#byKey.set(name.toLowerCase(), { name, variable });
  }

  get(name: string): Variable | undefined {
    return this.#byKey.get(name.toLowerCase())?.variable;
  }

  entries(): readonly (readonly [string, Variable])[] {
    return [...this.#byKey.values()].map(({ name, variable }) => [name, variable] as const);
  }

  /**
   * Expands the macros in the values of variables themselves, as the agent does before each step
   * (Variables.RecalculateExpanded); what holds a secret becomes one.
   */
  expandValues(): void {
    const expanded = this.entries().map(([name, { value, isSecret }]) => {
      const found: boolean[] = [];
      const text = expandDeeply(name, value, (nested) => {
        const variable = this.get(nested);
        found.push(variable?.isSecret ?? false);
        return variable?.value;
      });
      const holdsSecret = text !== value && found.includes(true);
      return [name, { value: text, isSecret: isSecret || holdsSecret }] as const;
    });
    for (const [name, variable] of expanded) {
      this.#byKey.set(name.toLowerCase(), { name, variable });
    }
  }

  /** Replaces `$(name)` where there is such a variable, and leaves it where there is none. */
  expand(text: string): string {
    return expandMacros(text, (name) => this.get(name)?.value);
  }
}

export interface Input {
  readonly name: string;
  readonly value: string;
  readonly isPath: boolean;
}

export interface EnvironmentParts {
  readonly inputs: readonly Input[];
  readonly variables: Variables;
  /** Those that the step may see, by id. */
  readonly endpoints?: Readonly<Record<string, ServiceEndpoint>>;
  /** The `env:` of the step. */
  readonly stepEnvironment: Readonly<Record<string, string>>;
  /** The environment of the agent's own process. */
  readonly machineEnvironment: Readonly<Record<string, string | undefined>>;
  /** In which the agent roots inputs of the type filePath, empty ones too (TranslateFilePathInput of TaskRunner.cs). */
  readonly filePathRoot: string;
  readonly order?: EnvironmentOrder;
}

/**
 * What wins where a variable has the name of an input or of a service connection. Since 5.277 the agent sets variables
 * first, so that they lose; up to 5.276 it set them last (NodeHandler.RunAsync).
 */
export type EnvironmentOrder = 'variables-first' | 'variables-last';

/** @throws on a NUL, as the agent does since 5.278 */
export function buildEnvironment(parts: EnvironmentParts): NodeJS.ProcessEnv {
  const { variables, machineEnvironment, order = 'variables-first' } = parts;
  const expand = (text: string) =>
    expandMacros(variables.expand(text), (name) => machineEnvironment[name]);
  const ofStep = Object.entries(parts.stepEnvironment).map(
    ([name, value]) => [name, expand(value.trim())] as const,
  );
  const ofVariables = describeVariables(variables);
  const ofTask = [
    ...parts.inputs.map((input) => describeInput(input, expand, parts.filePathRoot)),
    ...Object.entries(parts.endpoints ?? {}).flatMap(([id, endpoint]) =>
      Object.entries(describeEndpoint(id, endpoint)),
    ),
  ];
  const environment: NodeJS.ProcessEnv = { ...machineEnvironment, TF_BUILD: 'True' };
  for (const [name, value] of [
    ...ofStep,
    ...(order === 'variables-first' ? [...ofVariables, ...ofTask] : [...ofTask, ...ofVariables]),
  ]) {
    if (`${name}${value}`.includes('\0')) {
      throw new Error(`The environment variable '${name}' contains a null character.`);
    }
    // As .NET, Node.js hands `name=value` to the system as it is: a process reads it up to the first `=`, wherever that is.
    environment[name] = value;
  }
  return environment;
}

function describeInput(
  input: Input,
  expand: (text: string) => string,
  filePathRoot: string,
): readonly [string, string] {
  const value = expand(input.value.trim());
  const path = input.isPath && !isAbsolute(value) ? join(filePathRoot, value) : value;
  return [`INPUT_${toEnvironmentName(input.name)}`, path];
}

function describeVariables(variables: Variables): readonly (readonly [string, string])[] {
  const all = variables.entries();
  const namesOf = (secret: boolean) =>
    JSON.stringify(all.filter(([, { isSecret }]) => isSecret === secret).map(([name]) => name));
  return [
    ...all.map(([name, { value, isSecret }]) => {
      return [`${isSecret ? 'SECRET_' : ''}${toEnvironmentName(name)}`, value] as const;
    }),
    ['VSTS_PUBLIC_VARIABLES', namesOf(false)],
    ['VSTS_SECRET_VARIABLES', namesOf(true)],
  ];
}

function toEnvironmentName(name: string): string {
  return name.replace(/[. ]/g, '_').toUpperCase();
}
