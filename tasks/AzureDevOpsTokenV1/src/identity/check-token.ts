import { IdentityFailure } from '../errors/identity-failure';
import type { IdentityInputs, RequestedIdentity } from '../inputs/task-inputs';
import type { AccessToken } from './identity';
import { parseClaims, type TokenClaims } from './token-claims';

/** The application id of Azure DevOps, which a token for it names as its audience. */
export const AZURE_DEVOPS = '499b84ac-1321-427f-aa17-267ca6975798';
export const SCOPE = `${AZURE_DEVOPS}/.default`;

/**
 * Checks that a token is the one that was asked for, and lives long enough.
 * @param endpoint the origin that it came from
 * @param now milliseconds since 1970
 * @throws {IdentityFailure}
 */
export function checkToken(
  { token, endpoint }: { readonly token: string; readonly endpoint: string },
  inputs: IdentityInputs,
  now: number,
): AccessToken {
  const claims = parseClaims(token);
  if (claims === undefined) {
    const reason = 'a token that does not say for whom, of whom and until when it is';
    throw new IdentityFailure({ kind: 'not-a-token', endpoint, status: 200, reason });
  }
  const { tenantId, clientId, objectId, resourceId, expiresOn } = claims;
  checkAudience(claims, endpoint);
  if (inputs.requested !== undefined) {
    checkIdentity(claims, inputs.requested);
  }
  checkLifetime(expiresOn, inputs.minimumLifetimeMs, now);
  const accessToken = { token, expiresOn, tenantId, clientId, objectId };
  return resourceId === undefined ? accessToken : { ...accessToken, resourceId };
}

function checkAudience({ audience }: TokenClaims, endpoint: string): void {
  if (audience.toLowerCase() !== AZURE_DEVOPS) {
    const expected = AZURE_DEVOPS;
    throw new IdentityFailure({ kind: 'wrong-audience', endpoint, expected, actual: audience });
  }
}

function checkIdentity(claims: TokenClaims, asked: RequestedIdentity): void {
  const actual = claims[asked.input];
  // Not every token tells the resource; then the endpoint is believed.
  if (actual !== undefined && actual.toLowerCase() !== asked.value.toLowerCase()) {
    throw new IdentityFailure({ kind: 'wrong-identity', asked, actual });
  }
}

function checkLifetime(expiresOn: Date, minimumLifetimeMs: number, now: number): void {
  const lifetimeMs = expiresOn.getTime() - now;
  if (lifetimeMs <= 0 || lifetimeMs < minimumLifetimeMs) {
    throw new IdentityFailure({
      kind: 'expires-soon',
      expiresOn,
      now: new Date(now),
      minimumLifetimeMs,
    });
  }
}
