import type { IdentityInputs } from '../inputs/task-inputs';
import { RENEWAL_MS } from '../limits';
import type { AccessToken, Identity, IdentityContext, TokenSource } from './identity';
import { openManagedIdentity } from './managed-identity';
import { isPod } from './identity-source';

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
