// Packs the extension into dist/: `npm run package`, with options of tfx after `--`, such as `--publisher NAME`.
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './build-task';
import { packageExtension } from './package-extension';

const { file, hash } = await packageExtension(join(ROOT, 'dist'), process.argv.slice(2));
console.log(`${file} (${Math.round(statSync(file).size / 1000)} kB, SHA-256 ${hash})`);
