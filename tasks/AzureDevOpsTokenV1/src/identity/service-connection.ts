import type { IdentityInputs, ServiceConnection } from '../inputs/task-inputs';
import { hideLiveToken } from '../untrusted-text';
import { exchangeToken } from './token-exchange';
import type { IdentityContext, TokenSource } from './identity';

/** Opens the identity of a service connection. Azure DevOps issues an OIDC token for this job, and Microsoft Entra exchanges it. */
export function openServiceConnection(
  connection: ServiceConnection,
  inputs: IdentityInputs,
  context: IdentityContext,
): TokenSource {
  const { id, input, tenantId, clientId, oidcRequestUrl, jobToken } = connection;
  // An error message of Azure DevOps can repeat it. The agent masks it as a whole only.
  hideLiveToken(jobToken);
  const acquire = exchangeToken(
    {
      requester: { kind: 'connection', input, id, tenantId },
      clientId,
      oidc: { url: oidcRequestUrl, jobToken },
      open: async (client) => {
        const { openPipelinesCredential } = await import('./federated-credential');
        return openPipelinesCredential(connection, client);
      },
    },
    inputs,
    context,
  );
  return {
    source: 'Microsoft Entra',
    identityName: `identity of the service connection ${id}`,
    acquire: async () => ({ ...(await acquire()), connectionId: id }),
  };
}
