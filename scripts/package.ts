// Packs the extension into dist/, with its bill of materials: `npm run package`, with options of tfx after `--`, such as
// `--publisher NAME`. With `--public` it is for everybody, with `--preview` it is another extension, to be tried beside that one.
// `--docs-url https://github.com/OWNER/REPOSITORY/blob/v{version}` is where its pages can be read.
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './build-task';
import { packageEditions } from './package-extension';

const options = process.argv.slice(2);
const editions = (['public', 'preview'] as const).filter((name) => options.includes(`--${name}`));
const [first = 'private', ...more] = editions;
const docsAt = options.indexOf('--docs-url');
const docsUrl = docsAt === -1 ? undefined : (options[docsAt + 1] ?? '');
const others = options.filter(
  (option, index) =>
    option !== '--public' &&
    option !== '--preview' &&
    (docsAt === -1 || (index !== docsAt && index !== docsAt + 1)),
);
const made = await packageEditions(join(ROOT, 'dist'), { options: others, docsUrl }, [
  first,
  ...more,
]);
for (const { file, materials, hash } of made) {
  console.log(`${file} (${Math.round(statSync(file).size / 1000)} kB, SHA-256 ${hash})`);
  console.log(materials);
}
