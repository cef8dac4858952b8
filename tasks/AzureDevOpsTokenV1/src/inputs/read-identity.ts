import type { InputReader } from './input-reader';
import { parseChoice, parseGuid, parseResourceId } from './parse-values';
import { readConnection } from './read-service-connection';
import type { IdentityInputs, RequestedIdentity } from './task-inputs';

const CONNECTION_TYPE = 'connectionType';
const IDS = {
  clientId: parseGuid,
  objectId: parseGuid,
  resourceId: parseResourceId,
} as const;
const ID_NAMES = Object.keys(IDS) as RequestedIdentity['input'][];
const CONNECTIONS = {
  azureDevOps: 'azureDevOpsServiceConnection',
  azureRM: 'azureSubscription',
} as const;
const MANAGED_IDENTITY = 'managedIdentity';
export const CONNECTION_TYPES = [MANAGED_IDENTITY, 'azureDevOps', 'azureRM'] as const;

/** The inputs that name a service connection. */
export const CONNECTION_INPUTS: readonly string[] = Object.values(CONNECTIONS);

/** The inputs that choose the identity. */
export const IDENTITY_INPUTS = [CONNECTION_TYPE, ...ID_NAMES, ...CONNECTION_INPUTS];

/** Reads which identity the step uses. The inputs of other connection types are ignored. */
export function readIdentity(
  reader: InputReader,
): Pick<IdentityInputs, 'requested' | 'connection' | 'isAgentConnection'> {
  const parse = (text: string) => parseChoice(text, CONNECTION_TYPES);
  const type = reader.read(CONNECTION_TYPE, parse, MANAGED_IDENTITY);
  const names =
    type === undefined ? [] : type === MANAGED_IDENTITY ? ID_NAMES : [CONNECTIONS[type]];
  ignoreOthers(reader, names);
  if (type === MANAGED_IDENTITY) {
    const requested = readRequestedIdentity(reader);
    return requested === undefined ? {} : { requested };
  }
  return type === undefined ? {} : readConnection(reader, CONNECTIONS[type]);
}

/** Logs which inputs are ignored, because the classic editor keeps the values of inputs that it hides. */
function ignoreOthers(reader: InputReader, names: readonly string[]): void {
  if (!reader.agent.isDebugged()) {
    return;
  }
  const others = [...ID_NAMES, ...Object.values(CONNECTIONS)].filter(
    (name) => !names.includes(name) && reader.text(name) !== '',
  );
  for (const name of others) {
    reader.agent.debug(
      `The input ${name} is ignored, because it belongs to another ${CONNECTION_TYPE}.`,
    );
  }
}

function readRequestedIdentity(reader: InputReader): RequestedIdentity | undefined {
  const named = ID_NAMES.map((input) => ({ input, value: reader.text(input) })).filter(
    ({ value }) => value !== '',
  );
  if (named.length > 1) {
    const names = new Intl.ListFormat('en').format(named.map(({ input }) => input));
    reader.problems.push(`${names} are set. Set only one of them.`);
  }
  for (const { input } of named) {
    reader.read(input, IDS[input]);
  }
  return named[0];
}
