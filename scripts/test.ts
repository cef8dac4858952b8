// Everything that has to be true of a commit: `npm test`. Its last lines name the slowest files, say what was skipped and why, and what
// failed, and count the tests.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { installAgentNodes } from './agent-nodes';
import { ROOT } from './build-task';

const COUNTS = join(ROOT, 'coverage', 'counts.json');

/** A step of the test; its name is shown. */
interface Check {
  readonly name: string;
  readonly command: readonly string[];
}

/**
 * The program itself, and not its file in `.bin`: on Windows, that one is for a shell, whose command line is shorter (8,191 characters)
 * than the list of the test files.
 */
const bin = (...path: readonly string[]) => [process.execPath, join(ROOT, 'node_modules', ...path)];

const TESTS = 'tests and coverage';
const FOLDERS = ['windows', 'task', 'faults', 'attack', 'contract', 'scripts', 'emulators', 'unit'];
/** The files that take longest begin first, so that no process is left with one at the end. The last lines of a run name the slowest. */
const SLOWEST_FILES = [
  'test/windows/steps.test.ts',
  'test/task/scenarios.test.ts',
  'test/faults/identity.test.ts',
  'test/task/large-json.test.ts',
  'test/task/pages.test.ts',
  'test/scripts/publish.test.ts',
  'test/contract/release.test.ts',
];
/** Most tests wait for processes, servers and clocks most of the time. */
const JOBS = '4';
const SHOWN_FILES = 10;
/** Needs what the build makes, so it comes first. */
const BUILD: Check = {
  name: 'build',
  command: [...bin('tsx', 'dist', 'cli.mjs'), 'scripts/build.ts'],
};
/** At the same time: the tests wait often enough to leave time for the others. */
const CHECKS: readonly Check[] = [
  {
    name: TESTS,
    command: [
      ...bin('c8', 'bin', 'c8.js'),
      ...bin('mocha', 'bin', 'mocha.js'),
      ...['--parallel', '--jobs', JOBS, ...findTestFiles()],
    ],
  },
  { name: 'types', command: bin('typescript', 'bin', 'tsc') },
  { name: 'lint', command: [...bin('eslint', 'bin', 'eslint.js'), '.'] },
  {
    name: 'import cycles',
    command: [...bin('dependency-cruiser', 'bin', 'dependency-cruise.mjs'), 'tasks'],
  },
  {
    name: 'format',
    command: [...bin('prettier', 'bin', 'prettier.cjs'), '--check', '--log-level', 'warn', '.'],
  },
];

/** Named on the command line and not in .mocharc.json, so that `npx mocha FILE` runs that file alone. */
function findTestFiles(): readonly string[] {
  // Entries of a folder, because names would follow the links in the prefix of Wine, one of which is `/`.
  const files = FOLDERS.flatMap((folder) =>
    readdirSync(join(ROOT, 'test', folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.test.ts'))
      .map(({ parentPath, name }) => relative(ROOT, join(parentPath, name)).replaceAll('\\', '/'))
      .sort(),
  );
  return [...SLOWEST_FILES, ...files.filter((file) => !SLOWEST_FILES.includes(file))];
}

/** Whether it is true. The output of the build and of the tests is shown as it comes, that of another check when it has ended. */
async function perform({ name, command }: Check): Promise<boolean> {
  const [file = '', ...args] = command;
  const isShownLive = name === TESTS || name === BUILD.name;
  const head = `\n# ${name}`;
  if (isShownLive) {
    console.log(head);
  }
  const child = spawn(file, args, {
    cwd: ROOT,
    stdio: isShownLive ? 'inherit' : ['ignore', 'pipe', 'pipe'],
  });
  const output: string[] = [];
  [child.stdout, child.stderr].forEach((stream) => {
    stream?.setEncoding('utf8').on('data', (text: string) => output.push(text));
  });
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (!isShownLive) {
    console.log([head, output.join('').trimEnd()].join('\n').trimEnd());
  }
  return exitCode === 0;
}

/** The names of the checks that fail. */
async function performAll(): Promise<readonly string[]> {
  const isBuilt = await perform(BUILD);
  const results = await Promise.all(CHECKS.map(perform));
  return [BUILD, ...CHECKS]
    .filter((_, index) => ![isBuilt, ...results][index])
    .map(({ name }) => name);
}

async function main(): Promise<number> {
  rmSync(COUNTS, { force: true });
  const isReady = installAgentNodes();
  const failed = await performAll();
  const { passes, failures, pending, failed: failedTests, skipped, slowest } = readCounts();
  // Of a run in which tests failed, those are counted; of any other, the check.
  const others = [
    ...(isReady ? [] : ['the Node.js releases of the agents']),
    ...failed.filter((name) => name !== TESTS || failures === 0),
  ];
  console.log(slowest.length === 0 ? '' : '\nThe slowest test files, in seconds:');
  slowest.slice(0, SHOWN_FILES).forEach(([file, ms]) => {
    console.log(`${(ms / 1000).toFixed(0).padStart(6)}  ${file}`);
  });
  Object.entries(skipped).forEach(([reason, count]) => {
    console.log(`Skipped: ${count} ${count === 1 ? 'test' : 'tests'}, ${reason}`);
  });
  // Again at the end, because the table of the coverage separates the report from it.
  [...failedTests, ...others].forEach((name) => {
    console.log(`Failed: ${name}`);
  });
  console.log(`${passes} passed, ${failures + others.length} failed, ${pending} skipped`);
  return failures + others.length === 0 ? 0 : 1;
}

/** What test/reporter.cjs has counted; zeros if the tests did not run to their end. */
interface Counts {
  readonly passes: number;
  readonly failures: number;
  readonly pending: number;
  /** File, title and first line of the message of each failed test. */
  readonly failed: readonly string[];
  /** How many tests were skipped for which reason. */
  readonly skipped: Readonly<Record<string, number>>;
  /** Files below test/, and the milliseconds that their tests and hooks took. */
  readonly slowest: readonly (readonly [file: string, ms: number])[];
}

const NONE: Counts = { passes: 0, failures: 0, pending: 0, failed: [], skipped: {}, slowest: [] };

function readCounts(): Counts {
  return existsSync(COUNTS) ? (JSON.parse(readFileSync(COUNTS, 'utf8')) as Counts) : NONE;
}

process.exitCode = await main();
