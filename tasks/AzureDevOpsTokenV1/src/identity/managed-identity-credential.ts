import { ManagedIdentityCredential } from '@azure/identity';
import type { RequestedIdentity } from '../inputs/task-inputs';
import { makeCredentialOptions } from './credential-options';
import type { EndpointClient } from './endpoint-client';

/**
 * The credential of the managed identity of the machine.
 * @param client sends every request of the credential, and makes all retries
 */
export function openManagedIdentityCredential(
  requested: RequestedIdentity | undefined,
  client: EndpointClient,
): ManagedIdentityCredential {
  const options = makeCredentialOptions(client);
  switch (requested?.input) {
    case undefined:
      return new ManagedIdentityCredential(options);
    case 'clientId':
      return new ManagedIdentityCredential({ ...options, clientId: requested.value });
    case 'objectId':
      return new ManagedIdentityCredential({ ...options, objectId: requested.value });
    case 'resourceId':
      return new ManagedIdentityCredential({ ...options, resourceId: requested.value });
  }
}
