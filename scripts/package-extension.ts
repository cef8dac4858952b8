import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unzipSync, zipSync } from 'fflate';
import { buildTask, ROOT } from './build-task';
import { describePackages, listBundledPackages, type BundledPackage } from './third-party-notices';

/** What the package of the extension was made to be. */
export interface Package {
  /** The VSIX. */
  readonly file: string;
  /** Of the file, SHA-256 in hexadecimal: the same for each build of a commit. */
  readonly hash: string;
  /** Of which something is in its bundle. */
  readonly packages: readonly BundledPackage[];
}

/**
 * Builds the task and packs the extension.
 * @param outputFolder where the VSIX goes
 * @param options of `tfx extension create`, for example `--publisher`
 * @throws {Error} where tfx fails or warns
 */
export async function packageExtension(
  outputFolder: string,
  options: readonly string[] = [],
): Promise<Package> {
  const packages = listBundledPackages(await buildTask());
  const dist = join(ROOT, 'dist');
  mkdirSync(dist, { recursive: true });
  writeFileSync(join(dist, 'ThirdPartyNotices.txt'), describePackages(packages));
  // tfx writes a file of its own to the home folder.
  const home = mkdtempSync(join(tmpdir(), 'tfx-'));
  const tfx = join(ROOT, 'node_modules', 'tfx-cli', '_build', 'tfx-cli.js');
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [
      tfx,
      'extension',
      'create',
      '--no-prompt',
      '--no-color',
      '--output-path',
      outputFolder,
      ...options,
    ],
    { cwd: ROOT, encoding: 'utf8', env: { ...process.env, HOME: home, USERPROFILE: home } },
  );
  rmSync(home, { recursive: true });
  const report = `${stdout}${stderr}`.trim();
  const file = /^ - VSIX: (.+)$/m.exec(stdout)?.[1];
  if (status !== 0 || file === undefined || /warn/i.test(report)) {
    throw new Error(`tfx did not make a package without complaint:\n${report}`);
  }
  return { file, hash: makeReproducible(file), packages };
}

/**
 * tfx stamps the time on what it packs, and packs it in any order: packed again, by name and without a time, a commit makes the same
 * file each time.
 */
function makeReproducible(file: string): string {
  const entries = Object.entries(unzipSync(readFileSync(file)));
  // A ZIP file begins in 1980, in the time of the place.
  const mtime = new Date(1980, 0, 1);
  const sorted = entries.toSorted(([one], [other]) => (one < other ? -1 : 1));
  const packed = zipSync(Object.fromEntries(sorted), { level: 9, mtime });
  writeFileSync(file, packed);
  return createHash('sha256').update(packed).digest('hex');
}
