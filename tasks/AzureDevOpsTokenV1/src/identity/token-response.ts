import { parseJsonObject, type Fields } from '../json-object';
import { findSecret } from './bearer-token';
import { parseEpoch, parseExpiry } from './token-expiry';

/** A token, what its response says of it, and what it says of itself. All but the times is foreign text. */
export interface TokenResponse {
  readonly token: string;
  /** Undefined if the token cannot be read. */
  readonly claims: TokenClaims | undefined;
  /** That of the token, by which Azure DevOps goes; else that of the response. */
  readonly expiresOn: Date | undefined;
  /** The client id that the response names. */
  readonly clientId: string | undefined;
  /** The resource that the response names. */
  readonly resource: string | undefined;
}

/**
 * Reads a response that was found to hold a bearer token.
 * @param now milliseconds since 1970
 */
export function parseTokenResponse(token: string, fields: Fields, now: number): TokenResponse {
  const claims = parseClaims(token);
  return {
    token,
    claims,
    expiresOn: claims?.expiresOn ?? parseExpiry(fields, now),
    clientId: toText(fields['client_id']),
    resource: toText(fields['resource']),
  };
}

/** The responses of a client, by their tokens: `@azure/identity` keeps tokens, and says nothing but the token. */
export class TokenResponses {
  readonly #responses = new Map<string, TokenResponse>();
  readonly #maskToken: (token: string) => void;

  /** @param protect called with each token before anything else can see it */
  constructor(maskToken: (token: string) => void) {
    this.#maskToken = maskToken;
  }

  /** Masks what may be a token, whatever comes of the response. */
  maskToken(fields: Fields | undefined): void {
    const secret = findSecret(fields);
    if (secret !== undefined) {
      this.#maskToken(secret);
    }
  }

  /**
   * Keeps a response.
   * @returns it as the library gets it, as JSON: with an expiry of the only form that it reads, so that it asks for a new
   * token when the step does
   */
  keep(token: string, fields: Fields, now: number): string {
    const response = parseTokenResponse(token, fields, now);
    this.#responses.set(token, response);
    const { expiresOn } = response;
    if (expiresOn === undefined) {
      return JSON.stringify(fields);
    }
    const seconds = Math.floor(expiresOn.getTime() / 1000);
    const times = { expires_on: seconds, expires_in: seconds - Math.floor(now / 1000) };
    return JSON.stringify({ ...fields, ...times });
  }

  /** @throws {Error} if no response was kept: the library accepts a token in the body of a refusal, too. */
  of(token: string): TokenResponse {
    const response = this.#responses.get(token);
    if (response === undefined) {
      throw new Error('The token is of no response.');
    }
    return response;
  }
}

function toText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

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
  const claims =
    payload !== undefined && rest.length === 1
      ? parseJsonObject(Buffer.from(payload, 'base64url').toString('utf8'))
      : undefined;
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

/** One audience, or several: https://www.rfc-editor.org/rfc/rfc7519#section-4.1.3 */
function toTexts(value: unknown): readonly string[] | undefined {
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  const texts = values.filter((one) => typeof one === 'string');
  return texts.length > 0 ? texts : undefined;
}
