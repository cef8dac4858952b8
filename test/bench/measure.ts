// Runs of the built task with what they take: peak memory and time.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Step } from '../emulators/agent/run-step';
import { cleanUp } from '../emulators/agent/run-step';
import type { Scenario } from '../scenarios';
import { perform } from '../stage';

export interface Run {
  /** Of the task's process: its resident set. */
  readonly peakMib: number;
  readonly seconds: number;
}

export interface Case extends Pick<Scenario, 'inputs' | 'open'> {
  readonly name: string;
  /** Called with the step before its files are gone. @throws where it did not do what it should */
  readonly check: (step: Step) => void;
}

export async function runOnce({ inputs, open, check }: Case): Promise<Run> {
  const folder = mkdtempSync(join(tmpdir(), 'measure-'));
  const peakFile = join(folder, 'peak');
  const preload = join(import.meta.dirname, 'peak-memory.cjs');
  try {
    const { step } = await perform(
      { ...(inputs === undefined ? {} : { inputs }), ...(open === undefined ? {} : { open }) },
      {
        variables: { 'system.debug': 'false' },
        machineEnvironment: {
          NODE_OPTIONS: `--require=${JSON.stringify(preload)}`,
          PEAK_MEMORY_FILE: peakFile,
        },
      },
    );
    if (step.result !== 'Succeeded') {
      throw new Error(step.issues[0]?.message ?? 'the step failed');
    }
    check(step);
    cleanUp(step);
    const peakMib = Number(readFileSync(peakFile, 'utf8')) / 1024;
    return { peakMib, seconds: step.elapsedMs / 1000 };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Takes runs in turn, so that what else the machine does meets all cases, and prints their medians. */
export async function compare(cases: readonly Case[], count: number): Promise<readonly Run[]> {
  const runs = cases.map((): Run[] => []);
  for (let round = 0; round < count; round += 1) {
    for (const [index, one] of cases.entries()) {
      runs[index]?.push(await runOnce(one));
    }
  }
  console.log(`Medians of ${count} runs each, Node.js ${process.version}, ${process.platform}`);
  return runs.map((all, index) => {
    const middle = {
      peakMib: median(all.map(({ peakMib }) => peakMib)),
      seconds: median(all.map(({ seconds }) => seconds)),
    };
    const name = cases[index]?.name.padEnd(24) ?? '';
    console.log(`${name} ${middle.peakMib.toFixed(0)} MiB at most, ${middle.seconds.toFixed(1)} s`);
    return middle;
  });
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
