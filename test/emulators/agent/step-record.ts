// What the commands of a task do to its step, by the rules of WorkerCommandManager.cs, TaskCommandExtension.cs and
// TaskRestrictionsExtension.cs in microsoft/azure-pipelines-agent.
import { minimatch } from 'minimatch';
import { secretsOf, type ServiceEndpoint } from './endpoints';
import { readLine, type LoggingCommand } from './logging-commands';
import { SecretMasker } from './secret-masker';
import type { TaskDefinition } from './task-definition';
import type { Variable, Variables } from './task-environment';

export type StepResult = 'Succeeded' | 'SucceededWithIssues' | 'Failed' | 'Canceled';

export interface Issue {
  readonly type: 'error' | 'warning';
  /** As shown: masked. */
  readonly message: string;
}

const SEVERITY: readonly StepResult[] = ['Succeeded', 'SucceededWithIssues', 'Failed', 'Canceled'];
const ALLOWED_WHEN_RESTRICTED = new Set([
  'logdetail',
  'logissue',
  'issue',
  'complete',
  'setprogress',
  'setsecret',
  'setvariable',
  'debug',
  'settaskvariable',
  'prependpath',
]);
const MOST_ISSUES_OF_A_TYPE = 10;

export class StepRecord {
  readonly log: string[] = [];
  readonly issues: Issue[] = [];
  readonly outputs = new Map<string, Variable>();
  /** What it set for the steps that follow, besides. */
  readonly set = new Map<string, Variable>();
  readonly masker = new SecretMasker();
  result: StepResult = 'Succeeded';
  readonly #definition: TaskDefinition;
  readonly #variables: Variables;

  constructor(
    definition: TaskDefinition,
    variables: Variables,
    endpoints: readonly ServiceEndpoint[] = [],
  ) {
    this.#definition = definition;
    this.#variables = variables;
    for (const [, { value, isSecret }] of variables.entries()) {
      if (isSecret) {
        this.masker.add(value);
      }
    }
    endpoints.flatMap(secretsOf).forEach((secret) => {
      this.masker.add(secret);
    });
  }

  /** One line that the task wrote, to either of its streams. */
  take(line: string): void {
    const found = readLine(line);
    switch (found.kind) {
      case 'text':
        this.write(line);
        return;
      case 'suspicious':
        this.report('warning', `'${line}' contains a logging command keyword, and is no command.`);
        this.write(line);
        return;
      case 'disguised':
        this.report('warning', `Cannot find the command extension for '${line}'.`);
        return;
      case 'command':
        this.#obey(found.command, line);
    }
  }

  write(text: string): void {
    this.log.push(...this.masker.mask(text).split(/\r\n|\n|\r/));
  }

  debug(text: string): void {
    if (this.#variables.get('system.debug')?.value.toLowerCase() === 'true') {
      this.write(`##[debug]${text}`);
    }
  }

  report(type: Issue['type'], message: string): void {
    if (this.issues.filter((issue) => issue.type === type).length < MOST_ISSUES_OF_A_TYPE) {
      this.issues.push({ type, message: this.masker.mask(message) });
    }
    this.write(`##[${type}]${message}`);
  }

  worsen(result: StepResult): void {
    if (SEVERITY.indexOf(result) > SEVERITY.indexOf(this.result)) {
      this.result = result;
    }
  }

  #obey(command: LoggingCommand, line: string): void {
    const isRestricted = this.#definition.restrictions.commands.mode === 'restricted';
    if (command.area !== 'task' || (isRestricted && !ALLOWED_WHEN_RESTRICTED.has(command.event))) {
      this.report('warning', `${command.area}.${command.event} is not allowed in this step.`);
      return;
    }
    try {
      this.#act(command);
    } catch (error) {
      // The real one shows the whole line here, too: a secret in it would be seen.
      this.report('error', `Unable to process command '${line}' successfully. ${String(error)}`);
      this.worsen('Failed');
      return;
    }
    if (command.event !== 'debug') {
      this.debug(`Processed: ${line}`);
    }
  }

  #act({ event, properties, data }: LoggingCommand): void {
    switch (event) {
      case 'debug':
        this.debug(data);
        return;
      case 'setsecret':
        this.masker.add(data);
        return;
      case 'setvariable':
        this.#setVariable(properties, data);
        return;
      case 'issue':
      case 'logissue':
        this.report(properties.get('type') === 'error' ? 'error' : 'warning', data);
        return;
      case 'complete':
        this.#complete(properties.get('result') ?? '');
        return;
      case 'setprogress':
      case 'logdetail':
        return;
      default:
        throw new Error(`The emulator knows no command task.${event}`);
    }
  }

  #complete(result: string): void {
    if (!SEVERITY.includes(result as StepResult)) {
      throw new Error("Command doesn't have valid result value.");
    }
    this.worsen(result as StepResult);
  }

  #setVariable(properties: ReadonlyMap<string, string>, value: string): void {
    const name = properties.get('variable');
    if (name === undefined) {
      throw new Error('Required field "variable" is missing in the command.');
    }
    const isSecret = properties.get('issecret')?.toLowerCase() === 'true';
    if (isSecret) {
      if (value.includes('\n')) {
        throw new Error('Secrets cannot contain multiple lines.');
      }
      this.masker.add(value);
    }
    const { allowed } = this.#definition.restrictions.settableVariables;
    if (!allowed.some((pattern) => minimatch(name, pattern, { nocase: true }))) {
      this.report('warning', `Setting variable '${name}' has been disabled by the task.`);
      return;
    }
    const isDeclared = this.#definition.outputVariables.some(
      (output) => output.name.toLowerCase() === name.toLowerCase(),
    );
    if (isDeclared || properties.get('isoutput')?.toLowerCase() === 'true') {
      this.outputs.set(name, { value, isSecret });
    } else {
      this.#variables.set(name, value, isSecret);
      this.set.set(name, { value, isSecret });
    }
  }
}
