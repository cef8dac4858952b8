import type { IdentityInputs } from '../inputs/task-inputs';
import type { AccessToken, Identity, IdentityContext } from './identity';
import { openManagedIdentity } from './managed-identity';
import { isPod } from './identity-source';
import type { TokenSource } from './identity';

/**
 * A token that lives no longer than this is not handed out again. @azure/identity keeps a token of its own until five
 * minutes before its end, to the second or so; well after that it does ask for a new one.
 */
const RENEWAL_MS = 4.5 * 60_000;

/**
 * Opens the identity that the step asks for.
 * @throws {Failure} where it cannot be one, before anything is sent
 */
export async function signIn(inputs: IdentityInputs, world: IdentityContext): Promise<Identity> {
  const { source, identityName, acquire } = await openSource(inputs, world);
  let last: AccessToken | undefined;
  return {
    source,
    identityName,
    getToken: async () => {
      if (last === undefined || last.expiresOn.getTime() - world.clock.now() <= RENEWAL_MS) {
        last = await acquire();
      }
      return last;
    },
  };
}

/** Only what a step needs is loaded: its start should cost no more. */
async function openSource(inputs: IdentityInputs, world: IdentityContext): Promise<TokenSource> {
  const { connection } = inputs;
  if (connection !== undefined) {
    const { openServiceConnection } = await import('./service-connection');
    return openServiceConnection(connection, inputs, world);
  }
  if (isPod(world.environment)) {
    const { openWorkloadIdentity } = await import('./workload-identity');
    return openWorkloadIdentity(inputs, world);
  }
  return openManagedIdentity(inputs, world);
}
