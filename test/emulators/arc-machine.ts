// A server of Azure Arc. The folder in which its agent puts its secrets is fixed by the library, so a step gets a file system of its own, in
// which that folder is one of ours.
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ARE_STEPS_ON_WINDOWS } from '../step-platform';
import { arc } from './identity-dialects';
import { openMachine, type Place } from './places';

/** A server of Azure Arc; only where `canMount()`. */
export async function openArcMachine(): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), 'arc-'));
  const place = await openMachine({ dialect: arc(join(folder, 'tokens')) });
  return {
    ...place,
    wrapNode: (node) => wrapNode(folder, node),
    close: async () => {
      await place.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** Whether this process can give a step a file system of its own. */
export function canMount(): boolean {
  const script = 'mount -t tmpfs none /var/opt';
  return (
    !ARE_STEPS_ON_WINDOWS &&
    spawnSync('unshare', ['--mount', 'sh', '-c', script], { stdio: 'ignore' }).status === 0
  );
}

/** A Node.js for which the folder of Azure Arc, which the library knows by its name, is one of ours. */
export function wrapNode(folder: string, node: string): string {
  const [inside, path] = [join(folder, 'inside.sh'), join(folder, 'node.sh')];
  const place = '/var/opt/azcmagent/tokens';
  writeFileSync(
    inside,
    `#!/bin/sh
mkdir -p ${folder}/tokens
mount -t tmpfs none /var/opt && mkdir -p ${place} && mount --bind ${folder}/tokens ${place}
exec ${node} "$@"
`,
  );
  writeFileSync(path, `#!/bin/sh\nexec unshare --mount ${inside} "$@"\n`);
  [inside, path].forEach((file) => {
    chmodSync(file, 0o755);
  });
  return path;
}
