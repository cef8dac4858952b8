import { identityError } from '../errors/identity';
import { isGuid } from '../guid';
import type { IdentityInputs, RequestedIdentity } from '../inputs/task-inputs';
import type { AccessToken } from './identity';
import type { TokenResponse } from './token-response';

/** The application ID of Azure DevOps, which is the audience of its tokens. */
export const AZURE_DEVOPS = '499b84ac-1321-427f-aa17-267ca6975798';
export const SCOPE = `${AZURE_DEVOPS}/.default`;

/**
 * Checks that a token is the requested one, as far as its claims or its response show that, and that it is valid long enough.
 * @param response the token response, with the origin that returned it
 * @param now milliseconds since 1970
 * @throws {TaskError} if the token is another one, has no expiry or expires too soon
 */
export function checkToken(
  response: TokenResponse & { readonly endpoint: string },
  inputs: IdentityInputs,
  now: number,
): AccessToken {
  const { token, expiresOn, endpoint, claims } = response;
  checkAudience(response);
  checkIdentity(response, inputs);
  if (expiresOn === undefined) {
    throw identityError({ kind: 'no-expiry', endpoint });
  }
  checkLifetime(expiresOn, inputs.minimumLifetimeMs, now);
  const resourceId = claims?.resourceId ?? requestedValue(inputs, 'resourceId');
  const accessToken = {
    token,
    expiresOn,
    tenantId: toGuid(claims?.tenantId),
    clientId: toGuid(findClientId(response)) ?? requestedValue(inputs, 'clientId'),
    objectId: toGuid(claims?.objectId) ?? requestedValue(inputs, 'objectId'),
    ...findUncheckedClaims(response),
  };
  return resourceId === undefined ? accessToken : { ...accessToken, resourceId };
}

/** The client ID in the token, or else in its response. */
export function findClientId({ claims, clientId }: TokenResponse): string | undefined {
  return claims?.clientId ?? clientId;
}

/** Lists the claims that could not be checked, because the token does not have them. */
function findUncheckedClaims({ claims }: TokenResponse): Pick<AccessToken, 'uncheckedClaims'> {
  if (claims === undefined) {
    return { uncheckedClaims: 'all' };
  }
  const known = {
    aud: claims.audiences,
    tid: claims.tenantId,
    appid: claims.clientId,
    oid: claims.objectId,
    exp: claims.expiresOn,
  };
  const uncheckedClaims = Object.entries(known).flatMap(([name, value]) =>
    value === undefined ? [name] : [],
  );
  return uncheckedClaims.length === 0 ? {} : { uncheckedClaims };
}

function checkAudience({
  claims,
  resource,
  endpoint,
}: TokenResponse & { readonly endpoint: string }): void {
  const expected = AZURE_DEVOPS;
  const actual = claims?.audiences;
  if (actual !== undefined && !actual.some((audience) => audience.toLowerCase() === expected)) {
    const named = actual.join(', ');
    throw identityError({ kind: 'wrong-audience', endpoint, expected, actual: named });
  }
  // Endpoints return the requested resource unchanged or as a scope.
  const isNamed = resource?.toLowerCase().replace(/\/(?:\.default)?$/, '') === expected;
  if (actual === undefined && resource !== undefined && !isNamed) {
    throw identityError({ kind: 'wrong-audience', endpoint, expected, actual: resource });
  }
}

function checkIdentity(
  response: TokenResponse,
  { requested, isAgentConnection = false }: IdentityInputs,
): void {
  if (requested === undefined) {
    return;
  }
  const { input, value } = requested;
  const actual = input === 'clientId' ? findClientId(response) : response.claims?.[input];
  // Not every token contains the claim. Then the response of the endpoint is trusted.
  if (actual !== undefined && actual.toLowerCase() !== value.toLowerCase()) {
    throw identityError({ kind: 'wrong-identity', requested, actual, isAgentConnection });
  }
}

function requestedValue(
  { requested }: IdentityInputs,
  input: RequestedIdentity['input'],
): string | undefined {
  return requested?.input === input ? requested.value : undefined;
}

/** Only a GUID becomes an output, because all IDs of Microsoft Entra are GUIDs. */
function toGuid(value: string | undefined): string | undefined {
  return isGuid(value) ? value : undefined;
}

function checkLifetime(expiresOn: Date, minimumLifetimeMs: number, now: number): void {
  const lifetimeMs = expiresOn.getTime() - now;
  if (lifetimeMs <= 0 || lifetimeMs < minimumLifetimeMs) {
    throw identityError({
      kind: 'expires-soon',
      expiresOn,
      now: new Date(now),
      minimumLifetimeMs,
    });
  }
}
