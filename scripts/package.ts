// Packs the extension into dist/, with its bill of materials: `npm run package`, with options of tfx after `--`, such as
// `--publisher NAME`. With `--public` it is for everybody, with `--preview` it is another extension, to be tried beside that one.
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './build-task';
import type { EditionName } from './package-editions';
import { packageExtension } from './package-extension';

const options = process.argv.slice(2);
const editions = (['public', 'preview'] as const).filter((name) => options.includes(`--${name}`));
const others = options.filter((option) => option !== '--public' && option !== '--preview');
for (const edition of editions.length === 0 ? (['private'] as EditionName[]) : editions) {
  const { file, materials, hash } = await packageExtension(join(ROOT, 'dist'), others, edition);
  console.log(`${file} (${Math.round(statSync(file).size / 1000)} kB, SHA-256 ${hash})`);
  console.log(materials);
}
