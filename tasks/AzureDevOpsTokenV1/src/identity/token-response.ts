import { parseJsonObject, type Fields } from '../json-object';
import { findSecret } from './bearer-token';
import { parseEpoch, parseExpiry } from './token-expiry';

/** A token with its claims and what its response says about it. Everything except the expiry is untrusted text. */
export interface TokenResponse {
  readonly token: string;
  /** Undefined if the token cannot be read. */
  readonly claims: TokenClaims | undefined;
  /** The expiry in the token, which counts for Azure DevOps, or else in the response. */
  readonly expiresOn: Date | undefined;
  /** The client ID in the response. */
  readonly clientId: string | undefined;
  /** The resource in the response. */
  readonly resource: string | undefined;
}

/**
 * Parses a response that contains a bearer token.
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

/** Keeps the responses of a client by their tokens, because `@azure/identity` caches tokens and returns nothing but a token. */
export class TokenResponses {
  readonly #responses = new Map<string, TokenResponse>();
  readonly #maskToken: (token: string) => void;

  /** @param maskToken called with each token before it is used */
  constructor(maskToken: (token: string) => void) {
    this.#maskToken = maskToken;
  }

  /** Masks what may be a token, even if the response turns out to be invalid. */
  maskToken(fields: Fields | undefined): void {
    const secret = findSecret(fields);
    if (secret !== undefined) {
      this.#maskToken(secret);
    }
  }

  /**
   * Keeps a response.
   * @returns the response for the library as JSON, with the expiry in the only form that it reads. So the library and the step
   * renew the token at the same time.
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

  /** @throws {Error} if no response was kept, because the library also accepts a token in the body of an error response */
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
 * The claims of a token of Microsoft Entra. They are not verified, because only Azure DevOps can check the signature. No claim is
 * guaranteed, so each can be missing. All of them are untrusted text.
 * Names of the claims: https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference
 */
export interface TokenClaims {
  readonly audiences: readonly string[] | undefined;
  readonly tenantId: string | undefined;
  readonly clientId: string | undefined;
  readonly objectId: string | undefined;
  /** An undocumented claim of managed identities. */
  readonly resourceId: string | undefined;
  readonly expiresOn: Date | undefined;
}

/** Reads the claims of a signed JSON Web Token; undefined for an encrypted token or another form. */
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

/** Reads one audience or several: https://www.rfc-editor.org/rfc/rfc7519#section-4.1.3 */
function toTexts(value: unknown): readonly string[] | undefined {
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  const texts = values.filter((one) => typeof one === 'string');
  return texts.length > 0 ? texts : undefined;
}
