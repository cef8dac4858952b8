import type { Environment } from '../environment';
import { IdentityFailure } from '../errors/identity-failure';
import { isLocalAddress } from './private-address';

/** The variables by which a machine says where its identity endpoint is, as @azure/identity reads them. */
const ENDPOINT_VARIABLES = [
  'IDENTITY_ENDPOINT',
  'IMDS_ENDPOINT',
  'MSI_ENDPOINT',
  'AZURE_POD_IDENTITY_AUTHORITY_HOST',
];

/**
 * Checks that the identity endpoint that the environment names is one of this machine.
 * @param isPinned whether the machine says which certificate the endpoint has
 * @throws {IdentityFailure}
 */
export function checkEndpointVariables(environment: Environment, isPinned = false): void {
  for (const variable of ENDPOINT_VARIABLES) {
    const address = environment.get(variable);
    if (address !== undefined) {
      // The library takes the value as it is, and a URL is read without the space around it.
      const isUrl = address === address.trim() && URL.canParse(address);
      const url = isUrl ? new URL(address) : undefined;
      if (url === undefined || !isLocalAddress(url, isPinned)) {
        throw new IdentityFailure({
          kind: 'foreign-endpoint',
          source: `${variable} in the environment of the agent`,
          host: url === undefined ? 'something that is not a URL' : `${url.protocol}//${url.host}`,
        });
      }
    }
  }
}
