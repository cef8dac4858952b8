// Tells the next stages of a release which version it is. Runs as it stands on Node.js 24, before or after `npm ci`.
import { readFileSync } from 'node:fs';

const file = new URL('../../package.json', import.meta.url);
const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version: string };
console.log(`Version ${version}`);
console.log(`##vso[task.setvariable variable=version;isOutput=true;isReadOnly=true]${version}`);
