// How large the task is in the package, and whether a second build makes the same package.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unzipSync, zipSync } from 'fflate';
import { packageExtension } from '../../scripts/package-extension';
import type { Section } from './section';

/** @param vsix the package of the extension */
export async function measurePackage(vsix: string): Promise<readonly Section[]> {
  const folder = mkdtempSync(join(tmpdir(), 'package-'));
  const { file, hash } = await packageExtension(folder);
  const isSame = readFileSync(file).equals(readFileSync(vsix));
  rmSync(folder, { recursive: true });
  const entries = Object.entries(unzipSync(readFileSync(vsix)));
  const ofTask = entries.filter(([path]) => path.startsWith('tasks/'));
  const kilobytes = zipSync(Object.fromEntries(ofTask), { level: 9 }).length / 1000;
  console.log(`The package: SHA-256 ${hash}; its task: ${kilobytes.toFixed(0)} kB compressed\n`);
  return [
    {
      title: 'The package',
      rows: [],
      limits: [
        { what: 'kB of the task in the package', is: kilobytes, most: 300 },
        { what: 'builds that differ', is: isSame ? 0 : 1, most: 0 },
      ],
    },
  ];
}
