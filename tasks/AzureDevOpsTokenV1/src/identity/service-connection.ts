import type { IdentityInputs, ServiceConnection } from '../inputs/task-inputs';
import { federate } from './token-exchange';
import type { IdentityWorld } from './identity';
import type { TokenSource } from './identity';

/** Opens the identity that a service connection stands for: Azure DevOps vouches for this job. */
export function openServiceConnection(
  connection: ServiceConnection,
  inputs: IdentityInputs,
  world: IdentityWorld,
): TokenSource {
  const { id, input, tenantId, clientId, oidcRequestUrl, jobToken } = connection;
  const acquire = federate(
    {
      party: { kind: 'connection', input, id, tenantId },
      clientId,
      voucher: { url: oidcRequestUrl, jobToken },
      open: async (client) => {
        const { openPipelinesCredential } = await import('./federated-credential');
        return openPipelinesCredential(connection, client);
      },
    },
    inputs,
    world,
  );
  return {
    source: 'Microsoft Entra',
    holder: `identity of the service connection ${id}`,
    acquire: async () => ({ ...(await acquire()), connectionId: id }),
  };
}
