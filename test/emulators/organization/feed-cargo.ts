// A registry of Cargo, as Azure Artifacts has one: an index over HTTPS that demands the token, and one crate.
// https://doc.rust-lang.org/cargo/reference/registry-index.html
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hashOf, PEPPER } from './feed-content';

let packed: Buffer | undefined;

/** A crate: a folder named after it and its version, packed; the same bytes each time. */
export function packForCargo(): Buffer {
  packed ??= pack();
  return packed;
}

function pack(): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'pepper-'));
  const root = join(folder, 'pepper-1.0.0');
  mkdirSync(join(root, 'src'), { recursive: true });
  writeFileSync(
    join(root, 'Cargo.toml'),
    '[package]\nname = "pepper"\nversion = "1.0.0"\nedition = "2021"\n',
  );
  writeFileSync(join(root, 'src', 'lib.rs'), `// ${PEPPER}`);
  execFileSync('tar', ['-czf', 'pepper.crate', 'pepper-1.0.0'], { cwd: folder });
  const content = readFileSync(join(folder, 'pepper.crate'));
  rmSync(folder, { recursive: true });
  return content;
}

/** The text of a file of the index, by its path below the registry; undefined where there is none. */
export function readCargoIndex(path: string, registry: string): string | undefined {
  if (path === 'index/config.json') {
    return JSON.stringify({ dl: `${registry}download`, 'auth-required': true });
  }
  const entry = {
    ...{ name: 'pepper', vers: '1.0.0', deps: [], features: {}, yanked: false },
    cksum: hashOf('sha256', packForCargo(), 'hex'),
  };
  return path === 'index/pe/pp/pepper' ? `${JSON.stringify(entry)}\n` : undefined;
}
