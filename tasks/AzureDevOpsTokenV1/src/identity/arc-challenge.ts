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
): ChallengeProblem | undefined {
  const [, path = ''] = /Basic realm=(.*)$/.exec(challenge) ?? [];
  const folder = folderOf(environment);
  const separator = process.platform === 'win32' ? '\\' : '/';
  if (!path.startsWith(folder) || path.slice(folder.length).includes(separator)) {
    return { path, reason: `it is not in ${folder}` };
  }
  try {
    for (const place of [dirname(path), path]) {
      if (lstatSync(place).isSymbolicLink()) {
        return { path, reason: `${place} is a link` };
      }
    }
    accessSync(path, constants.R_OK);
    return undefined;
  } catch (error) {
    return { path, reason: describeSystemError(error) };
  }
}

/** The folder in which the agent of Azure Arc writes its secrets. */
function folderOf(environment: Environment): string {
  return process.platform === 'win32'
    ? `${environment.get('ProgramData') ?? ''}\\AzureConnectedMachineAgent\\Tokens\\`
    : '/var/opt/azcmagent/tokens/';
}
