// The process of all steps of a fleet. Each step is a thread with an environment and a standard output of its own, because two cores
// cannot start 300 processes within ten seconds. All threads have loaded the task before the first one starts it.
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { Worker } from 'node:worker_threads';
import { TASK_FOLDER } from '../../scripts/build-task';
import type { StepOutcome, StepsOptions } from './fleet';

const LOADED_AT_ONCE = 4;

process.on('message', (options: StepsOptions) => {
  runAll(options).then(
    (outcomes) => {
      process.send?.(outcomes, () => process.exit(0));
    },
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});

async function runAll({ count, startMs, inputs }: StepsOptions): Promise<readonly StepOutcome[]> {
  const folder = mkdtempSync(join(tmpdir(), 'fleet-'));
  try {
    const threads: Worker[] = [];
    for (let index = 0; index < count; index += LOADED_AT_ONCE) {
      const next = Array.from({ length: Math.min(LOADED_AT_ONCE, count - index) }, () =>
        openThread(inputs, folder),
      );
      threads.push(...(await Promise.all(next)));
    }
    process.send?.('loaded');
    return await Promise.all(
      threads.map(async (thread, index) => {
        await new Promise((resolve) => setTimeout(resolve, (startMs * index) / count));
        return runOne(thread);
      }),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** @returns a thread that has loaded the task */
async function openThread(inputs: StepsOptions['inputs'], folder: string): Promise<Worker> {
  const ofInputs = Object.entries(inputs).map(([name, value]) => [
    `INPUT_${name.toUpperCase()}`,
    value,
  ]);
  const thread = new Worker(join(import.meta.dirname, 'fleet-step.cjs'), {
    workerData: join(TASK_FOLDER, 'dist'),
    env: {
      ...process.env,
      ...(Object.fromEntries(ofInputs) as Record<string, string>),
      SYSTEM_COLLECTIONURI: 'https://dev.azure.com/MyOrg/',
      // Each agent has its own.
      AGENT_TEMPDIRECTORY: mkdtempSync(join(folder, 'step-')),
    },
    execArgv: [],
    stdout: true,
  });
  await once(thread, 'message');
  return thread;
}

async function runOne(thread: Worker): Promise<StepOutcome> {
  const startedAt = performance.now();
  const ended = once(thread, 'exit');
  thread.postMessage('start');
  const [output] = await Promise.all([text(thread.stdout), ended]);
  const elapsedMs = performance.now() - startedAt;
  const result = /^##vso\[task\.complete result=(\w+);\](.*)$/m.exec(output);
  return {
    elapsedMs,
    error: result?.[1] === 'Succeeded' ? undefined : (result?.[2] ?? 'no result'),
  };
}
