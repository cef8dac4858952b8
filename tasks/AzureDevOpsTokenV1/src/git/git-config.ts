import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { listPinned, type Environment } from '../environment';
import { describeMissingHelper, gitError } from '../errors/git';
import { describeSystemError } from '../errors/system-error';
import { listDefaultAuthorities } from '../http/authorities';
import type { NetworkSettings } from '../http/network-settings';
import type { GitAddress, GitInputs, TaskInputs } from '../inputs/task-inputs';
import { IDENTITY_NAMES, NODE_NAMES } from '../protected-names';
import type { GitState } from './git-state';

const HELPER = fileURLToPath(new URL('git-credential.js', import.meta.url));

/** Loads code before Node.js starts. On macOS, the system itself removes these for its own programs, such as the shell. */
const LOADER_NAMES = [
  'NODE_OPTIONS',
  'LD_LIBRARY_PATH',
  ...['INSERT_LIBRARIES', 'LIBRARY_PATH', 'FRAMEWORK_PATH', 'IMAGE_SUFFIX'].map(
    (name) => `DYLD_${name}`,
  ),
  ...['LIBRARY_PATH', 'FRAMEWORK_PATH'].flatMap((name) => [
    `DYLD_FALLBACK_${name}`,
    `DYLD_VERSIONED_${name}`,
  ]),
];

/** `git config` would read this file only, but other commands of git do not (https://git-scm.com/docs/git-config#ENVIRONMENT). */
const OTHER_CONFIG = 'GIT_CONFIG';

interface StepInputs extends Pick<
  TaskInputs,
  'identity' | 'allowedHosts' | 'network' | 'temporaryFolder'
> {
  readonly git: GitInputs;
}

/**
 * Writes the git configuration of an organization, and the state of its credential helper, into a new folder that only the user
 * of the agent can read.
 * @returns the path of the configuration
 * @throws {TaskError} if the system does not let it
 */
export function writeGitConfig(inputs: StepInputs, environment: Environment): string {
  const state = makeState(inputs, environment);
  const { temporaryFolder } = inputs;
  try {
    // Makes a folder of a name that is new, with the mode 0700. No link is followed.
    const folder = mkdtempSync(join(temporaryFolder, 'git-credentials-'));
    const [config, stateFile] = [join(folder, 'config'), join(folder, 'state.json')];
    const explanation = join(folder, 'not-started.txt');
    const node = process.execPath;
    const command = formatCommand([node, HELPER, stateFile, explanation], environment);
    const options = { flag: 'wx', mode: 0o600 };
    writeFileSync(explanation, `${describeMissingHelper(node, HELPER)}\n`, options);
    writeFileSync(stateFile, `${JSON.stringify(state, undefined, 2)}\n`, options);
    writeFileSync(config, formatConfig(state, command), options);
    return config;
  } catch (error) {
    const reason = describeSystemError(error);
    throw gitError({ kind: 'folder', folder: temporaryFolder, reason });
  }
}

function makeState(inputs: StepInputs, environment: Environment): GitState {
  const { git, allowedHosts, network } = inputs;
  const { requested, connection, isAgentConnection, isInContainer } = inputs.identity;
  return {
    ...git,
    allowedHosts,
    isInContainer,
    ...(requested && { requested }),
    ...(isAgentConnection && { isAgentConnection }),
    ...(connection && { connection: withoutSecret(connection) }),
    environment: listPinned(environment),
    authorities: listAuthorities(network, environment),
    ...(network.proxy && { proxy: withoutPassword(network.proxy) }),
  };
}

function withoutSecret({
  input,
  id,
  tenantId,
  clientId,
  oidcRequestUrl,
}: NonNullable<TaskInputs['identity']['connection']>) {
  return { input, id, tenantId, clientId, oidcRequestUrl: oidcRequestUrl.href };
}

function withoutPassword({
  url,
  username,
  password,
  bypass,
}: NonNullable<NetworkSettings['proxy']>) {
  return {
    // A user and a password in the URL are not those of the agent, and not used.
    url: url.origin,
    username,
    hasPassword: password !== '',
    bypass: bypass.map(({ source }) => source),
  };
}

/** The authorities that the step trusts besides those of Node.js. */
function listAuthorities(
  { tls: { ca } }: NetworkSettings,
  environment: Environment,
): readonly string[] {
  const own = new Set(rootCertificates);
  return (ca ?? listDefaultAuthorities(environment)).filter((certificate) => !own.has(certificate));
}

/**
 * The shell function that git starts as its credential helper, with the operation as its argument. It comes before Node.js,
 * because only there can it keep a variable of the step from loading code into Node.js.
 * https://git-scm.com/docs/gitcredentials#_custom_helpers
 */
export function formatCommand(
  paths: readonly [node: string, helper: string, state: string, explanation: string],
  { get }: Pick<Environment, 'get'>,
): string {
  const [node = '', helper = '', state = '', explanation = ''] = paths.map((path) =>
    quoteForShell(toSlashes(path)),
  );
  // Of the machine: the step has checked it, and its Node.js may need it.
  const libraries = get('LD_LIBRARY_PATH');
  return [
    // A credential is kept nowhere, so there is no reason to start Node.js.
    'f() { test "$1" = store && return',
    `unset ${[...IDENTITY_NAMES, ...NODE_NAMES, ...LOADER_NAMES, OTHER_CONFIG].join(' ')}`,
    ...(libraries === undefined
      ? []
      : [`LD_LIBRARY_PATH=${quoteForShell(libraries)}`, 'export LD_LIBRARY_PATH']),
    `test -x ${node} && test -f ${helper} && ${node} ${helper} ${state} "$1" && return`,
    'echo quit=1',
    // git prints this command whenever the helper quits, so the explanation of one failure is not in it.
    `read -r why < ${explanation}`,
    `printf '%s\\n' "$why" >&2`,
    '}',
    'f',
  ].join('; ');
}

function toSlashes(path: string): string {
  return process.platform === 'win32' ? path.replaceAll('\\', '/') : path;
}

function quoteForShell(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** https://git-scm.com/docs/git-config#_syntax */
export function formatConfig({ organization, addresses }: GitInputs, command: string): string {
  const lines = addresses.flatMap(({ host, path }: GitAddress) => {
    const spellings = path === '' ? [''] : new Set([`${path}/`, `${path.toLowerCase()}/`]);
    return [
      ...[...spellings].flatMap((spelling) => [
        `[http ${quoteForGit(`https://${host}/${spelling}`)}]`,
        // Empties the list. A header that was set by an earlier step would be sent instead of the credential.
        '\textraheader =',
        // git prefers it to a setting for all addresses, such as http.sslVerify=false in the configuration of the user.
        '\tsslVerify = true',
      ]),
      `[credential ${quoteForGit(`https://${host}`)}]`,
      // Empties the list. Another helper would store the token.
      '\thelper =',
      `\thelper = ${quoteForGit(`!${command}`)}`,
      '\tuseHttpPath = true',
    ];
  });
  return [
    `# Written by the task AzureDevOpsToken for ${organization.name}. The agent removes it with the job.`,
    ...lines,
    '',
  ].join('\n');
}

function quoteForGit(text: string): string {
  const escaped = text.replaceAll('\\', '\\\\').replaceAll('"', '\\"');
  return `"${escaped.replaceAll('\n', '\\n').replaceAll('\t', '\\t')}"`;
}
