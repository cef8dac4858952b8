import { parseEpoch } from './token-expiry';

/**
 * What a token of Microsoft Entra says of itself, unverified: the one who checks its signature is Azure DevOps. No claim is
 * promised, so each can be missing. All of it is foreign text.
 * Names of the claims: https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference
 */
export interface TokenClaims {
  readonly audiences: readonly string[] | undefined;
  readonly tenantId: string | undefined;
  readonly clientId: string | undefined;
  readonly objectId: string | undefined;
  /** Undocumented claim of managed identities. */
  readonly resourceId: string | undefined;
  readonly expiresOn: Date | undefined;
}

/** Reads the claims; nothing if the token is encrypted, or of another form than a signed JSON Web Token. */
export function parseClaims(token: string): TokenClaims | undefined {
  const [, payload, ...rest] = token.split('.');
  const claims = payload !== undefined && rest.length === 1 ? parsePayload(payload) : undefined;
  return (
    claims && {
      audiences: toTexts(claims['aud']),
      tenantId: toText(claims['tid']),
      objectId: toText(claims['oid']),
      // Version 1 tokens have appid, version 2 tokens azp.
      clientId: toText(claims['appid']) ?? toText(claims['azp']),
      resourceId: toText(claims['xms_mirid']),
      expiresOn: parseEpoch(claims['exp']),
    }
  );
}

function toText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** One audience, or several: https://www.rfc-editor.org/rfc/rfc7519#section-4.1.3 */
function toTexts(value: unknown): readonly string[] | undefined {
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  const texts = values.filter((one) => typeof one === 'string');
  return texts.length > 0 ? texts : undefined;
}

function parsePayload(segment: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(segment, 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : undefined;
  } catch {
    return undefined;
  }
}
