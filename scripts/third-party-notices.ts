import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';
import { ROOT } from './build-task';

/** A package of which something is in the bundle. */
export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  /** SPDX expression, as the package says. */
  readonly license: string;
  /** Where its source code is, as the package says. */
  readonly source: string;
  /** The text of its licence and notice files. */
  readonly texts: readonly string[];
}

const PACKAGE_FOLDER = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/;

/** The packages in the bundle, by the metafile of its build, sorted by name. */
export function listBundledPackages(metafile: Metafile): readonly BundledPackage[] {
  const folders = Object.values(metafile.outputs)
    .flatMap(({ inputs }) => Object.entries(inputs))
    .flatMap(([path, { bytesInOutput }]) => {
      const folder = PACKAGE_FOLDER.exec(path)?.[0];
      return folder === undefined || bytesInOutput === 0 ? [] : [folder];
    });
  return [...new Set(folders)].map(readPackage).sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The text that the licences of the bundled packages ask to go with them. */
export function describePackages(packages: readonly BundledPackage[]): string {
  const sections = packages.map(({ name, version, license, source, texts }) =>
    // The Mozilla Public License, 3.2, asks where the source code can be had.
    [
      `${name} ${version} (${license})`,
      `Source code, used unmodified: ${source}`,
      '',
      ...texts,
    ].join('\n'),
  );
  return [
    'The task contains parts of these packages, each under its own licence:',
    ...packages.map(({ name, version, license }) => `- ${name} ${version} (${license})`),
    ...sections.map((section) => `\n${'-'.repeat(80)}\n${section}`),
    '',
  ].join('\n');
}

function readPackage(folder: string): BundledPackage {
  const path = join(ROOT, folder);
  const { name, version, license, repository } = JSON.parse(
    readFileSync(join(path, 'package.json'), 'utf8'),
  ) as Readonly<Record<'name' | 'version' | 'license', string>> & {
    readonly repository?: string | { readonly url: string };
  };
  const source = typeof repository === 'string' ? repository : (repository?.url ?? name);
  const texts = readdirSync(path)
    .filter((file) => /^(?:licen[cs]e|notice|thirdpartynotice)/i.test(file))
    .sort()
    .map((file) => readFileSync(join(path, file), 'utf8').trim());
  return { name, version, license, source, texts };
}
