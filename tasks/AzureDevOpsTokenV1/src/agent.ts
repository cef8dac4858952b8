import { EOL } from 'node:os';
import { TaskCommand } from 'azure-pipelines-task-lib/taskcommand';
import { toEnvironmentName, type AgentValues, type Environment } from './environment';
import { parseJsonObject, toFields } from './json-object';

/** The Azure Pipelines agent, as far as this task talks to it. */
export interface Agent {
  getInput(name: string): string | undefined;
  getVariable(name: string): string | undefined;
  /** A service connection by its ID, which the input holds. `SYSTEMVSSCONNECTION` is the connection of the job itself. */
  getEndpoint(id: string): Endpoint | undefined;
  /** Masks a value in everything that the job prints from now on. The value is one line of text. */
  setSecret(value: string): void;
  setOutput(name: string, value: string): void;
  setSecretOutput(name: string, value: string): void;
  /** Writes one line to the log. Untrusted text in it has passed through `untrusted-text.ts`. */
  info(line: string): void;
  debug(text: string): void;
  /** Whether the job shows debug lines (`system.debug`). */
  isDebugged(): boolean;
  warning(text: string): void;
  /** Shows how much of an operation is done, in percent. */
  progress(percent: number, what: string): void;
  succeed(): void;
  /** Reports the one error of the step. */
  fail(message: string): void;
}

/** What the agent passes to the task of a service connection. */
export interface Endpoint {
  readonly scheme: string;
  /** A parameter of its authorization, by its name in any case. It can be a secret. */
  readonly parameter: (name: string) => string | undefined;
  readonly data: (name: string) => string | undefined;
}

/** What the agent has passed to this process. */
export interface AgentOptions {
  readonly environment: Environment;
  readonly values: AgentValues;
}

/**
 * The agent that started this process. Of the task library, only the form of the commands is used. While the rest of it loads, it
 * writes a key to a file, and encrypts each input with it: a sixth of the CPU time of a token (docs/performance.md).
 */
export function openAgent(options: AgentOptions): Agent {
  const isDebugged = readVariable('system.debug', options).value?.toLowerCase() === 'true';
  const debug = (text: string) => {
    // The agent would not show it otherwise.
    if (isDebugged) {
      writeCommand('task.debug', {}, text);
    }
  };
  return {
    ...readFrom(options, debug),
    ...reportTo(options),
    debug,
    isDebugged: () => isDebugged,
    setSecret: (value) => {
      if (value !== '') {
        writeCommand('task.setsecret', {}, checkOneLine(value));
      }
    },
    setOutput: (name, value) => {
      // A variable that was secret once stays secret, as in the agent.
      setVariable(name, value, readVariable(name, options).isSecret);
    },
    setSecretOutput: (name, value) => {
      setVariable(name, value, true);
    },
  };
}

type Reading = Pick<Agent, 'getInput' | 'getVariable' | 'getEndpoint'>;

function readFrom(options: AgentOptions, debug: Agent['debug']): Reading {
  return {
    getInput: (name) => {
      const value = options.values.get(`INPUT_${toEnvironmentName(name)}`);
      debug(`${name}=${value ?? ''}`);
      return value;
    },
    getVariable: (name) => {
      const { value, isSecret } = readVariable(name, options);
      debug(`${name}=${isSecret ? '***' : (value ?? '')}`);
      return value;
    },
    getEndpoint: (id) => getEndpoint(id, options),
  };
}

type Reporting = Pick<Agent, 'info' | 'warning' | 'progress' | 'succeed' | 'fail'>;

function reportTo({ environment }: AgentOptions): Reporting {
  const writeIssue = (type: 'error' | 'warning', message: string) => {
    const correlationId = environment.get(CORRELATION_ID);
    writeCommand('task.issue', { type, source: 'TaskInternal', correlationId }, message);
  };
  return {
    info: writeLine,
    warning: (text) => {
      writeIssue('warning', text);
    },
    progress: (percent, what) => {
      writeCommand('task.setprogress', { value: String(percent) }, what);
    },
    succeed: () => {
      writeCommand('task.complete', { result: 'Succeeded' }, '');
    },
    fail: (message) => {
      writeIssue('error', message);
      writeCommand('task.complete', { result: 'Failed' }, message);
    },
  };
}

/** With it, the agent knows that an issue is of the task, and not of text that the task printed. */
const CORRELATION_ID = 'COMMAND_CORRELATION_ID';

function writeLine(line: string): void {
  // Node.js would have to load the console first.
  process.stdout.write(`${line}${EOL}`);
}

function writeCommand(
  name: string,
  properties: Readonly<Record<string, string | undefined>>,
  message: string,
): void {
  writeLine(new TaskCommand(name, properties, message).toString());
}

function setVariable(name: string, value: string, isSecret: boolean): void {
  const properties = { variable: name, isOutput: 'true', issecret: String(isSecret) };
  writeCommand('task.setvariable', properties, isSecret ? checkOneLine(value) : value);
}

/** The agent masks lines. It refuses a secret variable of several lines, and prints its value. */
function checkOneLine(secret: string): string {
  if (/[\r\n]/.test(secret)) {
    throw new Error('A secret has several lines');
  }
  return secret;
}

/** The agent names the secret variables in a list, and passes their values under other names. */
function readVariable(
  name: string,
  { environment, values }: AgentOptions,
): { readonly value: string | undefined; readonly isSecret: boolean } {
  const key = toEnvironmentName(name);
  const isSecret = environment.secretVariableNames.some((one) => toEnvironmentName(one) === key);
  return { value: isSecret ? values.get(`SECRET_${key}`) : environment.get(key), isSecret };
}

function getEndpoint(id: string, { environment, values }: AgentOptions): Endpoint | undefined {
  // An error of JSON.parse would contain the text, which can be a secret.
  const authorization = parseJsonObject(values.get(`ENDPOINT_AUTH_${id}`) ?? '');
  if (authorization === undefined) {
    return undefined;
  }
  const { scheme, parameters } = authorization;
  return {
    scheme: typeof scheme === 'string' ? scheme : '',
    parameter: (name) => {
      const key = name.toLowerCase();
      const [, value] =
        Object.entries(toFields(parameters) ?? {}).find(([one]) => one.toLowerCase() === key) ?? [];
      return typeof value === 'string' ? value : undefined;
    },
    data: (name) => environment.get(`ENDPOINT_DATA_${id}_${name.toUpperCase()}`),
  };
}
