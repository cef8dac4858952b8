/**
 * What a token of Microsoft Entra says of itself, unverified: the one who checks its signature is Azure DevOps.
 * Names of the claims: https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference
 */
export interface TokenClaims {
  readonly audience: string;
  readonly tenantId: string;
  readonly clientId: string;
  readonly objectId: string;
  /** Undocumented claim of managed identities; foreign text. */
  readonly resourceId: string | undefined;
  /** Milliseconds since 1970, undefined where the token does not say. */
  readonly expiresOnMs: number | undefined;
}

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Reads the claims; nothing where the token is none or does not say whose it is. */
export function parseClaims(token: string): TokenClaims | undefined {
  const claims = parsePayload(token.split('.')[1] ?? '');
  const { aud, tid, oid } = claims;
  // Version 1 tokens have appid, version 2 tokens azp.
  const clientId = claims['appid'] ?? claims['azp'];
  if (typeof aud !== 'string' || !isGuid(tid) || !isGuid(oid) || !isGuid(clientId)) {
    return undefined;
  }
  const { xms_mirid: resourceId, exp } = claims;
  return {
    audience: aud,
    tenantId: tid,
    objectId: oid,
    clientId,
    resourceId: typeof resourceId === 'string' && resourceId !== '' ? resourceId : undefined,
    expiresOnMs: typeof exp === 'number' && Math.abs(exp) < 1e11 ? exp * 1000 : undefined,
  };
}

interface Payload extends Readonly<Record<string, unknown>> {
  readonly aud?: unknown;
  readonly tid?: unknown;
  readonly oid?: unknown;
  readonly xms_mirid?: unknown;
  readonly exp?: unknown;
}

function parsePayload(segment: string): Payload {
  try {
    const value: unknown = JSON.parse(Buffer.from(segment, 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Payload) : {};
  } catch {
    return {};
  }
}

function isGuid(value: unknown): value is string {
  return typeof value === 'string' && GUID.test(value);
}
