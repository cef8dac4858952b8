import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unzipSync, zipSync } from 'fflate';
import { describeMaterials, type LockedPackages } from './bill-of-materials';
import { buildTask, ROOT } from './build-task';
import { linkPage, parseDocsUrl, toManifestLinks, type DocsSite } from './docs-site';
import { EDITIONS, type Edition, type EditionName } from './package-editions';
import { describePackages, listBundledPackages, type BundledPackage } from './third-party-notices';

/** What the package of the extension was made to be. */
export interface Package {
  /** The VSIX. */
  readonly file: string;
  /** What is in it, in CycloneDX: beside it, under the same name. */
  readonly materials: string;
  /** Of the file, SHA-256 in hexadecimal: the same for each build of a commit. */
  readonly hash: string;
  /** Of which something is in its bundle. */
  readonly packages: readonly BundledPackage[];
}

const MANIFEST = 'extension.vsixmanifest';
const PAGE = 'overview.md';
const TASK = 'tasks/AzureDevOpsTokenV1/task.json';

/**
 * Builds the task and packs the extension, with a bill of materials beside it.
 * @param outputFolder where they go
 * @param options of `tfx extension create`, for example `--publisher`
 * @throws {Error} where tfx fails or warns
 */
export async function packageExtension(
  outputFolder: string,
  options: readonly string[] = [],
): Promise<Package> {
  const [made] = await packageEditions(outputFolder, { options }, ['private']);
  return made;
}

export interface PackageOptions {
  /** Of `tfx extension create`. */
  readonly options: readonly string[];
  /** `--docs-url`. */
  readonly docsUrl?: string | undefined;
}

/** The same for several editions, for which the task is built once. */
export async function packageEditions(
  outputFolder: string,
  { options, docsUrl }: PackageOptions,
  editions: readonly [EditionName, ...EditionName[]],
): Promise<readonly [Package, ...Package[]]> {
  const [first, ...others] = editions;
  if (docsUrl === undefined && editions.includes('public')) {
    throw new Error(
      'A public package needs --docs-url, because its errors and its page link to the documentation.',
    );
  }
  const site = docsUrl === undefined ? undefined : parseDocsUrl(docsUrl, readVersion());
  const withPages = (name: EditionName) => withSite(EDITIONS[name], site);
  editions.forEach((name) => {
    assertOwnOverrides(withPages(name), options);
  });
  const packages = listBundledPackages(await buildTask());
  const dist = join(ROOT, 'dist');
  mkdirSync(dist, { recursive: true });
  writeFileSync(join(dist, 'ThirdPartyNotices.txt'), describePackages(packages));
  const pack = (name: EditionName) => {
    const edition = withPages(name);
    const file = runTfx(outputFolder, [...options, ...override(edition)]);
    return packAgain(file, { ...edition, site }, packages);
  };
  return [pack(first), ...others.map(pack)];
}

function packAgain(
  file: string,
  edition: Edition & { readonly site: DocsSite | undefined },
  packages: readonly BundledPackage[],
): Package {
  const { hash, manifest } = repack(file, edition);
  const materials = file.replace(/\.vsix$/, '.cdx.json');
  writeFileSync(
    materials,
    describeMaterials({ ...readIdentity(manifest), hash }, packages, {
      root: ROOT,
      locked: readLock(),
    }),
  );
  return { file, materials, hash, packages };
}

/** The edition with the links to its pages. */
function withSite({ extension, task }: Edition, site: DocsSite | undefined): Edition {
  return site === undefined
    ? { extension, task }
    : {
        extension: { ...extension, ...toManifestLinks(site) },
        task: { ...task, helpUrl: `${site.folder}README.md` },
      };
}

function readVersion(): string {
  const manifest = readFileSync(join(ROOT, 'vss-extension.json'), 'utf8');
  return (JSON.parse(manifest) as { readonly version: string }).version;
}

function override({ extension }: Edition): readonly string[] {
  return hasOverrides(extension) ? ['--override', JSON.stringify(extension)] : [];
}

const hasOverrides = (extension: Edition['extension']) => Object.keys(extension).length > 0;

function assertOwnOverrides({ extension }: Edition, options: readonly string[]): void {
  // tfx would take the last one only.
  const isSet = options.includes('--override') || options.includes('--extension-id');
  if (hasOverrides(extension) && isSet) {
    throw new Error('An edition and --docs-url set the id and --override themselves.');
  }
}

/** @returns the path of the VSIX */
function runTfx(outputFolder: string, options: readonly string[]): string {
  // tfx writes a file of its own to the home folder.
  const home = mkdtempSync(join(tmpdir(), 'tfx-'));
  const tfx = join(ROOT, 'node_modules', 'tfx-cli', '_build', 'tfx-cli.js');
  const create = ['extension', 'create', '--no-prompt', '--no-color'];
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [tfx, ...create, '--output-path', outputFolder, ...options],
    { cwd: ROOT, encoding: 'utf8', env: { ...process.env, HOME: home, USERPROFILE: home } },
  );
  rmSync(home, { recursive: true });
  const report = `${stdout}${stderr}`.trim();
  const file = /^ - VSIX: (.+)$/m.exec(stdout)?.[1];
  if (status !== 0 || file === undefined || /warn/i.test(report)) {
    throw new Error(`tfx did not make a package without complaint:\n${report}`);
  }
  return file;
}

/**
 * Makes the task that of the edition, and the file reproducible: tfx stamps the time on what it packs, and packs it in any order; packed
 * again, by name and without a time, a commit makes the same file each time.
 */
function repack(file: string, { task, site }: Edition & { readonly site: DocsSite | undefined }) {
  const entries = unzipSync(readFileSync(file));
  const manifest = Buffer.from(entries[MANIFEST] ?? []).toString();
  if (Object.keys(task).length > 0) {
    const original = JSON.parse(Buffer.from(entries[TASK] ?? []).toString()) as object;
    entries[TASK] = Buffer.from(`${JSON.stringify({ ...original, ...task }, undefined, 2)}\n`);
  }
  const page = Buffer.from(entries[PAGE] ?? []).toString();
  entries[PAGE] = Buffer.from(linkPage(page, site));
  // A ZIP file begins in 1980, in the time of the place.
  const mtime = new Date(1980, 0, 1);
  const sorted = Object.entries(entries).toSorted(([one], [other]) => (one < other ? -1 : 1));
  const packed = zipSync(Object.fromEntries(sorted), { level: 9, mtime });
  writeFileSync(file, packed);
  return { hash: createHash('sha256').update(packed).digest('hex'), manifest };
}

function readIdentity(manifest: string) {
  const [identity = ''] = /<Identity [^>]*>/.exec(manifest) ?? [];
  const read = (name: string) => new RegExp(` ${name}="([^"]+)"`).exec(identity)?.[1] ?? '';
  return { publisher: read('Publisher'), id: read('Id'), version: read('Version') };
}

function readLock(): LockedPackages {
  const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
    readonly packages: LockedPackages;
  };
  return lock.packages;
}
