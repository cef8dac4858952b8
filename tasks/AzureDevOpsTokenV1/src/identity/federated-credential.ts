import { AzurePipelinesCredential, ClientAssertionCredential } from '@azure/identity';
import type { ServiceConnection } from '../inputs/task-inputs';
import { makeCredentialOptions } from './credential-options';
import type { EntraClient } from './entra-client';

export type FederatedCredential = AzurePipelinesCredential | ClientAssertionCredential;

/** The credential of a service connection, with the job's own access token. */
export function openPipelinesCredential(
  { tenantId, clientId, id, jobToken }: ServiceConnection,
  client: EntraClient,
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
  client: EntraClient,
): FederatedCredential {
  const options = makeFederationOptions(client);
  return new ClientAssertionCredential(tenantId, clientId, getAssertion, options);
}

function makeFederationOptions(client: EntraClient) {
  // Otherwise the library would ask the authority whether it is one.
  return { ...makeCredentialOptions(client), disableInstanceDiscovery: true };
}
