import { ENTRA_AUTHORITY } from '../hosts';

/**
 * The options of every credential of `@azure/identity`.
 * @param httpClient sends every request of the credential, and makes all retries
 */
export function makeCredentialOptions<Client>(httpClient: Client) {
  // Without authorityHost, the variable AZURE_AUTHORITY_HOST would choose the authority.
  return { httpClient, retryOptions: { maxRetries: 0 }, authorityHost: ENTRA_AUTHORITY };
}
