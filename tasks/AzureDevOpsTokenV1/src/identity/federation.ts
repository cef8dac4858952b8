import { describeKind } from '../errors/describe-failure';
import { Failure } from '../errors/failure';
import { FederationFailure } from '../errors/federation-failure';
import type { FederationTrouble, Party } from '../errors/federation-problems';
import type { IdentityInputs } from '../inputs/task-inputs';
import { checkToken, SCOPE } from './check-token';
import { AUTHORITY } from './credential-options';
import type { FederatedCredential } from './federated-credential';
import { FederationHttpClient, type FederationClientOptions } from './federation-http-client';
import type { AccessToken, IdentityWorld } from './identity';

/** Who asks Microsoft Entra, and by which credential. */
export interface Federation {
  readonly party: Party;
  readonly clientId: string;
  readonly voucher?: FederationClientOptions['voucher'];
  readonly open: (client: FederationHttpClient) => Promise<FederatedCredential>;
}

/**
 * Gets tokens of Microsoft Entra for somebody for whom another vouches.
 * @returns what asks for one, and checks that it is of the party
 */
export function federate(
  { party, clientId, voucher, open }: Federation,
  inputs: IdentityInputs,
  world: IdentityWorld,
): () => Promise<AccessToken> {
  const client = new FederationHttpClient(voucher === undefined ? world : { ...world, voucher });
  const fail = (trouble: FederationTrouble) => new FederationFailure({ ...trouble, party });
  let credential: FederatedCredential | undefined;
  return async () => {
    try {
      credential ??= await open(client);
      const { token } = await credential.getToken(SCOPE);
      const checked = checkToken({ token, endpoint: AUTHORITY }, inputs, world.clock.now());
      checkParty(checked, { clientId, tenantId: party.tenantId }, fail);
      return checked;
    } catch (error) {
      if (error instanceof Failure) {
        throw error;
      }
      // The text of the library is not used at all: it can hold the whole answer.
      throw fail(client.trouble ?? { kind: 'library', name: describeKind(error) });
    }
  };
}

/** Rule: what was asked is what is used. */
function checkParty(
  token: AccessToken,
  asked: { readonly clientId: string; readonly tenantId: string },
  fail: (trouble: FederationTrouble) => Failure,
): void {
  const pairs = [
    ['client id', asked.clientId, token.clientId],
    ['tenant', asked.tenantId, token.tenantId],
  ] as const;
  for (const [what, expected, actual] of pairs) {
    if (expected.toLowerCase() !== actual.toLowerCase()) {
      throw fail({ kind: 'wrong-token', what, expected, actual });
    }
  }
}
