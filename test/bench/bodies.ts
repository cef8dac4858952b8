// Large bodies over TLS: a download beside curl, and how the cost grows.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findAgentNode } from '../../scripts/agent-nodes';
import { authorityFile, issueCertificate } from '../emulators/certificates';
import { keepOpen, type Place } from '../emulators/places';
import { openCleanMachine } from './machine';
import { runNode, runTask, time, type Cost } from './measure';
import { limitsOf, takeInTurn, type Section, type Subject } from './section';

/** A machine, and where the bodies come from and go to. */
interface BodyPlace extends Place {
  readonly host: string;
}

const MIB = 1024 * 1024;
const ROUNDS = 5;
const HOST = '127.0.0.1';

export async function measureBodies(): Promise<readonly Section[]> {
  const folder = mkdtempSync(join(tmpdir(), 'bodies-'));
  const server = await startServer();
  const machine = await openCleanMachine();
  const place: BodyPlace = { ...machine, host: `${HOST}:${server.port}` };
  const hasCurl = spawnSync('curl', ['--version'], { stdio: 'ignore' }).status === 0;
  const target = join(folder, 'curl.bin');
  const curl: Subject = {
    name: 'curl: download of 1,024 MiB',
    against: 'curl: download of 1,024 MiB',
    run: async () => ({ wallMs: await runCurl(place.host, target) }),
  };
  const sizes = [1, 64, 1_024];
  const against = hasCurl ? curl.name : undefined;
  const download = (size: number, major: 20 | 24): Subject => ({
    name: `task: download of ${size.toLocaleString('en')} MiB, Node.js ${major}`,
    against: size === 1_024 ? against : undefined,
    run: () => runDownload(place, size, major),
  });
  const script = (major: 20 | 24, highWaterMark?: number): Subject => ({
    name: `script: download of 1,024 MiB, ${highWaterMark === undefined ? 'default buffers' : 'buffers of 1 MiB'}, Node.js ${major}`,
    against,
    run: () => runScript(place, { major, highWaterMark, target: join(folder, 'script.bin') }),
  });
  const releases = [20, 24] as const;
  const upload = (size: number): Subject => ({
    name: `task: upload of ${size.toLocaleString('en')} MiB`,
    run: () => runUpload(place, folder, size),
  });
  try {
    const subjects = [
      ...(hasCurl ? [curl] : []),
      ...releases.flatMap((major) => [script(major), script(major, MIB), download(1_024, major)]),
      ...sizes.slice(0, -1).map((size) => download(size, 20)),
      ...sizes.map(upload),
    ];
    const rows = await takeInTurn(subjects, ROUNDS);
    const most = hasCurl ? { wall: 1.3, mib: 100 } : { mib: 100 };
    const limits = releases.flatMap((major) => limitsOf(rows, download(1_024, major).name, most));
    return [{ title: 'Large bodies, over TLS', rows, limits }];
  } finally {
    server.close();
    await machine.close();
    rmSync(folder, { recursive: true });
  }
}

async function runCurl(host: string, target: string): Promise<number> {
  const args = ['--silent', '--fail', '--cacert', await authorityFile(), '--output', target];
  const ms = await time('curl', [...args, `https://${host}/MyOrg/1024`], {});
  expectSize(target, 1_024);
  return ms;
}

interface ScriptRun {
  readonly major: 20 | 24;
  readonly highWaterMark: number | undefined;
  readonly target: string;
}

async function runScript(
  { host }: BodyPlace,
  { major, highWaterMark, target }: ScriptRun,
): Promise<Cost> {
  const cost = await runNode(
    findAgentNode(major) ?? '',
    [join(import.meta.dirname, 'scripts', 'download.cjs')],
    {
      NODE_EXTRA_CA_CERTS: await authorityFile(),
      URL_TO_ASK: `https://${host}/MyOrg/1024`,
      OUTPUT: target,
      ...(highWaterMark === undefined ? {} : { HIGH_WATER_MARK: String(highWaterMark) }),
    },
  );
  expectSize(target, 1_024);
  return cost;
}

function runDownload(place: BodyPlace, size: number, major: 20 | 24): Promise<Cost> {
  return runTask({
    node: findAgentNode(major) ?? '',
    inputs: { ...inputsFor(place, size), outputFile: 'response.bin' },
    open: () => keepOpen(place),
    check: ({ outputs }) => {
      expectSize(outputs.get('responseFile')?.value ?? '', size);
    },
  });
}

function runUpload(place: BodyPlace, folder: string, size: number): Promise<Cost> {
  const bodyFile = join(folder, `${size}.bin`);
  writeFileSync(bodyFile, '');
  truncateSync(bodyFile, size * MIB);
  const inputs = { ...inputsFor(place, 0), method: 'PUT', bodyFile };
  return runTask({ inputs, open: () => keepOpen(place) });
}

function inputsFor({ host }: BodyPlace, size: number) {
  return { url: `https://${host}/MyOrg/${size}`, allowedHosts: host, maxRetries: '0' };
}

function expectSize(path: string, mib: number): void {
  if (statSync(path).size !== mib * MIB) {
    throw new Error(`${path} has another size than ${mib} MiB`);
  }
}

/** In a process of its own, so that it does not wait for what measures. */
async function startServer(): Promise<{ readonly port: number; readonly close: () => void }> {
  const { cert, key } = await issueCertificate([HOST]);
  const script = join(import.meta.dirname, 'scripts', 'body-server.cjs');
  const server = spawn(process.execPath, [script], {
    env: { CERTIFICATE: cert, KEY: key },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const port = await new Promise<number>((resolve) => {
    server.stdout.once('data', (text: Buffer) => {
      resolve(Number(text.toString()));
    });
  });
  return { port, close: () => server.kill() };
}
