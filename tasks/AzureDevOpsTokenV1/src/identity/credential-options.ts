/** The one authority whose tokens Azure DevOps Services takes. */
export const AUTHORITY = 'https://login.microsoftonline.com';

/**
 * What every credential of `@azure/identity` is told.
 * @param httpClient carries every request of the credential, and does all the repeating
 */
export function makeCredentialOptions<Client>(httpClient: Client) {
  // Otherwise AZURE_AUTHORITY_HOST would decide.
  return { httpClient, retryOptions: { maxRetries: 0 }, authorityHost: AUTHORITY };
}
