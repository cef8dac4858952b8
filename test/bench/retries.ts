// What repeating costs: the pauses, and what a step takes besides.
import { openMachine } from '../emulators/places';
import { runTask } from './measure';
import { takeInTurn, type Section } from './section';

const ROUNDS = 5;

export async function measureRetries(): Promise<readonly Section[]> {
  const busy = { kind: 'answer', status: 503 } as const;
  const rows = await takeInTurn(
    [0, 1, 2, 3].map((retries) => ({
      name: `a call that is answered at attempt ${retries + 1}`,
      run: () =>
        runTask({
          inputs: { url: '_apis/projects' },
          open: () =>
            openMachine({ organization: { faults: Array.from({ length: retries }, () => busy) } }),
        }),
    })),
    ROUNDS,
  );
  return [{ title: 'The cost of retries', rows, limits: [] }];
}
