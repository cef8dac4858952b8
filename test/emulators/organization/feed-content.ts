// What a feed has from the start: a package of each kind, each with the one file `pepper.txt` or `pepper.py`.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { strToU8, zipSync } from 'fflate';

export const PEPPER = 'freshly ground\n';

export const hashOf = (algorithm: string, content: Buffer, encoding: 'hex' | 'base64') =>
  createHash(algorithm).update(content).digest(encoding);

let packedForNpm: Buffer | undefined;

/** A package of npm: a folder named `package`, packed; the same bytes each time. */
export function packForNpm(): Buffer {
  packedForNpm ??= pack();
  return packedForNpm;
}

function pack(): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'pepper-'));
  mkdirSync(join(folder, 'package'));
  const manifest = JSON.stringify({ name: 'pepper', version: '1.0.0' });
  writeFileSync(join(folder, 'package', 'package.json'), manifest);
  writeFileSync(join(folder, 'package', 'pepper.txt'), PEPPER);
  execFileSync('tar', ['-czf', 'pepper.tgz', 'package'], { cwd: folder });
  const content = readFileSync(join(folder, 'pepper.tgz'));
  rmSync(folder, { recursive: true });
  return content;
}

/** A wheel: https://packaging.python.org/specifications/binary-distribution-format/ */
export function packForPython(name = 'pepper'): Buffer {
  const info = `${name}-1.0.0.dist-info`;
  const files: Readonly<Record<string, string>> = {
    [`${name}.py`]: `# ${PEPPER}`,
    [`${info}/METADATA`]: `Metadata-Version: 2.1\nName: ${name}\nVersion: 1.0.0\n`,
    [`${info}/WHEEL`]:
      'Wheel-Version: 1.0\nGenerator: by hand\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
  };
  const record = [...Object.keys(files), `${info}/RECORD`].map((path) => `${path},,\n`).join('');
  const entries = Object.entries({ ...files, [`${info}/RECORD`]: record });
  return Buffer.from(
    zipSync(Object.fromEntries(entries.map(([path, text]) => [path, strToU8(text)]))),
  );
}

/** A parent of other projects of Maven. */
export const PARENT_POM = Buffer.from(`<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>com.example</groupId>
  <artifactId>pepper</artifactId>
  <version>1.0.0</version>
  <packaging>pom</packaging>
</project>
`);
