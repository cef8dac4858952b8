// A step that runs in the Linux container of its job: what the agent tells it has the paths of the container
// (ContainerOperationProvider.cs and ContainerInfo.cs in microsoft/azure-pipelines-agent), and its files are there.
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AgentFolders } from './job-setting';

/** Its id is a variable of every step of the job, also of one that runs on the host. */
export const CONTAINER_ID = '4f1d2c3b5a69';

/** The first that fits counts. Below the root of the agent, nothing but its externals is mounted. */
const mappingsOf = ({ root, tools }: AgentFolders): readonly (readonly [string, string])[] => [
  [tools, '/__t'],
  [join(root, '_work'), '/__w'],
  [root, '/__a'],
];

/** A path of the host as the container has it; any other text as it is. */
export function toContainerPath(text: string, folders: AgentFolders): string {
  const mapping = mappingsOf(folders).find(
    ([host]) => text === host || text.startsWith(`${host}/`),
  );
  return mapping === undefined ? text : `${mapping[1]}${text.slice(mapping[0].length)}`;
}

/**
 * A Node.js with the file system of a container, in the working folder of the step; only where `canMount()`. The container
 * has the work and tools folders of the agent under their other names, and nothing else of the agent's folders. The rest is as on this machine.
 */
export function wrapInContainer(folders: AgentFolders, node: string): string {
  const [inside, path] = [join(folders.home, 'inside.sh'), join(folders.home, 'node.sh')];
  const root = join(folders.root, 'container');
  writeFileSync(
    inside,
    `#!/bin/sh
set -e
mkdir -p ${root}
mount -t tmpfs none ${root}
for entry in /*; do
  if [ -L "$entry" ]; then cp -P "$entry" ${root}/
  elif [ -d "$entry" ]; then mkdir "${root}$entry"; mount --rbind "$entry" "${root}$entry"; fi
done
mount -t tmpfs none ${root}${folders.root}
mkdir ${root}/__a ${root}/__w ${root}/__t
mount --bind ${join(folders.root, '_work')} ${root}/__w
mount --bind ${folders.tools} ${root}/__t
exec chroot ${root} env --chdir=${toContainerPath(folders.working, folders)} ${node} "$@"
`,
  );
  writeFileSync(path, `#!/bin/sh\nexec unshare --mount ${inside} "$@"\n`);
  [inside, path].forEach((file) => {
    chmodSync(file, 0o755);
  });
  return path;
}
