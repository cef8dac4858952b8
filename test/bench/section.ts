// A table of the benchmark: subjects that are run in turn, so that what else the machine does meets all of them.
import type { Cost } from './measure';

export interface Subject {
  readonly name: string;
  /** The name of the one that it is compared with, in the same round. */
  readonly against?: string | undefined;
  readonly run: () => Promise<Cost>;
}

/** Medians; the ratios are the medians of the ratios of each round. */
export interface Row {
  readonly name: string;
  readonly wallMs: number;
  /** A quarter of the runs was faster than the first, a quarter slower than the second. */
  readonly spreadMs: readonly [number, number];
  readonly cpuMs: number | undefined;
  readonly peakMib: number | undefined;
  readonly timesWall: number | undefined;
  readonly timesMemory: number | undefined;
}

/** What a figure may be at most. */
export interface Limit {
  readonly what: string;
  readonly is: number;
  readonly most: number;
}

export interface Section {
  readonly title: string;
  readonly rows: readonly Row[];
  readonly limits: readonly Limit[];
}

/**
 * Runs all of them, round by round. The first round warms up, and is not counted.
 * @param before called before each run
 */
export async function takeInTurn(
  subjects: readonly Subject[],
  rounds: number,
  before: () => void = () => undefined,
): Promise<readonly Row[]> {
  const costs = new Map(subjects.map(({ name }) => [name, [] as Cost[]]));
  for (let round = -1; round < rounds; round += 1) {
    for (const { name, run } of subjects) {
      before();
      const cost = await run();
      if (round >= 0) {
        costs.get(name)?.push(cost);
      }
    }
  }
  return subjects.map(({ name, against = '' }) =>
    summarize(name, costs.get(name) ?? [], costs.get(against) ?? []),
  );
}

function summarize(name: string, costs: readonly Cost[], others: readonly Cost[]): Row {
  const read = (key: keyof Cost) => costs.flatMap((cost) => cost[key] ?? []);
  const middle = (values: readonly number[]) =>
    values.length === 0 ? undefined : quantile(values, 0.5);
  const ratio = (key: keyof Cost) =>
    middle(
      costs.flatMap((cost, round) => {
        const [own, other] = [cost[key], others[round]?.[key]];
        return own === undefined || other === undefined ? [] : [own / other];
      }),
    );
  const wall = read('wallMs');
  return {
    name,
    wallMs: quantile(wall, 0.5),
    spreadMs: [quantile(wall, 0.25), quantile(wall, 0.75)],
    cpuMs: middle(read('cpuMs')),
    peakMib: middle(read('peakMib')),
    timesWall: ratio('wallMs'),
    timesMemory: ratio('peakMib'),
  };
}

function quantile(values: readonly number[], part: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) * part)] ?? Number.NaN;
}

/** As a table of Markdown. */
export function describeSection({ title, rows }: Section): string {
  const round = (value: number | undefined, digits = 0) => value?.toFixed(digits) ?? '';
  return [
    `### ${title}\n`,
    '| what | ms | × | CPU ms | MiB (×) |',
    '| --- | --- | --- | --- | --- |',
    ...rows.map((row) => {
      const [from, to] = row.spreadMs;
      const cells = [
        row.name,
        `${round(row.wallMs)} (${round(from)} to ${round(to)})`,
        round(row.timesWall, 2),
        round(row.cpuMs),
        round(row.peakMib) +
          (row.timesMemory === undefined ? '' : ` (${round(row.timesMemory, 2)})`),
      ];
      return `| ${cells.join(' | ')} |`;
    }),
    '',
  ].join('\n');
}

/** The limits of some figures of a row. */
export function limitsOf(
  rows: readonly Row[],
  name: string,
  most: { readonly wall?: number; readonly memory?: number; readonly mib?: number },
): readonly Limit[] {
  const row = rows.find((one) => one.name === name);
  const limit = (what: string, is: number | undefined, bound: number | undefined) =>
    bound === undefined ? [] : [{ what: `${name}: ${what}`, is: is ?? Number.NaN, most: bound }];
  return [
    ...limit('times the wall time', row?.timesWall, most.wall),
    ...limit('times the memory', row?.timesMemory, most.memory),
    ...limit('MiB', row?.peakMib, most.mib),
  ];
}
