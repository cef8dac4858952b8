// Runs a built task as the Azure Pipelines agent does. The worker of the agent is no public package; this is written
// from its source, microsoft/azure-pipelines-agent, file by file as the neighbours of this one say.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { SYSTEM_ENDPOINT, type ServiceEndpoint } from './endpoints';
import {
  JOB_ENDPOINT,
  machineOf,
  makeFolders,
  makeVariables,
  type AgentFolders,
  type ContainerStep,
  type JobLayout,
} from './job-setting';
import { LAUNCHER_OF_ALL } from '../../windows/windows-node';
import { wrapInContainer } from './container';
import { runProcess, type Launcher, type ProcessEnd } from './step-process';
import { StepRecord, type Issue, type StepResult } from './step-record';
import { loadTask, type TaskDefinition } from './task-definition';
import {
  buildEnvironment,
  type EnvironmentOrder,
  type Input,
  type Variable,
  type Variables,
} from './task-environment';

export interface StepOptions {
  /** The folder that holds task.json. */
  readonly taskFolder: string;
  readonly inputs?: Readonly<Record<string, string>>;
  /** Variables of the pipeline; a secret one as an object. */
  readonly variables?: Readonly<Record<string, string | Variable>>;
  /** The environment of the agent's process, besides PATH and HOME. */
  readonly machineEnvironment?: Readonly<Record<string, string | undefined>>;
  /** The service connections of the project, by id. */
  readonly endpoints?: Readonly<Record<string, ServiceEndpoint>>;
  /** The `env:` of the step. */
  readonly stepEnvironment?: Readonly<Record<string, string>>;
  /** Absent: that of the agent since 5.277. */
  readonly environmentOrder?: EnvironmentOrder;
  /** The Node.js that the agent brings. */
  readonly node?: string;
  /** Starts that Node.js, or another one in its place. */
  readonly launcher?: Launcher;
  /** Absent: one checkout. Not with `folders`, which have theirs. */
  readonly layout?: JobLayout;
  /** The job has a container. `inside` only where `canMount()`. */
  readonly container?: ContainerStep;
  /** Those of the job; made anew for a step alone. */
  readonly folders?: AgentFolders;
  /** Aborted to cancel the job. */
  readonly cancel?: AbortSignal;
  /** By what it is cancelled; SIGINT where nothing else is said. */
  readonly cancelSignal?: 'SIGINT' | 'SIGTERM';
  /** Called with each line of the log as it comes. */
  readonly onLog?: (line: string) => void;
}

export interface Step extends ProcessEnd {
  readonly result: StepResult;
  readonly issues: readonly Issue[];
  /** By bare name: `token` for `$(step.token)`. */
  readonly outputs: ReadonlyMap<string, Variable>;
  /** Variables of the job that it set. */
  readonly variables: ReadonlyMap<string, Variable>;
  /** What a user sees, masked. */
  readonly log: readonly string[];
  readonly folders: AgentFolders;
}

export async function runStep(options: StepOptions): Promise<Step> {
  const definition = loadTask(options.taskFolder);
  const { folders = makeFolders(options.layout) } = options;
  const variables = makeVariables(options.variables, folders, options.container);
  const endpoints = chooseEndpoints(definition, options);
  const record = new StepRecord(definition, variables, Object.values(endpoints));
  const publish = followLog(record, options.onLog);
  writeHeader(record, definition);
  publish();
  const context = { options, definition, folders, variables, endpoints };
  const isSkipped =
    isOfFork(variables) && Object.keys(endpoints).some((id) => id !== SYSTEM_ENDPOINT);
  const process_ = isSkipped
    ? skip(record)
    : await startProcess(context, (lines) => {
        lines.forEach((line) => {
          record.take(line);
        });
        publish();
      }).catch((error: unknown) => endWithoutProcess(record, error));
  if (options.cancel?.aborted === true) {
    record.result = 'Canceled';
  } else if (process_.exitCode !== 0 && process_.exitCode !== undefined) {
    record.report('error', `Exit code ${String(process_.exitCode)} returned from process.`);
    record.worsen('Failed');
  }
  record.write(`##[section]Finishing: ${definition.name}`);
  publish();
  const { result, issues, outputs, log } = record;
  return { result, issues, outputs, variables: record.set, log, folders, ...process_ };
}

