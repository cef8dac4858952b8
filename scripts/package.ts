// Packs the extension into dist/, with its bill of materials: `npm run package`, with options of tfx after `--`, such as
// `--publisher NAME`. With `--public` it is for everybody, with `--preview` it is another extension, to be tried beside that one.
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './build-task';
import { packageEditions } from './package-extension';

const options = process.argv.slice(2);
const editions = (['public', 'preview'] as const).filter((name) => options.includes(`--${name}`));
const [first = 'private', ...more] = editions;
const others = options.filter((option) => option !== '--public' && option !== '--preview');
const made = await packageEditions(join(ROOT, 'dist'), others, [first, ...more]);
for (const { file, materials, hash } of made) {
  console.log(`${file} (${Math.round(statSync(file).size / 1000)} kB, SHA-256 ${hash})`);
  console.log(materials);
}
