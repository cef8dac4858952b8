// Whole processes with what they take: wall time, time of the processor, peak memory.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Step, StepOptions } from '../emulators/agent/run-step';
import { cleanUp } from '../emulators/agent/run-step';
import { joinEnvironments } from '../emulators/network';
import type { Scenario } from '../scenarios';
import { perform } from '../stage';

type Environment = Readonly<Record<string, string | undefined>>;

/** What one run took; only of a Node.js is more known than its time. */
export interface Cost {
  readonly wallMs: number;
  readonly cpuMs?: number;
  readonly peakMib?: number;
}

export interface TaskRun extends Pick<Scenario, 'inputs' | 'open'>, Pick<StepOptions, 'node'> {
  /** The built one where nothing else is said. */
  readonly taskFolder?: string;
  /** Called with the step before its files are gone. @throws where it did not do what it should */
  readonly check?: (step: Step) => void;
}

/** Runs the task as the agent does. */
export async function runTask({ inputs, open, check, ...options }: TaskRun): Promise<Cost> {
  return costOf(async (environment) => {
    const { step } = await perform(
      { ...(inputs === undefined ? {} : { inputs }), ...(open === undefined ? {} : { open }) },
      {
        ...options,
        variables: { 'system.debug': 'false' },
        machineEnvironment: environment,
      },
    );
    if (step.result !== 'Succeeded') {
      throw new Error(step.issues[0]?.message ?? 'The step failed');
    }
    check?.(step);
    cleanUp(step);
    return step.elapsedMs;
  });
}

/** Runs a script with a Node.js. */
export function runNode(
  node: string,
  args: readonly string[],
  environment: Environment,
): Promise<Cost> {
  return costOf((own) => time(node, args, joinEnvironments(environment, own)));
}

/** Runs any program, with nothing in its environment but what is given. @returns milliseconds */
export function time(
  file: string,
  args: readonly string[],
  environment: Environment,
): Promise<number> {
  const startedAt = performance.now();
  const env = { PATH: process.env['PATH'], ...environment };
  const child = spawn(file, args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
  let complaint = '';
  child.stderr.on('data', (text: Buffer) => (complaint += text.toString()));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => {
      if (code === 0) {
        resolve(performance.now() - startedAt);
      } else {
        reject(new Error(`${file} ${args.join(' ')} ended with ${String(code)}: ${complaint}`));
      }
    });
  });
}

/** @param run returns milliseconds; a Node.js in the environment that it is given says what else it took */
async function costOf(run: (environment: Environment) => Promise<number>): Promise<Cost> {
  const folder = mkdtempSync(join(tmpdir(), 'cost-'));
  const file = join(folder, 'cost.json');
  try {
    const wallMs = await run({
      NODE_OPTIONS: `--require=${JSON.stringify(join(import.meta.dirname, 'cost.cjs'))}`,
      COST_FILE: file,
    });
    return { wallMs, ...(JSON.parse(readFileSync(file, 'utf8')) as Omit<Cost, 'wallMs'>) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
