// How much memory the task takes for bodies of different sizes, and how fast they pass: `npm run bench`. Runs are taken
// in turn, so that what else the machine does meets all of them; what counts are medians and their ratios.
import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildTask } from '../../scripts/build-task';
import { cleanUp } from '../emulators/agent/run-step';
import { perform } from '../stage';

const MIB = 1024 * 1024;
const SIZES = [1, 64, 1024] as const;
const RUNS = 5;
const PIECE = Buffer.alloc(MIB, 'abcdefgh');

interface Run {
  readonly peakMib: number;
  readonly seconds: number;
}

const serve: RequestListener = (request, response) => {
  const size = Number(/\/(\d+)$/.exec(request.url ?? '')?.[1] ?? 0);
  request.resume();
  request.on('end', () => {
    response.writeHead(200, { 'content-type': 'application/octet-stream' });
    let left = size;
    const write = () => {
      while (left > 0) {
        left -= 1;
        if (!response.write(PIECE)) {
          response.once('drain', write);
          return;
        }
      }
      response.end();
    };
    write();
  });
};

async function runOnce(inputs: Readonly<Record<string, string>>, folder: string): Promise<Run> {
  const peakFile = join(folder, 'peak');
  const preload = join(import.meta.dirname, 'peak-memory.cjs');
  const { step } = await perform(
    { inputs },
    {
      variables: { 'system.debug': 'false' },
      machineEnvironment: {
        NODE_OPTIONS: `--require=${JSON.stringify(preload)}`,
        PEAK_MEMORY_FILE: peakFile,
      },
    },
  );
  const file = step.outputs.get('responseFile')?.value ?? '';
  const expected = Number(/\/(\d+)$/.exec(inputs['url'] ?? '')?.[1] ?? 0) * MIB;
  if (step.result !== 'Succeeded' || statSync(file).size !== expected) {
    throw new Error(step.issues[0]?.message ?? 'the file has another size');
  }
  cleanUp(step);
  const peakMib = Number(readFileSync(peakFile, 'utf8')) / 1024;
  return { peakMib, seconds: step.elapsedMs / 1000 };
}

const median = (values: readonly number[]) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

async function main(): Promise<void> {
  await buildTask();
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const server = createServer(serve);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const common = { allowedHosts: host, outputFile: 'answer.bin', maxRetries: '0' };
  const cases = SIZES.flatMap((size) => {
    const bodyFile = join(folder, `${size}.bin`);
    writeFileSync(bodyFile, '');
    truncateSync(bodyFile, size * MIB);
    const upload = { ...common, url: `http://${host}/0`, method: 'PUT', bodyFile };
    const download = { ...common, url: `http://${host}/${size}` };
    return [
      { name: `download of ${size} MiB`, inputs: download },
      { name: `upload of ${size} MiB`, inputs: upload },
    ];
  });
  const runs = new Map<string, Run[]>(cases.map(({ name }) => [name, []]));
  try {
    for (let count = 0; count < RUNS; count += 1) {
      for (const { name, inputs } of cases) {
        runs.get(name)?.push(await runOnce(inputs, folder));
      }
    }
  } finally {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true });
  }
  report(runs);
}

function report(runs: ReadonlyMap<string, readonly Run[]>): void {
  console.log(`Medians of ${RUNS} runs each, Node.js ${process.version}, ${process.platform}`);
  const peaks = new Map<string, number>();
  for (const [name, all] of runs) {
    const peak = median(all.map(({ peakMib }) => peakMib));
    peaks.set(name, peak);
    const seconds = median(all.map(({ seconds: one }) => one));
    console.log(`${name.padEnd(22)} ${peak.toFixed(0)} MiB at most, ${seconds.toFixed(1)} s`);
  }
  for (const direction of ['download', 'upload']) {
    const [, small = 1, large = 0] = SIZES.map((size) => peaks.get(`${direction} of ${size} MiB`));
    console.log(`${direction}: memory of 1 GiB / 64 MiB = ${(large / small).toFixed(2)}`);
  }
}

await main();
