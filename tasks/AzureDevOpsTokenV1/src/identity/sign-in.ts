import type { IdentityInputs } from '../inputs/task-inputs';
import type { AccessToken, Identity, IdentityContext } from './identity';
import { openManagedIdentity } from './managed-identity';
import { isPod } from './identity-source';
import type { TokenSource } from './identity';

/**
 * A token that is valid for no longer than this is renewed. @azure/identity returns its cached token until five minutes before
 * the expiry, within about a second. A request after that surely gets a new one.
 */
const RENEWAL_MS = 4.5 * 60_000;

/**
 * Opens the identity that the step requests. Sends nothing.
 * @throws {TaskError} if the step or its environment names an identity that cannot be used
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

/** Loads only the source that the step needs, so that it starts fast. */
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
