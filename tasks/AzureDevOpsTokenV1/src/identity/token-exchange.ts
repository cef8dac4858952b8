import { describeKind } from '../errors/describe-failure';
import { TaskError } from '../errors/task-error';
import { FederationFailure } from '../errors/federation-failure';
import type { FederationTrouble, Requester } from '../errors/federation-problems';
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
  const fail = (trouble: FederationTrouble) => new FederationFailure({ ...trouble, requester });
  let credential: FederatedCredential | undefined;
  return async () => {
    try {
      credential ??= await open(client);
      const { token } = await credential.getToken(SCOPE);
      const now = world.clock.now();
      const response = client.responses.of(token);
      const checked = checkToken({ ...response, endpoint: AUTHORITY }, inputs, now);
      const asked = { clientId, tenantId: requester.tenantId };
      checkParty(response, asked, fail);
      return {
        ...checked,
        clientId: checked.clientId ?? asked.clientId,
        tenantId: checked.tenantId ?? asked.tenantId,
      };
    } catch (error) {
      if (error instanceof TaskError) {
        throw error;
      }
      // The text of the library is not used at all: it can hold the whole answer.
      throw fail(client.trouble ?? { kind: 'library', name: describeKind(error) });
    }
  };
}

/** Rule: what was asked is what is used, as far as it can be seen. */
function checkParty(
  response: TokenResponse,
  asked: { readonly clientId: string; readonly tenantId: string },
  fail: (trouble: FederationTrouble) => TaskError,
): void {
  const pairs = [
    ['client id', asked.clientId, findClientId(response)],
    ['tenant', asked.tenantId, response.claims?.tenantId],
  ] as const;
  for (const [what, expected, actual] of pairs) {
    if (actual !== undefined && expected.toLowerCase() !== actual.toLowerCase()) {
      throw fail({ kind: 'wrong-token', what, expected, actual });
    }
  }
}
