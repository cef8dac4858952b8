// What a step costs beside a bare script that sends the same requests: whole processes, taken in turn. `npm run bench`; with `--check`, its
// limits are checked, too.
import { spawn } from 'node:child_process';
import { mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { unzipSync } from 'fflate';
import { findAgentNode, installAgentNodes } from '../../scripts/agent-nodes';
import { packageExtension } from '../../scripts/package-extension';
import { cleanUp, runStep } from '../emulators/agent/run-step';
import { joinEnvironments } from '../emulators/network';
import { openMachine, type Place } from '../emulators/places';

const ROUNDS = 15;
/** The most that a run may cost, as a multiple of the script. */
const LIMITS = { 'token only': { wall: 2.5, memory: 1.3 }, 'the default': { wall: 1.5 } } as const;

/** What one process took. */
interface Cost {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly peakMib: number;
}

interface Subject {
  readonly name: string;
  /** What it is compared with. */
  readonly against: string;
  readonly run: (environment: Readonly<Record<string, string | undefined>>) => Promise<number>;
}

/** A token from the identity endpoint, in ten lines. */
const TOKEN_SCRIPT = `
const http = require('node:http');
const base = process.env.AZURE_POD_IDENTITY_AUTHORITY_HOST;
const path = '/metadata/identity/oauth2/token?api-version=2018-02-01&resource=499b84ac-1321-427f-aa17-267ca6975798';
const getToken = (use) => http.get(base + path, { headers: { Metadata: 'true' } }, (response) => {
  let body = '';
  response.on('data', (piece) => { body += piece; });
  response.on('end', () => use(JSON.parse(body).access_token));
});`;
const PRINT = `getToken((token) => console.log(token.length));`;
/** … and then the question to the organization. */
const ASK = `
getToken((token) => require('node:https').get('https://dev.azure.com/MyOrg/_apis/connectionData?api-version=7.1-preview.1', {
  headers: { authorization: 'Bearer ' + token, 'x-tfs-fedauthredirect': 'Suppress' },
}, (response) => {
  let body = '';
  response.on('data', (piece) => { body += piece; });
  response.on('end', () => console.log(JSON.parse(body).authenticatedUser.id));
}));`;

function runScript(node: string, script: string): Subject['run'] {
  return (environment) => {
    const startedAt = performance.now();
    const env = { PATH: process.env['PATH'], ...environment };
    const child = spawn(node, ['-e', script], { env, stdio: ['ignore', 'ignore', 'inherit'] });
    return new Promise((resolve, reject) => {
      child.on('exit', (code) => {
        if (code === 0) {
          resolve(performance.now() - startedAt);
        } else {
          reject(new Error(`The script ended with ${String(code)}`));
        }
      });
    });
  };
}

function runTask(
  node: string,
  taskFolder: string,
  inputs: Readonly<Record<string, string>>,
): Subject['run'] {
  return async (machineEnvironment) => {
    const step = await runStep({ taskFolder, node, inputs, machineEnvironment });
    cleanUp(step);
    if (step.result !== 'Succeeded') {
      throw new Error(step.issues[0]?.message ?? 'The step failed');
    }
    return step.elapsedMs;
  };
}

function listSubjects(node: string, major: number, taskFolder: string): readonly Subject[] {
  const name = (text: string) => `${text}, Node.js ${major}`;
  const [script, both] = [name('the script: a token'), name('the script: token, organization')];
  return [
    { name: name('nothing'), against: script, run: runScript(node, '') },
    { name: script, against: script, run: runScript(node, TOKEN_SCRIPT + PRINT) },
    {
      name: name('the task: token only'),
      against: script,
      run: runTask(node, taskFolder, { verifyMembership: 'false' }),
    },
    { name: both, against: both, run: runScript(node, TOKEN_SCRIPT + ASK) },
    { name: name('the task: the default'), against: both, run: runTask(node, taskFolder, {}) },
    {
      name: name('the task: a call'),
      against: both,
      run: runTask(node, taskFolder, { url: '_apis/projects' }),
    },
  ];
}

async function measure(subject: Subject, place: Place, folder: string): Promise<Cost> {
  const file = join(folder, 'cost');
  const environment = joinEnvironments(place.machineEnvironment, {
    NODE_OPTIONS: `--require=${JSON.stringify(join(import.meta.dirname, 'peak-memory.cjs'))}`,
    PEAK_MEMORY_FILE: file,
    CPU_TIME_FILE: `${file}-cpu`,
  });
  const wallMs = await subject.run(environment);
  const [peak, cpu] = [readFileSync(file, 'utf8'), readFileSync(`${file}-cpu`, 'utf8')];
  return { wallMs, peakMib: Number(peak) / 1024, cpuMs: Number(cpu) / 1000 };
}

/** The task as the package of the extension has it. */
async function unpackTask(folder: string): Promise<string> {
  const { file } = await packageExtension(folder);
  const entries = Object.entries(unzipSync(readFileSync(file)));
  for (const [path, content] of entries.filter(([name]) => !name.endsWith('/'))) {
    const target = join(folder, 'extension', path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, content);
  }
  return join(folder, 'extension', 'tasks', 'AzureDevOpsTokenV1');
}

const quantile = (values: readonly number[], part: number) =>
  values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) * part)] ?? 0;
