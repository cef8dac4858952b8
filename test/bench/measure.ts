// Whole processes with what they take: wall time, CPU time, peak memory. The wall time is that of a run into which nothing is loaded.
// CPU time and memory are those of a second run, into which `cost.cjs` is loaded.
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

/** CPU time and memory are known of a Node.js only. */
export interface Cost {
  readonly wallMs: number;
  readonly cpuMs?: number;
  readonly peakMib?: number;
}

type Counters = Required<Omit<Cost, 'wallMs'>>;

export interface TaskRun extends Pick<Scenario, 'inputs' | 'open'>, Pick<StepOptions, 'node'> {
  /** The built one where nothing else is said. */
  readonly taskFolder?: string;
  /** Called with the step before its files are gone. @throws where it did not do what it should */
  readonly check?: (step: Step) => void;
}

/** Runs the task twice as the agent does. */
export async function runTask(run: TaskRun): Promise<Cost> {
  return { wallMs: await performTask(run, {}), ...(await countTask(run)) };
}

/** Runs the task once, and reads the counters of its process. */
export function countTask(run: TaskRun): Promise<Counters> {
  return readCounters((environment) => performTask(run, environment));
}

/** Runs a script twice with a Node.js. */
export async function runNode(
  node: string,
  args: readonly string[],
  environment: Environment,
): Promise<Cost> {
  const wallMs = await time(node, args, environment);
  const counters = await readCounters((own) =>
    time(node, args, joinEnvironments(environment, own)),
  );
  return { wallMs, ...counters };
}

/** @returns milliseconds */
async function performTask(
  { inputs, open, check, ...options }: TaskRun,
  machineEnvironment: Environment,
): Promise<number> {
  const { step } = await perform(
    { ...(inputs === undefined ? {} : { inputs }), ...(open === undefined ? {} : { open }) },
    { ...options, variables: { 'system.debug': 'false' }, machineEnvironment },
  );
  if (step.result !== 'Succeeded') {
    throw new Error(step.issues[0]?.message ?? 'The step failed');
  }
  check?.(step);
  cleanUp(step);
  return step.elapsedMs;
}

/** Runs any program, with nothing in its environment but what is given. @returns milliseconds */
export function time(
  file: string,
  args: readonly string[],
  environment: Environment,
): Promise<number> {
  const startedAt = performance.now();
  const env = { PATH: process.env['PATH'], ...environment };
  // With pipes, and until they are closed, as the agent runs a task.
  const child = spawn(file, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let complaint = '';
  child.stdout.resume();
  child.stderr.on('data', (text: Buffer) => (complaint += text.toString()));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) {
        resolve(performance.now() - startedAt);
      } else {
        reject(new Error(`${file} ${args.join(' ')} ended with ${String(code)}: ${complaint}`));
      }
    });
  });
}

/** @param run starts a Node.js with the environment that it gets */
async function readCounters(run: (environment: Environment) => Promise<number>): Promise<Counters> {
  const folder = mkdtempSync(join(tmpdir(), 'cost-'));
  const file = join(folder, 'cost.json');
  try {
    await run({
      NODE_OPTIONS: `--require=${JSON.stringify(join(import.meta.dirname, 'cost.cjs'))}`,
      COST_FILE: file,
    });
    return JSON.parse(readFileSync(file, 'utf8')) as Counters;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
