import { describeKind } from '../errors/describe-failure';
import { TaskError } from '../errors/task-error';
import { FederationFailure } from '../errors/federation-failure';
import type { EntraProblemDetails, Requester } from '../errors/federation-problems';
import type { IdentityInputs } from '../inputs/task-inputs';
import { checkToken, findClientId, SCOPE } from './access-token';
import { AUTHORITY } from './credential-options';
import type { FederatedCredential } from './federated-credential';
import { EntraClient, type EntraClientOptions } from './entra-client';
import type { AccessToken, IdentityContext } from './identity';
import type { TokenResponse } from './token-response';

/** Who asks Microsoft Entra, and by which credential. */
export interface TokenExchange {
  readonly requester: Requester;
  readonly clientId: string;
  readonly oidc?: EntraClientOptions['oidc'];
  readonly open: (client: EntraClient) => Promise<FederatedCredential>;
}

/**
 * Gets tokens of Microsoft Entra for somebody for whom another vouches.
 * @returns what asks for one, and checks that it is of the party
 */
export function exchangeToken(
  { requester, clientId, oidc, open }: TokenExchange,
  inputs: IdentityInputs,
  world: IdentityContext,
): () => Promise<AccessToken> {
  const client = new EntraClient(oidc === undefined ? world : { ...world, oidc });
  const fail = (problem: EntraProblemDetails) => new FederationFailure({ ...problem, requester });
  let credential: FederatedCredential | undefined;
  return async () => {
    try {
      credential ??= await open(client);
      const { token } = await credential.getToken(SCOPE);
      const now = world.clock.now();
      const response = client.responses.of(token);
      const checked = checkToken({ ...response, endpoint: AUTHORITY }, inputs, now);
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
      // The text of the library is not used at all: it can hold the whole answer.
      throw fail(client.problem ?? { kind: 'library', name: describeKind(error) });
    }
  };
}

/** Rule: what was asked is what is used, as far as it can be seen. */
function checkTokenOrigin(
  response: TokenResponse,
  requested: { readonly clientId: string; readonly tenantId: string },
  fail: (problem: EntraProblemDetails) => TaskError,
): void {
  const pairs = [
    ['client id', requested.clientId, findClientId(response)],
    ['tenant', requested.tenantId, response.claims?.tenantId],
  ] as const;
  for (const [what, expected, actual] of pairs) {
    if (actual !== undefined && expected.toLowerCase() !== actual.toLowerCase()) {
      throw fail({ kind: 'wrong-token', what, expected, actual });
    }
  }
}