const median = (values: readonly number[]) => quantile(values, 0.5);

/** One row of the table; the ratios are the medians of the ratios of each round. */
function summarize(costs: readonly Cost[], others: readonly Cost[]) {
  const ratioOf = (key: keyof Cost) =>
    median(costs.map((cost, round) => cost[key] / (others[round]?.[key] ?? Number.NaN)));
  const wall = costs.map(({ wallMs }) => wallMs);
  return {
    wallMs: Math.round(median(wall)),
    from: Math.round(quantile(wall, 0.25)),
    to: Math.round(quantile(wall, 0.75)),
    cpuMs: Math.round(median(costs.map(({ cpuMs }) => cpuMs))),
    peakMib: Math.round(median(costs.map(({ peakMib }) => peakMib))),
    wallRatio: Number(ratioOf('wallMs').toFixed(2)),
    memoryRatio: Number(ratioOf('peakMib').toFixed(2)),
  };
}

async function main(): Promise<number> {
  if (!installAgentNodes()) {
    throw new Error('The Node.js releases of the agents cannot be installed here');
  }
  const folder = mkdtempSync(join(tmpdir(), 'start-up-'));
  const taskFolder = await unpackTask(folder);
  const place = await openMachine();
  const subjects = ([20, 24] as const).flatMap((major) =>
    listSubjects(findAgentNode(major) ?? '', major, taskFolder),
  );
  const costs = new Map(subjects.map(({ name }) => [name, [] as Cost[]]));
  for (let round = -1; round < ROUNDS; round += 1) {
    for (const subject of subjects) {
      const cost = await measure(subject, place, folder);
      // The first round warms up.
      if (round >= 0) {
        costs.get(subject.name)?.push(cost);
      }
    }
  }
  await place.close();
  rmSync(folder, { recursive: true });
  const rows = Object.fromEntries(
    subjects.map(({ name, against }) => [
      name,
      summarize(costs.get(name) ?? [], costs.get(against) ?? []),
    ]),
  );
  console.table(rows);
  return process.argv.includes('--check') ? check(rows) : 0;
}

/** Says which limits are not kept, on the Node.js that agents run the task with. */
function check(rows: Readonly<Record<string, ReturnType<typeof summarize>>>): number {
  const broken = Object.entries(LIMITS).flatMap(([what, limit]) => {
    const { wallRatio = Infinity, memoryRatio = Infinity } =
      rows[`the task: ${what}, Node.js 20`] ?? {};
    return [
      ...(wallRatio > limit.wall
        ? [`${what}: ${wallRatio} times the time, not ${limit.wall}`]
        : []),
      ...('memory' in limit && memoryRatio > limit.memory
        ? [`${what}: ${memoryRatio} times the memory, not ${limit.memory}`]
        : []),
    ];
  });
  broken.forEach((line) => {
    console.error(line);
  });
  return broken.length === 0 ? 0 : 1;
}

process.exitCode = await main();