interface StepContext {
  readonly options: StepOptions;
  readonly definition: TaskDefinition;
  readonly folders: AgentFolders;
  readonly variables: Variables;
  readonly endpoints: Readonly<Record<string, ServiceEndpoint>>;
}

async function startProcess(
  { options, definition, folders, variables, endpoints }: StepContext,
  take: (lines: readonly string[]) => void,
): Promise<ProcessEnd> {
  const { node = process.execPath, container } = options;
  return runProcess({
    file: container === 'inside' ? wrapInContainer(folders, node) : node,
    args: [join(options.taskFolder, chooseTarget(definition))],
    environment: buildEnvironment({
      inputs: describeInputs(definition, options.inputs ?? {}),
      variables,
      endpoints,
      stepEnvironment: options.stepEnvironment ?? {},
      machineEnvironment: machineOf(folders, options.machineEnvironment),
      filePathRoot: variables.get('System.DefaultWorkingDirectory')?.value ?? folders.working,
      ...(options.environmentOrder && { order: options.environmentOrder }),
    }),
    folder: folders.working,
    launcher: options.launcher ?? LAUNCHER_OF_ALL,
    cancel: options.cancel,
    cancelSignal: options.cancelSignal ?? 'SIGINT',
    take,
  });
}

const NO_PROCESS: ProcessEnd = {
  ...{ stdout: '', stderr: '', exitCode: undefined, elapsedMs: 0, cancelledAfterMs: undefined },
};

/** What the agent cannot start is an error of the step. */
function endWithoutProcess(record: StepRecord, error: unknown): ProcessEnd {
  record.report('error', error instanceof Error ? error.message : String(error));
  record.worsen('Failed');
  return NO_PROCESS;
}

/** In a build of a fork whose secrets are restricted, the agent runs no step that names a service connection. */
function isOfFork(variables: Variables): boolean {
  return ['System.RestrictSecrets', 'System.PullRequest.IsFork'].every(
    (name) => variables.get(name)?.value.toLowerCase() === 'true',
  );
}

function skip(record: StepRecord): ProcessEnd {
  record.result = 'Skipped';
  return NO_PROCESS;
}

/** Removes what the step left behind. */
export function cleanUp({ folders }: Step): void {
  rmSync(folders.root, { recursive: true, force: true });
}

function describeInputs(
  { inputs }: TaskDefinition,
  given: Readonly<Record<string, string>>,
): readonly Input[] {
  return inputs.map(({ name, type, defaultValue }) => {
    return { name, isPath: type === 'filePath', value: given[name] ?? defaultValue ?? '' };
  });
}

/** A step sees the connection of the job, and the service connections that an input of that type names. */
function chooseEndpoints(
  { inputs }: TaskDefinition,
  { inputs: given = {}, endpoints = {} }: StepOptions,
): Readonly<Record<string, ServiceEndpoint>> {
  const named = inputs
    .filter(({ type }) => type.startsWith('connectedService:'))
    .flatMap(({ name }) => (given[name] ?? '').split(',').map((id) => id.trim()));
  const seen = Object.entries(endpoints).filter(([id]) => named.includes(id));
  return { ...Object.fromEntries(seen), [SYSTEM_ENDPOINT]: JOB_ENDPOINT };
}

/** Hands on what was added to the log since the last call. */
function followLog(record: StepRecord, onLog: StepOptions['onLog']): () => void {
  let shown = 0;
  return () => {
    for (const line of record.log.slice(shown)) {
      onLog?.(line);
    }
    shown = record.log.length;
  };
}

function writeHeader(record: StepRecord, definition: TaskDefinition): void {
  const { Major, Minor, Patch } = definition.version;
  const rule = '='.repeat(78);
  for (const line of [
    // A YAML step without a displayName has the name of its task. The classic editor fills in instanceNameFormat.
    `##[section]Starting: ${definition.name}`,
    rule,
    `Task         : ${definition.friendlyName}`,
    `Description  : ${definition.description}`,
    `Version      : ${Major}.${Minor}.${Patch}`,
    `Author       : ${definition.author}`,
    `Help         : ${definition.helpMarkDown}`,
    rule,
  ]) {
    record.write(line);
  }
}

function chooseTarget(definition: TaskDefinition): string {
  const handler = definition.execution['Node24'] ?? definition.execution['Node20_1'];
  if (handler === undefined) {
    throw new Error('A supported task execution handler was not found.');
  }
  return handler.target;
}
