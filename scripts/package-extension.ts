import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildTask, ROOT } from './build-task';
import { describePackages, listBundledPackages, type BundledPackage } from './third-party-notices';

/** What the package of the extension was made to be. */
export interface Package {
  /** The VSIX. */
  readonly file: string;
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
  return { file, packages };
}
