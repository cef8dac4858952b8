import { accessSync, constants, lstatSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Environment } from '../environment';
import { describeSystemError } from '../errors/system-error';

/** Why the question of Azure Arc, whether this process may read a certain file, is not answered. */
export interface ChallengeProblem {
  /** Foreign text. */
  readonly path: string;
  readonly reason: string;
}

/**
 * Azure Arc gives tokens to whom can read a file that it has just made; `@azure/identity` reads the file and sends what it
 * holds. The library sees to its folder, its name and its size; not to that it is a file, and no link to one elsewhere.
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

/** Where the agent of Azure Arc puts its secrets. */
function folderOf(environment: Environment): string {
  return process.platform === 'win32'
    ? `${environment.get('ProgramData') ?? ''}\\AzureConnectedMachineAgent\\Tokens\\`
    : '/var/opt/azcmagent/tokens/';
}
