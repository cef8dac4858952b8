import type { IdentityInputs } from '../inputs/task-inputs';
import type { AccessToken, Identity, IdentityContext, TokenSource } from './identity';
import { openManagedIdentity } from './managed-identity';
import { isPod } from './identity-source';

/**
 * A token that is valid for no longer than this is renewed. @azure/identity returns its cached token until five minutes before
 * the expiry, within about a second. A request after that surely gets a new one.
 */
const RENEWAL_MS = 4.5 * 60_000;

/**
 * Opens the identity that the step requests. Sends nothing.
 * @throws {TaskError} if the step or its environment names an identity that cannot be used
 */
export async function signIn(inputs: IdentityInputs, context: IdentityContext): Promise<Identity> {
  const { source, identityName, acquire } = await openSource(inputs, context);
  let last: AccessToken | undefined;
  return {
    source,
    identityName,
    getToken: async () => {
      if (last === undefined || last.expiresOn.getTime() - context.clock.now() <= RENEWAL_MS) {
        last = await acquire();
      }
      return last;
    },
  };
}

/** Only what a step needs is loaded: its start should cost no more. */
async function openSource(inputs: IdentityInputs, context: IdentityContext): Promise<TokenSource> {
  const { connection } = inputs;
  if (connection !== undefined) {
    const { openServiceConnection } = await import('./service-connection');
    return openServiceConnection(connection, inputs, context);
  }
  if (isPod(context.environment)) {
    const { openWorkloadIdentity } = await import('./workload-identity');
    return openWorkloadIdentity(inputs, context);
  }
  return openManagedIdentity(inputs, context);
}
