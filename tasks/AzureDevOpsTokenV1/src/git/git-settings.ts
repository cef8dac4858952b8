import { spawnSync } from 'node:child_process';
import { dirname } from 'node:path';
import { readGitVariable } from '../environment';
import { gitError } from '../errors/git';
import { describeSystemError } from '../errors/system-error';
import { MAX_GIT_CONFIG_BYTES, MAX_GIT_CONFIG_MS } from '../limits';

/** The settings of the git that requests a credential, as far as they decide who can read it. */
export interface GitSettings {
  /** An empty value counts. */
  readonly getVariable: (name: string) => string | undefined;
  /**
   * The values of `http.sslVerify` and `http.<url>.sslVerify`, in the order in which git reads them.
   * @throws {TaskError} if git does not list them
   */
  readonly listVerification: (statePath: string) => readonly Verification[];
}

export interface Verification {
  /** As git writes it, such as `http.https://dev.azure.com/.sslverify`. */
  readonly key: string;
  readonly isVerified: boolean;
}

/** The settings of the git that has started this process: it passes its environment and its folder. */
export const GIT_SETTINGS: GitSettings = { getVariable: readGitVariable, listVerification };

const LIST = ['config', '-z', '--bool', '--get-regexp', String.raw`^http\.(.*\.)?sslverify$`];
/** The status of `git config` if there is no such setting. */
const NONE = 1;

function listVerification(statePath: string): readonly Verification[] {
  const { status, signal, stdout, error } = spawnSync('git', ['-C', process.cwd(), ...LIST], {
    // Windows searches this folder first for `git.exe`, so it must not be the repository.
    cwd: dirname(statePath),
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: MAX_GIT_CONFIG_MS,
    maxBuffer: MAX_GIT_CONFIG_BYTES,
    windowsHide: true,
  });
  if (error === undefined && status === NONE) {
    return [];
  }
  if (status !== 0) {
    const ended = `git ended with ${status === null ? String(signal) : `status ${status}`}`;
    const reason = error === undefined ? ended : describeSystemError(error);
    throw gitError({ kind: 'settings', reason });
  }
  return stdout.split('\0').flatMap((entry) => {
    const end = entry.lastIndexOf('\n');
    return end < 0
      ? []
      : [{ key: entry.slice(0, end), isVerified: entry.slice(end + 1) === 'true' }];
  });
}

/**
 * Variables that let a client write the credential to its trace: https://git-scm.com/docs/git#Documentation/git.txt-codeGITTRACEREDACTcode,
 * and lfshttp/verbose.go in git-lfs/git-lfs. What else git can read as a number is refused, too.
 */
const TRACES = [
  { variable: 'GIT_TRACE_REDACT', isSafe: /^(?:1|true|yes|on)$/i, value: '1' },
  { variable: 'LFS_DEBUG_HTTP', isSafe: /^(?:0|false|no|off)?$/i, value: '0' },
] as const;
/** Any value counts, also an empty one (http_init() in http.c of git/git). */
const NO_VERIFICATION = 'GIT_SSL_NO_VERIFY';

/**
 * Checks that git neither writes the credential to a trace, nor sends it to a server whose certificate it does not verify.
 * @param host the host that gets the credential, in lower case
 * @throws {TaskError} if it does
 */
export function checkSettings(
  host: string,
  statePath: string,
  { getVariable, listVerification: list }: GitSettings,
): void {
  for (const { variable, isSafe, value } of TRACES) {
    if (!isSafe.test(getVariable(variable) ?? value)) {
      throw gitError({ kind: 'trace', variable, value });
    }
  }
  if (getVariable(NO_VERIFICATION) !== undefined) {
    throw gitError({ kind: 'unverified', setting: NO_VERIFICATION });
  }
  const last = new Map(list(statePath).map(({ key, isVerified }) => [key, isVerified]));
  for (const [key, isVerified] of last) {
    if (!isVerified && !isOfOtherHost(key, host.replace(/:443$/, ''))) {
      throw gitError({ kind: 'unverified', setting: 'http.sslVerify' });
    }
  }
}

/**
 * Whether a setting is of other hosts only. The setting for all hosts is not, even if git prefers another one: Git LFS reads
 * it (lfshttp/certs.go in git-lfs/git-lfs), and so does a git that another host has redirected to this one.
 */
function isOfOtherHost(key: string, host: string): boolean {
  const url = /^http\.(.+)\.sslverify$/is.exec(key)?.[1] ?? '';
  if (!URL.canParse(url)) {
    return false;
  }
  const [labels, pattern] = [host.split('.'), new URL(url).host.split('.')];
  // A label can be a wildcard: https://git-scm.com/docs/git-config#Documentation/git-config.txt-httplturlgt
  const isMatch = (label: string, index: number) => label === '*' || label === labels[index];
  return pattern.length !== labels.length || !pattern.every(isMatch);
}
