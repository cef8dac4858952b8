import { isGuid } from '../guid';

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
  readonly expiresOn: Date;
}

/** In seconds since 1970, within what a Date can hold. */
const LATEST = 1e11;

/** Reads the claims; nothing where the token is none, or does not say for whom, of whom and until when it is. */
export function parseClaims(token: string): TokenClaims | undefined {
  const claims = parsePayload(token.split('.')[1] ?? '');
  const { aud, tid, oid, exp, xms_mirid: resourceId } = claims;
  // Version 1 tokens have appid, version 2 tokens azp.
  const clientId = claims['appid'] ?? claims['azp'];
  if (typeof aud !== 'string' || !isGuid(tid) || !isGuid(oid) || !isGuid(clientId)) {
    return undefined;
  }
  if (typeof exp !== 'number' || Math.abs(exp) > LATEST) {
    return undefined;
  }
  return {
    audience: aud,
    tenantId: tid,
    objectId: oid,
    clientId,
    resourceId: typeof resourceId === 'string' && resourceId !== '' ? resourceId : undefined,
    expiresOn: new Date(exp * 1000),
  };
}

/** Whether a value has the form of a JSON Web Token. */
export function isJsonWebToken(value: unknown): value is string {
  return typeof value === 'string' && /^[\w-]+\.[\w-]+\.[\w-]*$/.test(value);
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
