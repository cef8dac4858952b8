// `npm run fleet`: 300 steps that start within ten seconds and share one identity, beside services that throttle. Prints how many
// succeed, how many requests they need and how long they take. `-- --only list` runs one part.
// `-- --steps 100` makes the fleet and its limits smaller, and `-- --slow 3` lets time run at a third of
// its speed, for a machine that cannot start 30 steps in a second. It takes some 20 minutes times that, and 4 GiB of memory.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildTask } from '../../scripts/build-task';
import { openMachine } from '../emulators/places';
import { joinEnvironments } from '../emulators/network';
import { FAST_CLOCK_ENVIRONMENT } from '../emulators/fast-clock';
import { RequestRate, Throughput } from './throttles';

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    slow: { type: 'string', default: '1' },
    steps: { type: 'string', default: '300' },
  },
});
/** Milliseconds of this process in a millisecond of the fleet. */
const SLOW = Number(values.slow);
const STEPS = Number(values.steps);
/** A smaller fleet gets smaller limits. */
const SHARE = STEPS / 300;
const START_MS = 10_000;
/** No fleet takes longer. */
const LIMIT_MS = 20 * 60_000 * SLOW;

export interface StepsOptions {
  readonly count: number;
  /** Within this time, all steps start. */
  readonly startMs: number;
  readonly inputs: Readonly<Record<string, string>>;
}

export interface StepOutcome {
  readonly elapsedMs: number;
  readonly error: string | undefined;
}

interface Fleet {
  readonly name: string;
  readonly inputs: Readonly<Record<string, string>>;
  /** Requests for tokens in a second. */
  readonly tokensPerSecond: number;
  readonly retryAfter?: string;
  /** The requests of a step that nothing disturbs. */
  readonly idealRequests: number;
}

const SLOW_CLOCK = { ...FAST_CLOCK_ENVIRONMENT, FAST_CLOCK: String(1 / SLOW) };

const PAGES = 20;
const TOKEN = { verifyMembership: 'false' };
const LIST = {
  url: 'SecretSauce/_apis/git/repositories/app/refs',
  allPages: 'true',
  requestTimeoutInSeconds: '100',
};
const FLEETS: readonly Fleet[] = [
  { name: 'token, 20 per second', inputs: TOKEN, tokensPerSecond: 20, idealRequests: 1 },
  { name: 'token, 5 per second', inputs: TOKEN, tokensPerSecond: 5, idealRequests: 1 },
  {
    name: 'token, 5 per second, Retry-After: 3',
    inputs: TOKEN,
    tokensPerSecond: 5,
    retryAfter: '3',
    idealRequests: 1,
  },
  { name: 'default, 20 per second', inputs: {}, tokensPerSecond: 20, idealRequests: 2 },
  {
    name: `list of ${PAGES} pages, 20 per second`,
    inputs: LIST,
    tokensPerSecond: 20,
    idealRequests: 1 + PAGES,
  },
];

/** Units of a request to Azure DevOps. A typical user needs 1 in five minutes; so a list is taken for a costly one. */
const costOf = (path: string) => (path.endsWith('/refs') ? 0.05 : 0.01) / SHARE;

async function runFleet(fleet: Fleet): Promise<void> {
  const rate = new RequestRate({
    ...fleet,
    tokensPerSecond: fleet.tokensPerSecond * SHARE,
    slow: SLOW,
  });
  const throughput = new Throughput(costOf, SLOW);
  const place = await openMachine({
    lastingFault: () => rate.count(),
    isAtImdsAddress: true,
    organization: {
      lists: { total: PAGES * 2, pageSize: 2 },
      limit: (url) => throughput.count(url.pathname),
    },
  });
  const { outcomes, startedAt, startedToday } = await runSteps(
    { count: STEPS, startMs: START_MS, inputs: fleet.inputs },
    place.machineEnvironment,
  ).finally(() => place.close());
  const toAzureDevOps = place.organization?.requests ?? [];
  console.log(`## ${fleet.name}`);
  report(fleet, outcomes, place.requests.length + toAzureDevOps.length);
  console.log(
    `Refused by the identity endpoint: ${rate.refused}. By Azure DevOps: ${throughput.refused}; delayed: ${throughput.delayed}.`,
  );
  reportRate(
    'the identity endpoint',
    place.requests.map(({ at }) => at - startedToday),
  );
  reportRate(
    'Azure DevOps',
    toAzureDevOps.map(({ at }) => at - startedAt),
  );
  console.log('');
}

interface FleetRun {
  readonly outcomes: readonly StepOutcome[];
  /** When the first step started, by the clock of each service. */
  readonly startedAt: number;
  readonly startedToday: number;
}

async function runSteps(
  options: StepsOptions,
  environment: Readonly<Record<string, string>>,
): Promise<FleetRun> {
  const child = fork(join(import.meta.dirname, 'fleet-steps.ts'), {
    env: { ...process.env, ...joinEnvironments(environment, SLOW_CLOCK) },
    execArgv: ['--import=tsx'],
    timeout: LIMIT_MS,
  });
  const failed = new Promise<never>((_, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => {
      reject(new Error(`The process of the steps has ended (${String(code)})`));
    });
  });
  const receive = async () => (await Promise.race([once(child, 'message'), failed]))[0] as unknown;
  child.send(options);
  await receive();
  const [startedAt, startedToday] = [performance.now(), Date.now()];
  const outcomes = (await receive()) as readonly StepOutcome[];
  return { outcomes, startedAt, startedToday };
}

function report(fleet: Fleet, outcomes: readonly StepOutcome[], requests: number): void {
  const errors = new Map<string, number>();
  for (const { error } of outcomes.filter((outcome) => outcome.error !== undefined)) {
    const line = error?.split('\n').slice(0, 2).join(' ') ?? '';
    errors.set(line, (errors.get(line) ?? 0) + 1);
  }
  const times = outcomes.map(({ elapsedMs }) => elapsedMs / SLOW).sort((a, b) => a - b);
  const seconds = (ms = NaN) => `${(ms / 1000).toFixed(1)} s`;
  const failed = [...errors.values()].reduce((sum, count) => sum + count, 0);
  console.log(`${STEPS - failed} of ${STEPS} steps succeed.`);
  console.log(
    `${(requests / STEPS).toFixed(2)} requests for a step; ${fleet.idealRequests} without limits.`,
  );
  console.log(`Median ${seconds(times[STEPS / 2])}, slowest ${seconds(times.at(-1))}.`);
  [...errors].slice(0, 5).forEach(([line, count]) => {
    console.log(`${count} ×: ${line}`);
  });
}

/** Shows whether steps send their requests again at the same time. @param moments milliseconds since the start of the fleet */
function reportRate(name: string, moments: readonly number[]): void {
  const seconds = moments.map((moment) => Math.max(0, Math.floor(moment / 1000 / SLOW)));
  const counts = Array.from({ length: Math.max(0, ...seconds) + 1 }, () => 0);
  for (const second of seconds) {
    counts[second]! += 1;
  }
  console.log(`Requests to ${name} in each second: ${counts.join(' ')}`);
}

await buildTask();
for (const fleet of FLEETS.filter(({ name }) => name.startsWith(values.only))) {
  await runFleet(fleet);
}
