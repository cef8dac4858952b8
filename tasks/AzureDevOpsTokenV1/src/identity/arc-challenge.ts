import { accessSync, constants, lstatSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Environment } from '../environment';
import { describeSystemError } from '../errors/system-error';

/** Why the challenge of Azure Arc is refused, which makes this process prove that it can read a file. */
export interface ChallengeProblem {
  /** Untrusted text. */
  readonly path: string;
  readonly reason: string;
}

/**
 * Checks the file of a challenge. Azure Arc issues tokens to a process that can read a new file, so `@azure/identity` reads the
 * file and sends its content. The library checks the folder, the name and the size, but would follow a link to another file.
 * @param challenge the header `WWW-Authenticate` of a 401
 */
export function findChallengeProblem(
  challenge: string,
  environment: Environment,
  platform: NodeJS.Platform = process.platform,
): ChallengeProblem | undefined {
  const [, path = ''] = /Basic realm=(.*)$/.exec(challenge) ?? [];
  const folder = findFolder(environment, platform);
  if (folder === undefined) {
    return { path, reason: 'the variable ProgramData is not a folder on a drive' };
  }
  const name = path.slice(folder.length);
  // On Windows, both are separators.
  if (!path.startsWith(folder) || /[\\/]/.test(name)) {
    return { path, reason: `it is not in ${folder}` };
  }
  if (!KEY_FILE.test(name)) {
    return { path, reason: 'its name is not that of a key file' };
  }
  try {
    for (const place of [dirname(path), path]) {
      if (lstatSync(place).isSymbolicLink()) {
        return { path, reason: `${place} is a link` };
      }
    }
    if (!lstatSync(path).isFile()) {
      return { path, reason: 'it is no regular file' };
    }
    accessSync(path, constants.R_OK);
    return undefined;
  } catch (error) {
    return { path, reason: describeSystemError(error) };
  }
}

/**
 * The name of a key file, which the agent of Azure Arc makes of a GUID. Windows has more in a name that leads elsewhere: the `:` of a drive or of a
 * stream of NTFS, the `~` of a short name, and the names of devices, with any ending.
 */
const KEY_FILE = /^(?!(?:con|prn|aux|nul|com\d|lpt\d)\.)[\w-]+\.key$/i;

/** The folder in which the agent of Azure Arc writes its secrets, as `@azure/identity` spells it. */
function findFolder(environment: Environment, platform: NodeJS.Platform): string | undefined {
  if (platform !== 'win32') {
    return '/var/opt/azcmagent/tokens/';
  }
  const programData = environment.get('ProgramData') ?? '';
  return /^[a-z]:\\/i.test(programData)
    ? `${programData}\\AzureConnectedMachineAgent\\Tokens\\`
    : undefined;
}
