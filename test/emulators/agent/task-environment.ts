// The environment that the agent gives a task, by the rules of Handler.cs, TaskRunner.cs and VarUtil.cs in
// microsoft/azure-pipelines-agent.
import { isAbsolute, join } from 'node:path';
import { describeEndpoint, type ServiceEndpoint } from './endpoints';

export interface Variable {
  readonly value: string;
  readonly isSecret: boolean;
}

/** By name; the agent compares names without case. */
export class Variables {
  readonly #byKey = new Map<string, { readonly name: string; readonly variable: Variable }>();

  set(name: string, value: string, isSecret: boolean): void {
    this.#byKey.set(name.toLowerCase(), { name, variable: { value, isSecret } });
  }

  get(name: string): Variable | undefined {
    return this.#byKey.get(name.toLowerCase())?.variable;
  }

  entries(): readonly (readonly [string, Variable])[] {
    return [...this.#byKey.values()].map(({ name, variable }) => [name, variable] as const);
  }

  /**
   * Expands the macros in the values of variables themselves, as the agent does before each step
   * (Variables.RecalculateExpanded): one that leads back to itself stays, and what holds a secret becomes one.
   */
  expandValues(): void {
    const expanded = [...this.#byKey.keys()].map((key) => [key, this.#expandOne(key, [])] as const);
    for (const [key, variable] of expanded) {
      const { name } = this.#byKey.get(key) ?? { name: key };
      this.#byKey.set(key, { name, variable });
    }
  }

  #expandOne(key: string, path: readonly string[]): Variable {
    const own = this.#byKey.get(key)?.variable ?? { value: '', isSecret: false };
    let { isSecret } = own;
    const value = own.value.replace(/\$\(([^)]*)\)/g, (macro, name: string) => {
      const nested = name.toLowerCase();
      if (!this.#byKey.has(nested) || nested === key || path.includes(nested)) {
        return macro;
      }
      const variable = this.#expandOne(nested, [...path, key]);
      isSecret ||= variable.isSecret;
      return variable.value;
    });
    return { value, isSecret };
  }

  /** Replaces `$(name)` where there is such a variable, and leaves it where there is none. */
  expand(text: string): string {
    return text.replace(/\$\(([^)]*)\)/g, (macro, name: string) => this.get(name)?.value ?? macro);
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
  readonly sourcesFolder: string;
}

export function buildEnvironment(parts: EnvironmentParts): NodeJS.ProcessEnv {
  const { variables, machineEnvironment } = parts;
  const expand = (text: string) =>
    variables
      .expand(text)
      .replace(/\$\(([^)]*)\)/g, (macro, name: string) => machineEnvironment[name] ?? macro);
  const environment: NodeJS.ProcessEnv = { ...machineEnvironment, TF_BUILD: 'True' };
  for (const [name, value] of Object.entries(parts.stepEnvironment)) {
    environment[name] = expand(value.trim());
  }
  for (const [id, endpoint] of Object.entries(parts.endpoints ?? {})) {
    Object.assign(environment, describeEndpoint(id, endpoint));
  }
  for (const input of parts.inputs) {
    const value = expand(input.value.trim());
    environment[`INPUT_${toEnvironmentName(input.name)}`] =
      input.isPath && !isAbsolute(value) ? join(parts.sourcesFolder, value) : value;
  }
  const all = variables.entries();
  // After the rest, so that a variable INPUT_… wins over an input, and ENDPOINT_… over a service connection.
  for (const [name, { value, isSecret }] of all) {
    environment[`${isSecret ? 'SECRET_' : ''}${toEnvironmentName(name)}`] = value;
  }
  const namesOf = (secret: boolean) =>
    JSON.stringify(all.filter(([, { isSecret }]) => isSecret === secret).map(([name]) => name));
  environment['VSTS_PUBLIC_VARIABLES'] = namesOf(false);
  environment['VSTS_SECRET_VARIABLES'] = namesOf(true);
  return environment;
}

function toEnvironmentName(name: string): string {
  return name.replace(/[. ]/g, '_').toUpperCase();
}
