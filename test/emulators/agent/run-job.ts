// Runs the steps of a job one after the other, as YAML has them: our task, and scripts that use its outputs.
import { makeFolders, type AgentFolders } from './job-setting';
import { runScript, type Shell } from './run-script';
import { runStep, type Step, type StepOptions } from './run-step';
import type { Variable } from './task-environment';

/** A step as the YAML of a pipeline has it. */
export interface YamlStep {
  readonly task?: string;
  readonly bash?: string;
  readonly script?: string;
  readonly pwsh?: string;
  readonly checkout?: string;
  readonly name?: string;
  readonly inputs?: Readonly<Record<string, string | number | boolean>>;
  readonly env?: Readonly<Record<string, string | number>>;
}

export interface JobOptions extends Pick<
  StepOptions,
  'taskFolder' | 'machineEnvironment' | 'node' | 'endpoints'
> {
  readonly steps: readonly YamlStep[];
  readonly variables?: Readonly<Record<string, string | Variable>>;
  /** Does what the agent does for `checkout:`. */
  readonly checkOut?: (folders: AgentFolders) => void;
  /** Called before the first step. */
  readonly prepare?: (folders: AgentFolders) => void;
}

export interface Job {
  readonly steps: readonly Step[];
  readonly folders: AgentFolders;
}

/** Runs steps until one fails. */
export async function runJob(options: JobOptions): Promise<Job> {
  const folders = makeFolders();
  const variables: Record<string, string | Variable> = { ...options.variables };
  const steps: Step[] = [];
  options.prepare?.(folders);
  for (const yaml of options.steps) {
    if (yaml.checkout !== undefined) {
      options.checkOut?.(folders);
      continue;
    }
    const step = await runOne(yaml, { ...options, folders, variables });
    steps.push(step);
    if (step.result !== 'Succeeded') {
      break;
    }
    for (const [name, variable] of step.variables) {
      variables[name] = variable;
    }
    for (const [name, output] of step.outputs) {
      variables[`${yaml.name ?? ''}.${name}`] = output;
    }
  }
  return { steps, folders };
}

function runOne(
  yaml: YamlStep,
  setting: JobOptions & { readonly folders: AgentFolders },
): Promise<Step> {
  const { taskFolder, machineEnvironment = {}, node, folders, variables = {} } = setting;
  const { endpoints = {} } = setting;
  const stepEnvironment = toText(yaml.env);
  const common = { machineEnvironment, folders, variables, stepEnvironment };
  const shell = (['bash', 'script', 'pwsh'] as const).find((key) => yaml[key] !== undefined);
  if (shell !== undefined) {
    return runScript({ ...common, shell, script: scriptOf(yaml, shell) });
  }
  if (yaml.task !== 'AzureDevOpsToken@1') {
    throw new Error(`The emulator knows no step ${JSON.stringify(yaml)}`);
  }
  const step = { ...common, taskFolder, endpoints, inputs: toText(yaml.inputs) };
  return runStep(node === undefined ? step : { ...step, node });
}

function scriptOf(yaml: YamlStep, shell: Shell): string {
  return yaml[shell] ?? '';
}

function toText(values: YamlStep['inputs'] = {}): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]));
}
