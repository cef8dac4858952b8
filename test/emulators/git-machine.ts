// A machine behind a proxy, whose steps run the real git against a repository that demands a token.
import { spawnSync } from 'node:child_process';
import { ARE_STEPS_ON_WINDOWS } from '../step-platform';
import { authorityFile } from './certificates';
import { openHostedAgent } from './federated-places';
import { openGitServer, type GitServer } from './organization/git-server';
import type { OrganizationOptions } from './organization/organization';
import { openMachineBehindProxy, type MachineOptions, type Place } from './places';

export const has = (command: string, ...args: readonly string[]) =>
  spawnSync(command, args, { stdio: 'ignore' }).status === 0;

/** Why no later step can use git with the credentials of a step; undefined if it can. The server part of git is needed, and a shell. */
export function findGitObstacle(): string | undefined {
  if (ARE_STEPS_ON_WINDOWS) {
    return 'git of Linux cannot start the credential helper of a step on Windows';
  }
  return process.platform !== 'win32' &&
    has('bash', '-c', 'test -x "$(git --exec-path)/git-http-backend"')
    ? undefined
    : 'git is not installed';
}

export const APP = 'https://dev.azure.com/MyOrg/SecretSauce/_git/app';

const seedApp = (git: GitServer) => {
  git.seed('MyOrg/SecretSauce/app', { 'app.txt': 'the app\n' });
};

/** A virtual machine. */
export function openGitMachine(endpoint: MachineOptions = {}): Promise<Place> {
  return withGit((organization) => openMachineBehindProxy({ endpoint, organization }));
}

/** A Microsoft-hosted agent, in a project that has a service connection. */
export function openHostedGitAgent(): Promise<Place> {
  return withGit((organization) => openHostedAgent({ organization }));
}

async function withGit(
  open: (organization: OrganizationOptions) => Promise<Place>,
): Promise<Place> {
  const git = openGitServer(seedApp);
  const place = await open({ serveGit: git.serveGit });
  return {
    ...place,
    machineEnvironment: {
      ...place.machineEnvironment,
      GIT_SSL_CAINFO: await authorityFile(),
      GIT_CONFIG_NOSYSTEM: '1',
    },
    close: async () => {
      git.close();
      await place.close();
    },
  };
}
