// What retries cost: the pauses, and what a step takes besides.
import { openCleanMachine, organizationInputs } from './machine';
import { runTask } from './measure';
import { takeInTurn, type Section } from './section';

const ROUNDS = 5;

export async function measureRetries(): Promise<readonly Section[]> {
  const busy = { kind: 'response', status: 503 } as const;
  const rows = await takeInTurn(
    [0, 1, 2, 3].map((retries) => ({
      name: `a REST call with a response at attempt ${retries + 1}`,
      run: () =>
        runTask({
          inputs: (place) => ({ ...organizationInputs(place), url: '_apis/projects' }),
          open: () =>
            openCleanMachine({
              organization: { faults: Array.from({ length: retries }, () => busy) },
            }),
        }),
    })),
    ROUNDS,
  );
  return [{ title: 'The cost of retries', rows, limits: [] }];
}
