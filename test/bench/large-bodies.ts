// How much memory the task takes for bodies of different sizes, and how fast they pass: `npm run bench`.
import { mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildTask } from '../../scripts/build-task';
import { compare, type Case } from './measure';

const MIB = 1024 * 1024;
const SIZES = [1, 64, 1024] as const;
const RUNS = 5;
const PIECE = Buffer.alloc(MIB, 'abcdefgh');

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

function makeCase(name: string, size: number, inputs: Readonly<Record<string, string>>): Case {
  return {
    name,
    inputs: { outputFile: 'answer.bin', maxRetries: '0', ...inputs },
    check: ({ outputs }) => {
      if (statSync(outputs.get('responseFile')?.value ?? '').size !== size * MIB) {
        throw new Error('the file has another size');
      }
    },
  };
}

async function main(): Promise<void> {
  await buildTask();
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const server = createServer(serve);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const allowedHosts = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const url = (size: number) => `http://${allowedHosts}/${size}`;
  const downloads = SIZES.map((size) =>
    makeCase(`download of ${size} MiB`, size, { allowedHosts, url: url(size) }),
  );
  const uploads = SIZES.map((size) => {
    const bodyFile = join(folder, `${size}.bin`);
    writeFileSync(bodyFile, '');
    truncateSync(bodyFile, size * MIB);
    const inputs = { allowedHosts, url: url(0), method: 'PUT', bodyFile };
    return makeCase(`upload of ${size} MiB`, 0, inputs);
  });
  try {
    const peaks = (await compare([...downloads, ...uploads], RUNS)).map(({ peakMib }) => peakMib);
    for (const [direction, first] of [
      ['download', 0],
      ['upload', SIZES.length],
    ] as const) {
      const [, small = 1, large = 0] = peaks.slice(first);
      console.log(`${direction}: memory of 1 GiB / 64 MiB = ${(large / small).toFixed(2)}`);
    }
  } finally {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true });
  }
}

await main();
