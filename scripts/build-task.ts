import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import type { BundledFile } from './bundle';
import type { Files } from './load-late';

export const ROOT = join(import.meta.dirname, '..');
export const TASK_FOLDER = join(ROOT, 'tasks', 'AzureDevOpsTokenV1');

const SOURCE = join(TASK_FOLDER, 'src');
const DIST = join(TASK_FOLDER, 'dist');
const PACKAGES = join(ROOT, 'node_modules');
/** Describes the last build. */
const BUILD_RECORD = join(PACKAGES, '.cache', 'built-task.json');

interface BuildRecord {
  /** Of the source, the scripts that build it, and the versions of the packages. */
  readonly digest: string;
  /** The paths of the modules of each file in `dist/`, below the root of the repository. */
  readonly modules: Readonly<Record<string, readonly string[]>>;
}

/** What most steps do not use, and what is loaded when one does: docs/performance.md has what that saves. */
const LATE_PACKAGES: Files = {
  'http-proxy-agent': find('http-proxy-agent', '@typespec/ts-http-runtime'),
  'https-proxy-agent': find('https-proxy-agent', '@typespec/ts-http-runtime'),
  jsonwebtoken: find('jsonwebtoken', '@azure/msal-node'),
};
const EXPRESSIONS: Files = {
  jmespath: join(PACKAGES, '@jmespath-community', 'jmespath', 'dist', 'index.mjs'),
};
/** What reads large JSON in a process of its own. Built apart, so that the task is not split into more files. */
const JSON_PROCESS: Files = { 'json-process': join(SOURCE, 'rest', 'json-process.ts') };
/** With this, Node.js need not find out of which kind each file is. */
const MARK: BundledFile = { name: 'package.json', code: '{"type":"commonjs"}\n', modules: [] };

/** Builds `dist/` of the task; returns the paths of the modules that are in it. */
export async function buildTask(): Promise<readonly string[]> {
  const digest = digestInputs();
  // Loaded late: many tests need the folders that this file names, and the bundler takes a second to load.
  const { bundleInParts, bundleWhole } = await import('./bundle');
  const entry = await bundleWhole(
    {
      index: join(SOURCE, 'index.ts'),
      'git-credential': join(SOURCE, 'git-credential.ts'),
    },
    // Any Node.js that an agent or a container brings can read it, see index.ts.
    { target: 'es2015', external: ['./task.js'] },
  );
  const task = await bundleInParts(
    { task: join(SOURCE, 'task.ts') },
    { ...LATE_PACKAGES, ...EXPRESSIONS },
  );
  const jsonProcess = await bundleInParts(JSON_PROCESS, EXPRESSIONS);
  const late = [...(await bundleWhole(LATE_PACKAGES)), ...(await bundleInParts(EXPRESSIONS))];
  const files = [...entry, ...task, ...jsonProcess, ...late, MARK];
  writeDist(files);
  const record: BuildRecord = {
    digest,
    modules: Object.fromEntries(
      files.map(({ name, modules }) => [name, modules.map((path) => relative(ROOT, path))]),
    ),
  };
  mkdirSync(dirname(BUILD_RECORD), { recursive: true });
  writeFileSync(BUILD_RECORD, JSON.stringify(record));
  return files.flatMap(({ modules }) => modules);
}

/** Builds `dist/` if what it is made of has changed since. */
export async function buildTaskIfChanged(): Promise<void> {
  const isBuilt = existsSync(join(DIST, 'task.js')) && existsSync(BUILD_RECORD);
  if (!isBuilt || readBuildRecord().digest !== digestInputs()) {
    await buildTask();
  }
}

/** What is known of the last build. */
export function readBuildRecord(): BuildRecord {
  return JSON.parse(readFileSync(BUILD_RECORD, 'utf8')) as BuildRecord;
}

function digestInputs(): string {
  const folders = [SOURCE, import.meta.dirname].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)),
  );
  const files = [...folders, join(TASK_FOLDER, 'task.json'), join(ROOT, 'package-lock.json')];
  const hash = createHash('sha256');
  for (const file of files.filter((path) => statSync(path).isFile()).sort()) {
    hash.update(file).update(readFileSync(file));
  }
  return hash.digest('hex');
}

/** Where a package is that another one requires: there may be several of its name. */
function find(name: string, user: string): string {
  return createRequire(join(PACKAGES, user, 'package.json')).resolve(name);
}

/** Leaves alone what is there already: somebody may be running it. */
function writeDist(files: readonly BundledFile[]): void {
  mkdirSync(DIST, { recursive: true });
  const names = files.map(({ name }) => name);
  if (new Set(names).size < names.length) {
    throw new Error(`Two files of the task have one name: ${names.sort().join(', ')}`);
  }
  readdirSync(DIST)
    .filter((name) => !names.includes(name))
    .forEach((name) => {
      rmSync(join(DIST, name), { recursive: true });
    });
  for (const { name, code } of files) {
    const path = join(DIST, name);
    if (!existsSync(path) || readFileSync(path, 'utf8') !== code) {
      writeFileSync(path, code);
    }
  }
}
