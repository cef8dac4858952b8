import { EOL } from 'node:os';
import * as tl from 'azure-pipelines-task-lib/task';

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

/** The agent that started this process. */
export function openAgent(): Agent {
  // The library would print the message and the stack of an uncaught error, and let the process continue. Such an error can
  // contain secrets, so task.ts ends the step instead.
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
      // The library writes its commands in the same way. Node.js would have to load the console first.
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

/** Reads the whole authorization, because the library writes a parameter that is read alone to the debug log, secrets included. */
function readAuthorization(id: string): Authorization | undefined {
  try {
    return tl.getEndpointAuthorization(id, true);
  } catch {
    // The error of the library contains the text that it could not parse, which can be a secret.
    return undefined;
  }
}
