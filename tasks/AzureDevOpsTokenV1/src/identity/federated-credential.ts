import { AzurePipelinesCredential, ClientAssertionCredential } from '@azure/identity';
import type { ServiceConnection } from '../inputs/task-inputs';
import { makeCredentialOptions } from './credential-options';
import type { EntraClient } from './entra-client';

export type FederatedCredential = AzurePipelinesCredential | ClientAssertionCredential;

/** The credential of a service connection, which requests an OIDC token with the access token of the job. */
export function openPipelinesCredential(
  { tenantId, clientId, id, jobToken }: ServiceConnection,
  client: EntraClient,
): FederatedCredential {
  const options = makeFederationOptions(client);
  return new AzurePipelinesCredential(tenantId, clientId, id, jobToken, options);
}

/** The client assertion of a pod, and the application that it is for. */
export interface Assertion {
  readonly tenantId: string;
  readonly clientId: string;
  readonly getAssertion: () => Promise<string>;
}

/**
 * The credential of a pod. `WorkloadIdentityCredential` of the library is not used, because it reads the file itself, so that its
 * content could not be masked.
 */
export function openAssertionCredential(
  { tenantId, clientId, getAssertion }: Assertion,
  client: EntraClient,
): FederatedCredential {
  const options = makeFederationOptions(client);
  return new ClientAssertionCredential(tenantId, clientId, getAssertion, options);
}

function makeFederationOptions(client: EntraClient) {
  // Otherwise the library would send one more request, to check the authority.
  return { ...makeCredentialOptions(client), disableInstanceDiscovery: true };
}
