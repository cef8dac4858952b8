// What an environment variable would change in a step. Pipeline variables become environment variables, and replace those of the
// machine.
import { toEnvironmentName } from '../environment';
import { IDENTITY_NAMES, IDENTITY_SECRETS, NODE_NAMES } from '../protected-names';
import { areOutside } from './library-folders';

const STEERS_IDENTITY = new Set<string>([...IDENTITY_NAMES, ...IDENTITY_SECRETS]);
const STEERS_NODE = new Set<string>(NODE_NAMES);

/** The variables in which the agent lists the names of the pipeline variables. */
const LISTS = new Set(['VSTS_PUBLIC_VARIABLES', 'VSTS_SECRET_VARIABLES']);

// The names of the variables about a service connection (Handler.AddEndpointsToEnvironment). The ID is at the end of the name
// or before a key. The ID is a GUID, except for the connection of the job itself.
const OF_CONNECTION = /^ENDPOINT_(?:URL|DATA|AUTH(?:_SCHEME|_PARAMETER)?)_(.+)$/s;
const CONNECTION_ID = /^(?:SYSTEMVSSCONNECTION|[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12})(?:_|$)/;

// JavaScript pipelines set these options for all steps. Node.js does not start if a value is separated by a space instead of `=`.
const HARMLESS_OPTION =
  /^--(?:max[-_](?:old|semi)[-_]space[-_]size=\d+|openssl[-_]legacy[-_]provider|no[-_]warnings|no[-_]deprecation)$/;

/** The facts about a step that decide whether a variable does harm. */
export interface StepContext {
  readonly workFolder: string | undefined;
  /** The IDs of the service connections in the inputs. */
  readonly connections: readonly string[];
}

/**
 * Describes what an environment variable would change if a pipeline variable set it; undefined if nothing.
 * @param value the value that the process has
 */
export function findEffect(
  name: string,
  value: string | undefined,
  { workFolder, connections }: StepContext,
): string | undefined {
  if (STEERS_IDENTITY.has(name)) {
    return 'choose where the token comes from';
  }
  if (LISTS.has(name)) {
    return "replace the agent's list of variables";
  }
  if (isOfConnection(name, connections)) {
    return 'override a service connection';
  }
  const steersNode =
    STEERS_NODE.has(name) ||
    name.startsWith('DYLD_') ||
    (name === 'NODE_OPTIONS' && !areHarmless(value ?? '')) ||
    (name === 'LD_LIBRARY_PATH' && !areOutside(value ?? '', workFolder));
  return steersNode ? 'change how the task runs' : undefined;
}

/** If an input names a connection whose ID is not a GUID, its data come from variables, because the agent passes only GUIDs. */
function isOfConnection(name: string, connections: readonly string[]): boolean {
  const [, ending = ''] = OF_CONNECTION.exec(name) ?? [];
  const isNamed = (id: string) => id !== '' && `${ending}_`.startsWith(`${toEnvironmentName(id)}_`);
  return CONNECTION_ID.test(ending) || connections.some(isNamed);
}

/** Node.js separates options by spaces, and removes the quotes around an option with spaces. No harmless option has spaces. */
function areHarmless(options: string): boolean {
  return options
    .replaceAll('"', '')
    .split(' ')
    .every((option) => option === '' || HARMLESS_OPTION.test(option));
}
