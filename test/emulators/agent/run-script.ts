// Runs a script step as the agent does (BashV3, CmdLineV2 and PowerShellV2 in microsoft/azure-pipelines-tasks): macros are
// expanded in the script and in `env:`, the script becomes a file, secret variables reach it by `env:` only.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { machineOf, makeFolders, makeVariables } from './job-setting';
import type { Step, StepOptions } from './run-step';
import { StepRecord } from './step-record';
import { runProcess } from './step-process';
import type { TaskDefinition } from './task-definition';
import { buildEnvironment } from './task-environment';

/** The shells, by the key of the step in YAML. On Linux and macOS `script:` is for sh. */
const SHELLS = {
  bash: { file: 'bash', args: ['--noprofile', '--norc'], extension: 'sh' },
  script: { file: 'sh', args: [], extension: 'sh' },
  pwsh: {
    file: 'pwsh',
    args: ['-NoLogo', '-NoProfile', '-NonInteractive', '-File'],
    extension: 'ps1',
  },
} as const;

export type Shell = keyof typeof SHELLS;

export interface ScriptOptions extends Pick<
  StepOptions,
  'folders' | 'variables' | 'machineEnvironment' | 'stepEnvironment' | 'onLog'
> {
  readonly shell: Shell;
  readonly script: string;
}

/** A script is restricted in nothing. */
const DEFINITION: TaskDefinition = {
  name: 'Script',
  friendlyName: 'Script',
  description: '',
  helpMarkDown: '',
  author: '',
  version: { Major: 1, Minor: 0, Patch: 0 },
  inputs: [],
  outputVariables: [],
  restrictions: { commands: { mode: 'any' }, settableVariables: { allowed: ['*'] } },
  execution: {},
};

export async function runScript(options: ScriptOptions): Promise<Step> {
  const { folders = makeFolders(), shell, script } = options;
  const variables = makeVariables(options.variables, folders);
  const record = new StepRecord(DEFINITION, variables);
  const environment = buildEnvironment({
    inputs: [],
    variables,
    stepEnvironment: options.stepEnvironment ?? {},
    machineEnvironment: machineOf(folders, options.machineEnvironment),
    filePathRoot: folders.working,
  });
  for (const name of Object.keys(environment).filter((key) => key.startsWith('SECRET_'))) {
    Reflect.deleteProperty(environment, name);
  }
  const { file, args, extension } = SHELLS[shell];
  const path = join(folders.temp, `script-${Date.now()}.${extension}`);
  writeFileSync(path, variables.expand(script));
  const ended = await runProcess({
    file,
    args: [...args, path],
    environment,
    folder: folders.working,
    cancel: undefined,
    take: (lines) => {
      lines.forEach((line) => {
        record.take(line);
      });
    },
  });
  if (ended.exitCode !== 0) {
    record.worsen('Failed');
  }
  const { result, issues, outputs, log } = record;
  log.forEach((line) => options.onLog?.(line));
  return { result, issues, outputs, variables: record.set, log, folders, ...ended };
}
