import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT } from './build-task';

export interface Publication {
  /** The VSIX. */
  readonly file: string;
  /** Of a member of the publisher. */
  readonly token: string;
  /** The organization that a private extension is shared with. */
  readonly shareWith: string | undefined;
}

/** The only host that gets the token: tfx would ask another one which it is. */
const MARKETPLACE = 'https://marketplace.visualstudio.com';

/**
 * Reads what is to be published.
 * @param args of the command line
 * @throws {Error} if they name no package, or there is no token
 */
export function readPublication(args: readonly string[], token: string): Publication {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { 'share-with': { type: 'string' } },
    allowPositionals: true,
  });
  const [file = '', ...others] = positionals;
  if (others.length > 0 || !existsSync(file)) {
    throw new Error(`This takes one package; there is none at "${positionals.join(' ')}".`);
  }
  // Where there is no such variable, Azure Pipelines leaves the macro as it stands.
  if (!/^[\w.~+/=-]+$/.test(token)) {
    throw new Error('MARKETPLACE_TOKEN has no token: map the output of the step under env:.');
  }
  return { file, token, shareWith: values['share-with'] };
}

/**
 * Publishes a package as it is, waits until the Marketplace has found it valid, and prints what tfx prints.
 * @param environment of tfx
 * @returns the exit code of tfx
 */
export async function publishExtension(
  { file, token, shareWith }: Publication,
  environment: NodeJS.ProcessEnv,
): Promise<number> {
  // A folder without the settings and credentials of an earlier tfx.
  const home = mkdtempSync(join(tmpdir(), 'tfx-'));
  const tfx = join(ROOT, 'node_modules', 'tfx-cli', '_build', 'tfx-cli.js');
  const publish = ['extension', 'publish', '--no-color', '--auth-type', 'pat'];
  const share = shareWith === undefined ? [] : ['--share-with', shareWith];
  const child = spawn(
    process.execPath,
    [tfx, ...publish, '--service-url', MARKETPLACE, '--vsix', file, ...share],
    {
      env: { ...environment, HOME: home, USERPROFILE: home },
      stdio: ['pipe', 'inherit', 'inherit'],
    },
  );
  // tfx takes a token from its command line, which every process of the machine can read, or asks for it; `tfx login` writes it to a
  // file, which `extension publish` does not read. So it is told when it asks.
  child.stdin.on('error', () => {
    // It ended before it asked; its exit code tells.
  });
  child.stdin.end(`${token}\n`);
  const exitCode = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      resolve(code ?? 1);
    });
  });
  rmSync(home, { recursive: true });
  return exitCode;
}
