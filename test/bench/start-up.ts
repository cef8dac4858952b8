// What a step costs beside a bare script that sends the same requests.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { unzipSync } from 'fflate';
import { findAgentNode } from '../../scripts/agent-nodes';
import { TASK_FOLDER } from '../../scripts/build-task';
import { keepOpen, type Place } from '../emulators/places';
import { openAzureCli } from './az';
import { openCleanMachine, organizationInputs, withoutAuthority } from './machine';
import { runNode, runTask, type TaskRun } from './measure';
import { limitsOf, takeInTurn, type Limit, type Row, type Section, type Subject } from './section';

/** With 15, two runs on a quiet machine differed by up to 12 %; with 41, by up to 5 %. */
const ROUNDS = 41;
const COLD_ROUNDS = 7;
const SCRIPTS = join(import.meta.dirname, 'scripts');
const MEMBERSHIP = '/MyOrg/_apis/connectionData?api-version=7.1-preview.1';

const TOKEN_ONLY = 'task: token only, Node.js 20';
/** How many times the script a step may take. */
const MOST = {
  20: { token: 2.3, default: 1.5 },
  24: { token: 1.9, default: 1.55 },
} as const;

/** @param vsix the package of the extension */
export async function measureStartUp(vsix: string): Promise<readonly Section[]> {
  const folder = mkdtempSync(join(tmpdir(), 'start-up-'));
  const taskFolder = unpackTask(vsix, folder);
  const place = await openCleanMachine();
  const of = (major: 20 | 24) => listSubjects({ major, taskFolder, place, folder });
  const az = await openAzureCli('script: token, Node.js 20');
  try {
    const subjects = [...of(20), ...of(24), ...(az === undefined ? [] : [az.subject])];
    const rows = await takeInTurn(subjects, ROUNDS);
    const limits = [
      ...([20, 24] as const).flatMap((major) => [
        ...limitsOf(rows, `task: token only, Node.js ${major}`, {
          wall: MOST[major].token,
          memory: 1.25,
        }),
        ...limitsOf(rows, `task: the default, Node.js ${major}`, { wall: MOST[major].default }),
      ]),
      ...(az === undefined ? [] : limitOfAz(rows, az.subject.name)),
    ];
    return [{ title: 'A step, beside a script that sends the same requests', rows, limits }];
  } finally {
    await Promise.all([place.close(), az?.close()]);
    rmSync(folder, { recursive: true });
  }
}

/** Empties the caches of the machine before each run: other programs on it become slow, too. */
export async function measureColdStart(vsix: string): Promise<readonly Section[]> {
  if (!canDropCaches()) {
    return [];
  }
  const folder = mkdtempSync(join(tmpdir(), 'cold-start-'));
  const place = await openCleanMachine();
  try {
    const taskFolder = unpackTask(vsix, folder);
    const subjects = ([20, 24] as const).flatMap((major) =>
      listSubjects({ major, taskFolder, place, folder }),
    );
    const rows = await takeInTurn(subjects, COLD_ROUNDS, dropCaches);
    return [{ title: 'The same, with nothing of the disk in memory', rows, limits: [] }];
  } finally {
    await place.close();
    rmSync(folder, { recursive: true });
  }
}

/**
 * A tenth of the time of the Azure CLI; where Node.js itself is slow to start, so that the bare script is not twenty times as fast as
 * that, twice the script.
 */
function limitOfAz(rows: readonly Row[], az: string): readonly Limit[] {
  const wallOf = (name: string) => rows.find((row) => row.name === name)?.wallMs ?? NaN;
  const most = Math.max(0.1, (2 * wallOf('script: token, Node.js 20')) / wallOf(az));
  return [{ what: 'a token: of the time of az', is: wallOf(TOKEN_ONLY) / wallOf(az), most }];
}

interface Setting {
  readonly major: 20 | 24;
  readonly taskFolder: string;
  readonly place: Place;
  readonly folder: string;
}

function listSubjects({ major, taskFolder, place, folder }: Setting): readonly Subject[] {
  const node = findAgentNode(major) ?? '';
  const name = (text: string) => `${text}, Node.js ${major}`;
  const [token, both] = [name('script: token'), name('script: token, member')];
  const alone = withoutAuthority(place);
  const script = (file: string, environment: Readonly<Record<string, string>>) => ({
    run: () => runNode(node, [join(SCRIPTS, file)], environment),
  });
  const task = (options: Pick<TaskRun, 'inputs' | 'taskFolder'>, at = place) => ({
    run: () => runTask({ node, taskFolder, ...options, open: () => keepOpen(at) }),
  });
  const membership = {
    ...place.machineEnvironment,
    URL_TO_ASK: `${place.organization?.origin ?? ''}${MEMBERSHIP}`,
  };
  const inputs = organizationInputs(place);
  return [
    { name: name('node -e ""'), against: token, run: () => runNode(node, ['-e', ''], {}) },
    { name: token, against: token, ...script('token.cjs', alone.machineEnvironment) },
    {
      name: name('task: token only'),
      against: token,
      ...task({ inputs: { verifyMembership: 'false' } }, alone),
    },
    {
      name: name('libraries, no bundle: token only'),
      against: token,
      ...task({ taskFolder: makeUnbundled(folder) }, alone),
    },
    { name: both, against: both, ...script('requests.cjs', membership) },
    { name: name('task: the default'), against: both, ...task({ inputs }) },
    {
      name: name('task: a REST call'),
      against: both,
      ...task({ inputs: { ...inputs, url: '_apis/projects' } }),
    },
  ];
}

/** The task as the package of the extension has it. */
function unpackTask(vsix: string, folder: string): string {
  const entries = Object.entries(unzipSync(readFileSync(vsix)));
  for (const [path, content] of entries.filter(([name]) => /^tasks\/.*[^/]$/.test(name))) {
    const target = join(folder, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, content);
  }
  return join(folder, 'tasks', 'AzureDevOpsTokenV1');
}

/** A task that does the same with what lies in node_modules. */
function makeUnbundled(folder: string): string {
  const task = join(folder, 'unbundled');
  mkdirSync(join(task, 'dist'), { recursive: true });
  cpSync(join(TASK_FOLDER, 'task.json'), join(task, 'task.json'));
  const script = JSON.stringify(join(SCRIPTS, 'unbundled.cjs'));
  writeFileSync(join(task, 'dist', 'index.js'), `require(${script});\n`);
  return task;
}

/** So that all is read from the disk again; for root alone, on Linux. */
function dropCaches(): void {
  execFileSync('sync');
  writeFileSync('/proc/sys/vm/drop_caches', '3');
}

function canDropCaches(): boolean {
  try {
    dropCaches();
    return true;
  } catch {
    return false;
  }
}
