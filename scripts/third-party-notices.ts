import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A package of which something is in the bundle. */
export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  /** Where it is, with slashes: there may be several of a name. */
  readonly folder: string;
  /** SPDX expression, as the package says. */
  readonly license: string;
  /** Where its source code is, as the package says. */
  readonly source: string;
  /** The text of its licence and notice files. */
  readonly texts: readonly string[];
}

const PACKAGE_FOLDER = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/;

/**
 * The packages in the bundle, sorted by name.
 * @param modules the paths of the modules in it
 */
export function listBundledPackages(modules: readonly string[]): readonly BundledPackage[] {
  const folders = modules.flatMap((path) => PACKAGE_FOLDER.exec(toSlashes(path))?.[0] ?? []);
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

const toSlashes = (path: string) => path.replaceAll('\\', '/');

function readPackage(path: string): BundledPackage {
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
  return { name, version, folder: path, license, source, texts };
}
