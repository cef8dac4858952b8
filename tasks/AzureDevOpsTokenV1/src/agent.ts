import * as tl from 'azure-pipelines-task-lib/task';

/** The Azure Pipelines agent, as far as this task talks to it. */
export interface Agent {
  getInput(name: string): string | undefined;
  /** An input of the type filePath: an absolute path, undefined where it is empty. */
  getPath(name: string): string | undefined;
  getVariable(name: string): string | undefined;
  /** Masks a value in all that the job prints from now on. One line of text. */
  setSecret(value: string): void;
  setOutput(name: string, value: string): void;
  setSecretOutput(name: string, value: string): void;
  /** One line of the log. Foreign text in it has come through `server-text.ts`. */
  info(line: string): void;
  debug(text: string): void;
  warning(text: string): void;
  /** How far the step has come, in percent, and with what. */
  progress(percent: number, what: string): void;
  succeed(): void;
  /** Reports the one error of the step. */
  fail(message: string): void;
}

/** The agent that started this process. */
export function openAgent(): Agent {
  // The library would print the message and the stack of any error that nobody caught, and let the process go on. What
  // such an error holds is not ours to print; task.ts ends the step instead.
  process.removeAllListeners('uncaughtException');
  process.removeAllListeners('unhandledRejection');
  return {
    getInput: (name) => tl.getInput(name),
    // The agent makes of an empty one the folder of the sources.
    getPath: (name) => (tl.filePathSupplied(name) ? tl.getPathInput(name) : undefined),
    getVariable: (name) => tl.getVariable(name),
    setSecret: (value) => {
      tl.setSecret(value);
    },
    setOutput: (name, value) => {
      tl.setVariable(name, value, false, true);
    },
    setSecretOutput: (name, value) => {
      tl.setVariable(name, value, true, true);
    },
    info: (line) => {
      console.log(line);
    },
    debug: (text) => {
      tl.debug(text);
    },
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
