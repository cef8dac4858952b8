// Publishes a package to the Marketplace: `npx tsx scripts/publish.ts FILE`, with `--share-with ORGANIZATION` for a private one. It takes
// the token of a member of the publisher from the variable MARKETPLACE_TOKEN, and hands it on by no environment and no command line.
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { publishExtension } from './publish-extension';

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: { 'share-with': { type: 'string' } },
    allowPositionals: true,
  });
  const { MARKETPLACE_TOKEN: token = '', ...environment } = process.env;
  const [file = '', ...others] = positionals;
  if (others.length > 0 || !existsSync(file)) {
    throw new Error(`This takes one package; there is none at "${positionals.join(' ')}".`);
  }
  // Where there is no such variable, Azure Pipelines leaves the macro as it stands.
  if (!/^[\w.~+/=-]+$/.test(token)) {
    throw new Error('MARKETPLACE_TOKEN has no token: map the output of the step under env:.');
  }
  return publishExtension({ file, token, shareWith: values['share-with'] }, environment);
}

main().then(
  (exitCode) => {
    process.exitCode = exitCode;
  },
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 2;
  },
);
