import {
  AzurePipelinesCredential,
  ClientAssertionCredential,
  ManagedIdentityCredential,
} from '@azure/identity';
import type { RequestedIdentity, ServiceConnection } from '../inputs/task-inputs';
import { AUTHORITY, type FederationHttpClient } from './federation-http-client';
import type { LocalHttpClient } from './local-http-client';

/**
 * The credential of the machine's managed identity.
 * @param client carries every request of the credential, and does all the repeating
 */
export function openManagedIdentity(
  requested: RequestedIdentity | undefined,
  client: LocalHttpClient,
): ManagedIdentityCredential {
  const options = makeOptions(client);
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

export type FederatedCredential = AzurePipelinesCredential | ClientAssertionCredential;

/** The credential of a service connection, with the job's own access token. */
export function openPipelinesCredential(
  { tenantId, clientId, id, jobToken }: ServiceConnection,
  client: FederationHttpClient,
): FederatedCredential {
  const options = makeFederationOptions(client);
  return new AzurePipelinesCredential(tenantId, clientId, id, jobToken, options);
}

/** What a pod shows to Microsoft Entra. */
export interface Assertion {
  readonly tenantId: string;
  readonly clientId: string;
  readonly getAssertion: () => Promise<string>;
}

/**
 * The credential of a pod. Not the library's own for pods: that one keeps what stands in the file, and tells nobody what it read, who
 * could have it masked.
 */
export function openAssertionCredential(
  { tenantId, clientId, getAssertion }: Assertion,
  client: FederationHttpClient,
): FederatedCredential {
  const options = makeFederationOptions(client);
  return new ClientAssertionCredential(tenantId, clientId, getAssertion, options);
}

function makeFederationOptions(client: FederationHttpClient) {
  // Otherwise the library would ask the authority whether it is one.
  return { ...makeOptions(client), disableInstanceDiscovery: true };
}

function makeOptions<Client>(httpClient: Client) {
  // Otherwise AZURE_AUTHORITY_HOST would decide.
  return { httpClient, retryOptions: { maxRetries: 0 }, authorityHost: AUTHORITY };
}
