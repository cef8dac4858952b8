// Publishes a package to the Marketplace: `npx tsx scripts/publish.ts FILE`, with `--share-with ORGANIZATION` for a private one. It takes
// the token of a member of the publisher from the variable MARKETPLACE_TOKEN, and hands it on by no environment and no command line.
import { publishExtension, readPublication } from './publish-extension';

async function main(): Promise<number> {
  const { MARKETPLACE_TOKEN: token = '', ...environment } = process.env;
  return publishExtension(readPublication(process.argv.slice(2), token), environment);
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
