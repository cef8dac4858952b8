import { rootCertificates } from 'node:tls';
import type { Clock } from '../clock';
import { pinEnvironment, type Environment } from '../environment';
import { gitError } from '../errors/git';
import { formatErrorInOneLine } from '../errors/task-error';
import type { NetworkSettings } from '../http/network-settings';
import type { Identity, IdentityContext } from '../identity/identity';
import type { IdentityInputs } from '../inputs/task-inputs';
import { GIT_SIGN_IN } from '../limits';
import { hideLiveToken } from '../untrusted-text';
import { checkSettings, GIT_SETTINGS, type GitSettings } from './git-settings';
import { readState, type GitState } from './git-state';

/** What git requests from its credential helper: https://git-scm.com/docs/git-credential#IOFMT */
export interface GitRequest {
  /** `get`, or `erase` after a server has refused a credential. */
  readonly operation: string;
  /** The file that the step has written. */
  readonly statePath: string;
  /** The attributes, `name=value` lines. */
  readonly input: string;
}

/** What git gets: attributes on standard output, and one line on standard error. */
export interface GitResponse {
  readonly output: string;
  readonly error: string;
}

interface HelperContext {
  readonly clock: Clock;
  readonly signIn: (inputs: IdentityInputs, context: IdentityContext) => Promise<Identity>;
  /** Sets the variables that choose the identity source. */
  readonly pin?: (pinned: GitState['environment']) => Environment;
  readonly settings?: GitSettings;
}

const NOTHING: GitResponse = { output: '', error: '' };

/** Gets a token for git. Nothing is kept, so each request of git gets a token that is valid now. */
export async function respondToGit(
  { operation, statePath, input }: GitRequest,
  context: HelperContext,
): Promise<GitResponse> {
  try {
    const request = parseAttributes(input);
    const state = readState(statePath);
    if (!isOfOrganization(request, state)) {
      return NOTHING;
    }
    switch (operation) {
      case 'get':
        checkSettings(request.host, statePath, context.settings ?? GIT_SETTINGS);
        return { output: await getCredential(request, state, context), error: '' };
      case 'erase':
        throw gitError({ kind: 'refused', url: `https://${request.host}/${request.path}` });
      default:
        return NOTHING;
    }
  } catch (error) {
    // Without quit, git would prompt for a password, and wait for one.
    return { output: 'quit=1\n', error: formatErrorInOneLine(error) };
  }
}

interface Attributes {
  readonly protocol: string;
  readonly host: string;
  readonly path: string;
  readonly username: string;
}

/** Reads the attributes that count. Others, such as `wwwauth[]`, come from the server, and are ignored. */
function parseAttributes(input: string): Attributes {
  const attributes = new Map(
    input.split(/\r?\n/).map((line) => {
      const end = Math.max(line.indexOf('='), 0);
      return [line.slice(0, end), line.slice(end + 1)];
    }),
  );
  const get = (name: string) => attributes.get(name) ?? '';
  return {
    protocol: get('protocol'),
    host: get('host').toLowerCase(),
    path: get('path'),
    username: get('username'),
  };
}

/** Whether a request is of the organization of the step, and goes over TLS. */
function isOfOrganization({ protocol, host, path }: Attributes, { addresses }: GitState): boolean {
  const segments = path.toLowerCase().split('/');
  // git sends what the URL says, and its HTTP library takes `.` and `..` out of it.
  if (protocol !== 'https' || segments.some((segment) => /^\.{1,2}$|\\/.test(segment))) {
    return false;
  }
  return addresses.some((address) => {
    const start = address.path === '' ? [] : address.path.toLowerCase().split('/');
    return (
      address.host === host.replace(/:443$/, '') &&
      start.every((segment, index) => segment === segments[index])
    );
  });
}

async function getCredential(
  { username }: Attributes,
  state: GitState,
  { clock, signIn, pin = pinEnvironment }: HelperContext,
): Promise<string> {
  const { isInContainer, requested, isAgentConnection, organization, allowedHosts } = state;
  const environment = pin(state.environment);
  const inputs = {
    // A token that is valid now is good enough, because git requests a credential again.
    minimumLifetimeMs: 0,
    isInContainer,
    ...(requested && { requested }),
    ...(isAgentConnection && { isAgentConnection }),
    ...readConnection(state, environment),
  };
  const identity = await signIn(inputs, {
    clock,
    environment,
    allowedHosts,
    network: readNetwork(state, environment),
    maskToken: hideLiveToken,
    // Standard error is for the one line that explains a failure.
    log: () => undefined,
    limits: GIT_SIGN_IN,
  });
  const { token, expiresOn } = await identity.getToken();
  return [
    // Azure Repos reads the password only, but git prompts for a user name if it gets none.
    `username=${username === '' ? organization.name : username}`,
    `password=${token}`,
    `password_expiry_utc=${Math.floor(expiresOn.getTime() / 1000)}`,
    '',
  ].join('\n');
}

function readConnection(
  { connection }: GitState,
  environment: Environment,
): Pick<IdentityInputs, 'connection'> {
  return connection === undefined
    ? {}
    : {
        connection: {
          ...connection,
          oidcRequestUrl: new URL(connection.oidcRequestUrl),
          jobToken: readSecret(environment, 'SYSTEM_ACCESSTOKEN', 'System.AccessToken'),
        },
      };
}

/** The network configuration of the step, but for its client certificate, whose key is a secret. */
function readNetwork(
  { authorities, proxy, connection }: GitState,
  environment: Environment,
): NetworkSettings {
  const tls = authorities.length === 0 ? {} : { ca: [...rootCertificates, ...authorities] };
  const settings = { tls };
  // A managed identity is reached without a proxy.
  const isUsed =
    connection !== undefined || environment.get('AZURE_FEDERATED_TOKEN_FILE') !== undefined;
  if (proxy === undefined || !isUsed) {
    return settings;
  }
  const { url, username, hasPassword, bypass } = proxy;
  const password = hasPassword
    ? readSecret(environment, 'AGENT_PROXYPASSWORD', 'Agent.ProxyPassword')
    : '';
  const patterns = bypass.map((pattern) => new RegExp(pattern, 'i'));
  return { ...settings, proxy: { url: new URL(url), username, password, bypass: patterns } };
}

function readSecret({ get }: Environment, variable: string, macro: string): string {
  const value = get(variable);
  // The agent leaves a macro unexpanded if there is no such variable.
  if (value === undefined || value === `$(${macro})`) {
    throw gitError({ kind: 'secret', variable, macro });
  }
  hideLiveToken(value);
  return value;
}
