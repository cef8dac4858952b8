// Stand-ins for the collaborators that the task is given; not for its own modules.
import type { Agent, Endpoint } from '../../tasks/AzureDevOpsTokenV1/src/agent';
import type { Clock } from '../../tasks/AzureDevOpsTokenV1/src/clock';
import type { Environment } from '../../tasks/AzureDevOpsTokenV1/src/environment';

export interface FakeEndpoint {
  readonly scheme: string;
  readonly parameters?: Readonly<Record<string, string>>;
  readonly data?: Readonly<Record<string, string>>;
}

/** An agent that remembers what it was told, in order. */
export class FakeAgent implements Agent {
  readonly calls: string[] = [];
  readonly #inputs: Readonly<Record<string, string>>;
  readonly #variables: Readonly<Record<string, string>>;

  readonly #endpoints: Readonly<Record<string, FakeEndpoint>>;

  constructor(
    inputs: Readonly<Record<string, string>> = {},
    variables: Readonly<Record<string, string>> = {},
    endpoints: Readonly<Record<string, FakeEndpoint>> = {},
  ) {
    this.#endpoints = endpoints;
    this.#inputs = inputs;
    this.#variables = { 'System.CollectionUri': 'https://dev.azure.com/MyOrg/', ...variables };
  }

  getInput(name: string): string | undefined {
    return this.#inputs[name];
  }

  getVariable(name: string): string | undefined {
    return this.#variables[name];
  }

  getEndpoint(id: string): Endpoint | undefined {
    const endpoint = this.#endpoints[id];
    return (
      endpoint && {
        scheme: endpoint.scheme,
        parameter: (name) => endpoint.parameters?.[name],
        data: (name) => endpoint.data?.[name],
      }
    );
  }

  setSecret(value: string): void {
    this.calls.push(`setSecret ${value}`);
  }

  setOutput(name: string, value: string): void {
    this.calls.push(`setOutput ${name}=${value}`);
  }

  setSecretOutput(name: string, value: string): void {
    this.calls.push(`setSecretOutput ${name}=${value}`);
  }

  info(line: string): void {
    this.calls.push(`info ${line}`);
  }

  debug(text: string): void {
    this.calls.push(`debug ${text}`);
  }

  isDebugged(): boolean {
    return true;
  }

  warning(text: string): void {
    this.calls.push(`warning ${text}`);
  }

  progress(percent: number, what: string): void {
    this.calls.push(`progress ${percent} ${what}`);
  }

  succeed(): void {
    this.calls.push('succeed');
  }

  fail(message: string): void {
    this.calls.push(`fail ${message}`);
  }
}

/** A clock on which sleeping takes no time, and which says how long it was slept on. */
export class FakeClock implements Clock {
  readonly sleeps: number[] = [];
  /** Time has passed before: only differences mean anything. */
  static readonly #BEFORE = 5_000;
  #elapsed = 0;
  readonly #start: number;

  constructor(start = Date.now()) {
    this.#start = start;
  }

  now(): number {
    return this.#start + this.#elapsed;
  }

  elapsed(): number {
    return FakeClock.#BEFORE + this.#elapsed;
  }

  /** Milliseconds since the clock was made. */
  age(): number {
    return this.#elapsed;
  }

  sleep(ms: number): Promise<void> {
    this.sleeps.push(ms);
    this.#elapsed += ms;
    return Promise.resolve();
  }

  advance(ms: number): void {
    this.#elapsed += ms;
  }
}

export function fakeEnvironment(
  variables: Readonly<Record<string, string>> = {},
  pipelineVariableNames: readonly string[] = [],
  secretVariableNames: readonly string[] = [],
): Environment {
  const get = (name: string) => (variables[name] === '' ? undefined : variables[name]);
  const found = { unreadableLists: [], repeatedNames: [] };
  return { get, pipelineVariableNames, secretVariableNames, ...found };
}
