// Runs a built task as the Azure Pipelines agent does. The worker of the agent is no public package; this is written
// from its source, microsoft/azure-pipelines-agent, file by file as the neighbours of this one say.
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OutputQueue } from './output-queue';
import { StepRecord, type Issue, type StepResult } from './step-record';
import { loadTask, type TaskDefinition } from './task-definition';
import { buildEnvironment, Variables, type Variable } from './task-environment';

export interface StepOptions {
  /** The folder that holds task.json. */
  readonly taskFolder: string;
  readonly inputs?: Readonly<Record<string, string>>;
  /** Variables of the pipeline; a secret one as an object. */
  readonly variables?: Readonly<Record<string, string | Variable>>;
  /** The environment of the agent's process, besides PATH and HOME. */
  readonly machineEnvironment?: Readonly<Record<string, string | undefined>>;
  /** The `env:` of the step. */
  readonly stepEnvironment?: Readonly<Record<string, string>>;
  /** The Node.js that the agent brings. */
  readonly node?: string;
  /** Aborted to cancel the job. */
  readonly cancel?: AbortSignal;
  /** Called with each line of the log as it comes. */
  readonly onLog?: (line: string) => void;
}

export interface Step {
  readonly result: StepResult;
  readonly issues: readonly Issue[];
  /** By bare name: `token` for `$(step.token)`. */
  readonly outputs: ReadonlyMap<string, Variable>;
  /** What a user sees, masked. */
  readonly log: readonly string[];
  /** What the task wrote, unmasked. */
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number | null;
  /** From the start of the process to its end. */
  readonly elapsedMs: number;
  /** From the cancelling of the job to the end of the process. */
  readonly cancelledAfterMs: number | undefined;
  readonly folders: AgentFolders;
}

export interface AgentFolders {
  readonly root: string;
  readonly home: string;
  readonly temp: string;
  readonly tools: string;
  readonly sources: string;
}

const SIGINT_TIMEOUT_MS = 7_500;
const SIGTERM_TIMEOUT_MS = 2_500;

export async function runStep(options: StepOptions): Promise<Step> {
  const definition = loadTask(options.taskFolder);
  const folders = makeFolders();
  const variables = makeVariables(options, folders);
  const record = new StepRecord(definition, variables);
  const environment = buildEnvironment({
    definition,
    inputs: options.inputs ?? {},
    variables,
    stepEnvironment: options.stepEnvironment ?? {},
    machineEnvironment: {
      PATH: process.env['PATH'],
      ...(process.platform === 'win32' ? { SystemRoot: process.env['SystemRoot'] } : {}),
      HOME: folders.home,
      USERPROFILE: folders.home,
      ...options.machineEnvironment,
    },
    sourcesFolder: folders.sources,
  });
  const publish = followLog(record, options.onLog);
  writeHeader(record, definition);
  publish();
  const process_ = await runProcess({
    file: options.node ?? process.execPath,
    script: join(options.taskFolder, chooseTarget(definition)),
    environment,
    folder: folders.sources,
    cancel: options.cancel,
    take: (lines) => {
      for (const line of lines) {
        record.take(line);
      }
      publish();
    },
  });
  if (options.cancel?.aborted === true) {
    record.result = 'Canceled';
  } else if (process_.exitCode !== 0) {
    record.report('error', `Exit code ${String(process_.exitCode)} returned from process.`);
    record.worsen('Failed');
  }
  record.write(`##[section]Finishing: ${definition.instanceNameFormat}`);
  publish();
  const { result, issues, outputs, log } = record;
  return { result, issues, outputs, log, folders, ...process_ };
}

/** Removes what the step left behind. */
export function cleanUp({ folders }: Step): void {
  rmSync(folders.root, { recursive: true, force: true });
}

function makeFolders(): AgentFolders {
  const root = mkdtempSync(join(tmpdir(), 'agent-'));
  const folders = {
    root,
    home: join(root, 'home'),
    temp: join(root, '_work', '_temp'),
    tools: join(root, '_work', '_tool'),
    sources: join(root, '_work', '1', 's'),
  };
  for (const folder of Object.values(folders)) {
    mkdirSync(folder, { recursive: true });
  }
  return folders;
}

function makeVariables(options: StepOptions, folders: AgentFolders): Variables {
  const variables = new Variables();
  const predefined: Readonly<Record<string, string | Variable>> = {
    'agent.homedirectory': folders.root,
    'agent.workfolder': join(folders.root, '_work'),
    'agent.tempdirectory': folders.temp,
    'agent.toolsdirectory': folders.tools,
    'agent.builddirectory': join(folders.root, '_work', '1'),
    'agent.isselfhosted': '1',
    'agent.jobstatus': 'Succeeded',
    'agent.version': '5.278.0',
    'build.sourcesdirectory': folders.sources,
    'system.collectionuri': 'https://dev.azure.com/MyOrg/',
    'system.culture': 'en-US',
    'system.defaultworkingdirectory': folders.sources,
    'system.hosttype': 'build',
    'system.teamfoundationcollectionuri': 'https://dev.azure.com/MyOrg/',
    'system.teamproject': 'SecretSauce',
  };
  for (const [name, value] of Object.entries({ ...predefined, ...options.variables })) {
    if (typeof value === 'string') {
      variables.set(name, value, false);
    } else {
      variables.set(name, value.value, value.isSecret);
    }
  }
  return variables;
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
    `##[section]Starting: ${definition.instanceNameFormat}`,
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

interface ProcessOptions {
  readonly file: string;
  readonly script: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly folder: string;
  readonly cancel: AbortSignal | undefined;
  readonly take: (lines: readonly string[]) => void;
}

type ProcessEnd = Pick<Step, 'stdout' | 'stderr' | 'exitCode' | 'elapsedMs' | 'cancelledAfterMs'>;

async function runProcess(options: ProcessOptions): Promise<ProcessEnd> {
  const startedAt = performance.now();
  const child = spawn(options.file, [options.script], {
    cwd: options.folder,
    env: options.environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const queue = new OutputQueue();
  queue.out.follow(child.stdout);
  queue.err.follow(child.stderr);
  const drain = () => {
    options.take(queue.takeBatch());
  };
  const timer = setInterval(drain, 20);
  let cancelledAt: number | undefined;
  const stopCancelling = onCancel(options.cancel, () => {
    cancelledAt = performance.now();
    return cancel(child);
  });
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  const endedAt = performance.now();
  clearInterval(timer);
  stopCancelling();
  drain();
  return {
    stdout: queue.out.text(),
    stderr: queue.err.text(),
    exitCode,
    elapsedMs: endedAt - startedAt,
    cancelledAfterMs: cancelledAt === undefined ? undefined : endedAt - cancelledAt,
  };
}

function onCancel(signal: AbortSignal | undefined, start: () => () => void): () => void {
  let stop: () => void = () => undefined;
  signal?.addEventListener('abort', () => {
    stop = start();
  });
  return () => {
    stop();
  };
}

/** SIGINT, after 7.5 seconds SIGTERM, after 2.5 more the end. */
function cancel(child: ChildProcess): () => void {
  child.kill('SIGINT');
  const terminate = setTimeout(() => child.kill('SIGTERM'), SIGINT_TIMEOUT_MS);
  const kill = setTimeout(() => child.kill('SIGKILL'), SIGINT_TIMEOUT_MS + SIGTERM_TIMEOUT_MS);
  return () => {
    clearTimeout(terminate);
    clearTimeout(kill);
  };
}
