// What the commands of a task do to its step, by the rules of WorkerCommandManager.cs, TaskCommandExtension.cs and
// TaskRestrictionsExtension.cs in microsoft/azure-pipelines-agent.
import { minimatch } from 'minimatch';
import { secretsOf, type ServiceEndpoint } from './endpoints';
import { readLine, unescapeLine, type LoggingCommand } from './logging-commands';
import { SecretMasker } from './secret-masker';
import type { TaskDefinition } from './task-definition';
import type { Variable, Variables } from './task-environment';

export type StepResult = 'Succeeded' | 'SucceededWithIssues' | 'Failed' | 'Canceled' | 'Skipped';

export interface Issue {
  readonly type: 'error' | 'warning';
  /** As shown: masked. */
  readonly message: string;
}

const SEVERITY: readonly StepResult[] = ['Succeeded', 'SucceededWithIssues', 'Failed', 'Canceled'];
/** Every area and its events; true where they are allowed in restricted mode ([CommandRestriction] in the source). */
const COMMANDS: Readonly<Record<string, Readonly<Record<string, boolean>>>> = {
  task: {
    ...{ logdetail: true, logissue: true, issue: true, complete: true, setprogress: true },
    ...{ setsecret: true, setvariable: true, debug: true, settaskvariable: true },
    ...{ prependpath: true, addattachment: false, uploadsummary: false, uploadfile: false },
    setendpoint: false,
  },
  telemetry: { publish: true },
  artifact: { associate: false, upload: false },
  build: { uploadlog: false, uploadsummary: false, updatebuildnumber: false, addbuildtag: false },
  release: { updatereleasename: false },
  results: { publish: false, publishtoevidencestore: false },
  codecoverage: { publish: false },
};
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
    const events = COMMANDS[command.area];
    if (events === undefined) {
      this.report('warning', `##vso command area '${command.area}' is not known.`);
      return;
    }
    try {
      this.#act(command, events[command.event]);
    } catch (error) {
      // The real one shows the whole line here, too: a secret in it would be seen.
      this.report('error', `Unable to process command '${line}' successfully. ${String(error)}`);
      this.worsen('Failed');
    } finally {
      if (`${command.area}.${command.event}` !== 'task.debug') {
        this.debug(`Processed: ${unescapeLine(line)}`);
      }
    }
  }

  #act(command: LoggingCommand, isAllowedWhenRestricted: boolean | undefined): void {
    const { area, event } = command;
    const isRestricted = this.#definition.restrictions.commands.mode === 'restricted';
    if (isAllowedWhenRestricted === undefined) {
      throw new Error(`##vso[${area}.${event}] is no command of the area ${area}.`);
    }
    if (isRestricted && !isAllowedWhenRestricted) {
      this.report('warning', `${area}.${event} is not allowed in this step.`);
    } else if (area === 'task') {
      this.#actOnTask(command);
    } else if (area !== 'telemetry') {
      // Telemetry of a task that is not the server's own is dropped without a word.
      throw new Error(`The emulator does not do ${area}.${event}`);
    }
  }

  #actOnTask({ event, properties, data }: LoggingCommand): void {
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
        throw new Error(`The emulator does not do task.${event}`);
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
    const wasSecret = this.#variables.get(name)?.isSecret ?? this.outputs.get(name)?.isSecret;
    const variable = { value, isSecret: isSecret || (wasSecret ?? false) };
    if (variable.isSecret) {
      this.masker.add(value);
    }
    const isDeclared = this.#definition.outputVariables.some(
      (output) => output.name.toLowerCase() === name.toLowerCase(),
    );
    if (isDeclared || properties.get('isoutput')?.toLowerCase() === 'true') {
      this.outputs.set(name, variable);
    } else {
      this.#variables.set(name, value, variable.isSecret);
      this.set.set(name, variable);
    }
  }
}
