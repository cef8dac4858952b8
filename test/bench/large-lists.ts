// How much memory the task takes for lists of different lengths that go to a file: `npm run bench`.
import { buildTask } from '../../scripts/build-task';
import { makeListCase } from './list-cases';
import { compare } from './measure';

const RUNS = 3;

async function main(): Promise<void> {
  await buildTask();
  const runs = await compare(
    [10_000, 100_000, 1_000_000].map((total) => makeListCase(total)),
    RUNS,
  );
  const [, small = 1, large = 0] = runs.map(({ peakMib }) => peakMib);
  console.log(`memory of 1,000,000 / 100,000 items = ${(large / small).toFixed(2)}`);
}

await main();
