import { entraError, type EntraProblemDetails } from '../errors/entra';
import type { Requester } from '../errors/requester';
import { describeKind, TaskError } from '../errors/task-error';
import { ENTRA_AUTHORITY } from '../hosts';
import type { IdentityInputs } from '../inputs/task-inputs';
import { checkToken, findClientId, SCOPE } from './access-token';
import type { FederatedCredential } from './federated-credential';
import { EntraClient, type EntraClientOptions } from './entra-client';
import type { AccessToken, IdentityContext } from './identity';
import type { TokenResponse } from './token-response';

/** Who requests a token from Microsoft Entra, and with which credential. */
export interface TokenExchange {
  readonly requester: Exclude<Requester, { kind: 'managed-identity' }>;
  readonly clientId: string;
  readonly oidc?: EntraClientOptions['oidc'];
  readonly open: (client: EntraClient) => Promise<FederatedCredential>;
}

/**
 * Exchanges client assertions for access tokens of Microsoft Entra.
 * @returns a function that acquires a token and checks that it is of the requested application and tenant
 */
export function exchangeToken(
  { requester, clientId, oidc, open }: TokenExchange,
  inputs: IdentityInputs,
  context: IdentityContext,
): () => Promise<AccessToken> {
  const client = new EntraClient(oidc === undefined ? context : { ...context, oidc });
  const fail = (problem: EntraProblemDetails) => entraError({ ...problem, requester });
  let credential: FederatedCredential | undefined;
  return async () => {
    try {
      credential ??= await open(client);
      const { token } = await credential.getToken(SCOPE);
      const now = context.clock.now();
      const response = client.responses.of(token);
      const checked = checkToken({ ...response, endpoint: ENTRA_AUTHORITY }, inputs, now);
      const requested = { clientId, tenantId: requester.tenantId };
      checkTokenOrigin(response, requested, fail);
      return {
        ...checked,
        clientId: checked.clientId ?? requested.clientId,
        tenantId: checked.tenantId ?? requested.tenantId,
      };
    } catch (error) {
      if (error instanceof TaskError) {
        throw error;
      }
      // The text of a library error is never used, because it can contain the whole response.
      throw fail(client.problem ?? { kind: 'library', name: describeKind(error) });
    }
  };
}

/** Checks that the token is of the requested application and tenant, as far as its claims or its response show that. */
function checkTokenOrigin(
  response: TokenResponse,
  requested: { readonly clientId: string; readonly tenantId: string },
  fail: (problem: EntraProblemDetails) => TaskError,
): void {
  const pairs = [
    ['client ID', requested.clientId, findClientId(response)],
    ['tenant', requested.tenantId, response.claims?.tenantId],
  ] as const;
  for (const [what, expected, actual] of pairs) {
    if (actual !== undefined && expected.toLowerCase() !== actual.toLowerCase()) {
      throw fail({ kind: 'wrong-token', what, expected, actual });
    }
  }
}
