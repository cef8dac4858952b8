import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { gitError } from '../errors/git';
import { describeSystemError } from '../errors/system-error';
import type {
  GitInputs,
  IdentityInputs,
  RequestedIdentity,
  ServiceConnection,
} from '../inputs/task-inputs';
import type { Fields } from '../json-object';
import { MAX_GIT_STATE_BYTES } from '../limits';

/** What the credential helper of git has to know of the step that prepared it. Nothing in it is a secret. */
export interface GitState
  extends GitInputs, Pick<IdentityInputs, 'requested' | 'isAgentConnection' | 'isInContainer'> {
  readonly allowedHosts: readonly string[];
  /** Absent: the identity is the machine's or the pod's. The access token of the job is read when git needs a token. */
  readonly connection?: SavedConnection;
  /** The variables that choose the identity source, with the values of the step. */
  readonly environment: Readonly<Record<string, string>>;
  /** Certificate authorities to trust besides those of Node.js, as PEM. */
  readonly authorities: readonly string[];
  readonly proxy?: SavedProxy;
}

interface SavedConnection extends Omit<ServiceConnection, 'jobToken' | 'oidcRequestUrl'> {
  readonly oidcRequestUrl: string;
}

/** The proxy that the agent was configured with. Its password is read when git needs a token. */
interface SavedProxy {
  readonly url: string;
  readonly username: string;
  readonly hasPassword: boolean;
  /** Regular expressions. */
  readonly bypass: readonly string[];
}

/**
 * Reads the state that a step has written.
 * @throws {TaskError} if it cannot be read, or is not what a step writes
 */
export function readState(path: string): GitState {
  const state = parse(readRegularFile(path));
  if (!isState(state)) {
    throw gitError({ kind: 'state', path, reason: 'it is not what the step writes' });
  }
  return state;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function readRegularFile(path: string): string {
  try {
    // A link could lead to a file that is not the step's. Windows has no such flag.
    const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants as Partial<typeof constants>;
    const file = openSync(path, (O_RDONLY ?? 0) | O_NOFOLLOW | O_NONBLOCK);
    try {
      const status = fstatSync(file);
      return status.isFile() && status.size <= MAX_GIT_STATE_BYTES
        ? readFileSync(file, 'utf8')
        : '';
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw gitError({ kind: 'state', path, reason: describeSystemError(error) });
  }
}

/** The helper must not fail later on a file that was damaged. Code that can write it can run git with any configuration. */
function isState(state: unknown): state is GitState {
  if (!isObject(state)) {
    return false;
  }
  const { organization, addresses, allowedHosts, authorities, environment } = state;
  const { requested, connection, proxy } = state;
  return (
    hasTexts(organization, 'name', 'url') &&
    Array.isArray(addresses) &&
    addresses.every((address) => hasTexts(address, 'host', 'path')) &&
    areTexts(allowedHosts) &&
    areTexts(authorities) &&
    isObject(environment) &&
    areTexts(Object.values(environment)) &&
    (requested === undefined || isRequested(requested)) &&
    (connection === undefined || isConnection(connection)) &&
    (proxy === undefined || isProxy(proxy))
  );
}

const INPUTS: readonly unknown[] = ['clientId', 'objectId', 'resourceId'];

function isRequested(value: unknown): value is RequestedIdentity {
  return hasTexts(value, 'input', 'value') && INPUTS.includes(value.input);
}

function isConnection(value: unknown): value is SavedConnection {
  return (
    hasTexts(value, 'input', 'id', 'tenantId', 'clientId', 'oidcRequestUrl') &&
    isUrl(value.oidcRequestUrl)
  );
}

function isProxy(value: unknown): value is SavedProxy {
  return hasTexts(value, 'url', 'username') && isUrl(value.url) && areTexts(value['bypass']);
}

function hasTexts<Name extends string>(
  value: unknown,
  ...names: readonly Name[]
): value is Fields & Readonly<Record<Name, string>> {
  return isObject(value) && areTexts(names.map((name) => value[name]));
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}

function areTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function isUrl(text: string): boolean {
  return URL.canParse(text);
}
