import { EOL } from 'node:os';
import * as tl from 'azure-pipelines-task-lib/task';

/** The Azure Pipelines agent, as far as this task talks to it. */
export interface Agent {
  getInput(name: string): string | undefined;
  getVariable(name: string): string | undefined;
  /** A service connection, by the id in the input that names it, or `SYSTEMVSSCONNECTION`: that of the job itself. */
  getEndpoint(id: string): Endpoint | undefined;
  /** Masks a value in all that the job prints from now on. One line of text. */
  setSecret(value: string): void;
  setOutput(name: string, value: string): void;
  setSecretOutput(name: string, value: string): void;
  /** One line of the log. Foreign text in it has come through `untrusted-text.ts`. */
  info(line: string): void;
  debug(text: string): void;
  /** Whether anybody sees what is written to the debug log. */
  isDebugged(): boolean;
  warning(text: string): void;
  /** How far the step has come, in percent, and with what. */
  progress(percent: number, what: string): void;
  succeed(): void;
  /** Reports the one error of the step. */
  fail(message: string): void;
}

/** What the agent tells of a service connection. */
export interface Endpoint {
  readonly scheme: string;
  /** A parameter of its authorization, which can be a secret, by its name in any case. */
  readonly parameter: (name: string) => string | undefined;
  readonly data: (name: string) => string | undefined;
}

/** The agent that started this process. */
export function openAgent(): Agent {
  // The library would print the message and the stack of any error that nobody caught, and let the process go on. What
  // such an error holds is not ours to print; task.ts ends the step instead.
  process.removeAllListeners('uncaughtException');
  process.removeAllListeners('unhandledRejection');
  return {
    getInput: (name) => tl.getInput(name),
    getVariable: (name) => tl.getVariable(name),
    getEndpoint,
    setSecret: tl.setSecret,
    setOutput: (name, value) => {
      tl.setVariable(name, value, false, true);
    },
    setSecretOutput: (name, value) => {
      tl.setVariable(name, value, true, true);
    },
    info: (line) => {
      // As the library writes its commands; the console would be loaded for it.
      process.stdout.write(`${line}${EOL}`);
    },
    debug: tl.debug,
    isDebugged: () => tl.getVariable('system.debug')?.toLowerCase() === 'true',
    warning: (text) => {
      tl.warning(text);
    },
    progress: (percent, what) => {
      tl.setProgress(percent, what);
    },
    succeed: () => {
      tl.setResult(tl.TaskResult.Succeeded, '');
    },
    fail: (message) => {
      tl.setResult(tl.TaskResult.Failed, message);
    },
  };
}

function getEndpoint(id: string): Endpoint | undefined {
  const authorization = readAuthorization(id);
  if (authorization === undefined) {
    return undefined;
  }
  const parameters = new Map(
    Object.entries(authorization.parameters ?? {}).map(([name, value]) => [
      name.toLowerCase(),
      value,
    ]),
  );
  return {
    scheme: authorization.scheme,
    parameter: (name) => parameters.get(name.toLowerCase()),
    data: (name) => tl.getEndpointDataParameter(id, name, true),
  };
}

type Authorization = Pick<tl.EndpointAuthorization, 'scheme'> &
  Partial<Pick<tl.EndpointAuthorization, 'parameters'>>;

/** All of it at once: of a single parameter the library would write the value to the debug log, though it is a secret. */
function readAuthorization(id: string): Authorization | undefined {
  try {
    return tl.getEndpointAuthorization(id, true);
  } catch {
    // The error of the library holds what it could not read.
    return undefined;
  }
}
