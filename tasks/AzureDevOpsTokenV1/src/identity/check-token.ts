import { IdentityFailure } from '../errors/identity-failure';
import type { IdentityInputs, RequestedIdentity } from '../inputs/task-inputs';
import type { AccessToken } from './identity';
import { parseClaims, type TokenClaims } from './token-claims';

/** The application id of Azure DevOps, which a token for it names as its audience. */
export const AZURE_DEVOPS = '499b84ac-1321-427f-aa17-267ca6975798';

/** A token as the library hands it over. */
export interface RawToken {
  readonly token: string;
  /** Milliseconds since 1970, as the endpoint has it. */
  readonly expiresOnTimestamp: number;
  /** The origin that it came from. */
  readonly endpoint: string;
}

/**
 * Checks that a token is the one that was asked for, and lives long enough.
 * @param now milliseconds since 1970
 * @throws {IdentityFailure}
 */
export function checkToken(raw: RawToken, inputs: IdentityInputs, now: number): AccessToken {
  const claims = parseClaims(raw.token);
  if (claims === undefined) {
    const reason = 'a token whose claims do not say for whom and of whom it is';
    throw new IdentityFailure({ kind: 'not-a-token', endpoint: raw.endpoint, status: 200, reason });
  }
  checkAudience(claims);
  if (inputs.requested !== undefined) {
    checkIdentity(claims, inputs.requested);
  }
  const expiresOn = new Date(claims.expiresOnMs ?? raw.expiresOnTimestamp);
  checkLifetime(expiresOn, inputs.minimumLifetimeMs, now);
  const { tenantId, clientId, objectId, resourceId } = claims;
  const token = { token: raw.token, expiresOn, tenantId, clientId, objectId };
  return resourceId === undefined ? token : { ...token, resourceId };
}

function checkAudience({ audience }: TokenClaims): void {
  if (audience.toLowerCase() !== AZURE_DEVOPS) {
    throw new IdentityFailure({ kind: 'wrong-audience', expected: AZURE_DEVOPS, actual: audience });
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
  // Written so that a time that is none (NaN) does not pass.
  if (!(expiresOn.getTime() > now && expiresOn.getTime() - now >= minimumLifetimeMs)) {
    throw new IdentityFailure({
      kind: 'expires-soon',
      expiresOn,
      now: new Date(now),
      minimumLifetimeMs,
    });
  }
}
