import { MAX_OUTPUT_BYTES, MIN_SECRET_LENGTH } from '../limits';

// b64token: https://www.rfc-editor.org/rfc/rfc6750#section-2.1
const BEARER = /^[\w\-.~+/]+=*$/;

/** Whether a value has the form of a bearer token. Microsoft Entra guarantees no other form of access tokens. */
export function isBearerToken(value: unknown): value is string {
  return typeof value === 'string' && hasLengthOfToken(value) && BEARER.test(value);
}

function hasLengthOfToken({ length }: string): boolean {
  return length >= MIN_SECRET_LENGTH && length <= MAX_OUTPUT_BYTES;
}

/**
 * Whether a value has the form of a JSON Web Token, signed (three parts) or encrypted (five). A client assertion has to have it.
 * https://www.rfc-editor.org/rfc/rfc7523#section-2.2
 */
export function isJsonWebToken(value: unknown): value is string {
  return isBearerToken(value) && /^[\w-]+\.[\w-]*\.[\w-]*(?:\.[\w-]*\.[\w-]*)?$/.test(value);
}

/** Why a response is no token. */
export const NO_JSON_OBJECT = 'the response is not a JSON object';
export const NO_ACCESS_TOKEN = 'the response has no access token';

/** Says why the fields of a response are not a bearer token; undefined if they are. The text contains no value. */
export function findTokenDefect(fields: Readonly<Record<string, unknown>>): string | undefined {
  const { access_token: token, token_type: type } = fields;
  if (typeof token !== 'string' || token === '') {
    return NO_ACCESS_TOKEN;
  }
  if (token.length > MAX_OUTPUT_BYTES) {
    return `the access token has more than ${MAX_OUTPUT_BYTES} characters`;
  }
  if (token.length < MIN_SECRET_LENGTH) {
    return `the access token has fewer than ${MIN_SECRET_LENGTH} characters, so that agents may not mask it`;
  }
  if (!isBearerToken(token)) {
    return 'the access token has characters that no bearer token has';
  }
  const isBearerType = typeof type === 'string' && type.toLowerCase() === 'bearer';
  return type === undefined || type === null || isBearerType
    ? undefined
    : 'the token_type is not Bearer';
}

/**
 * Finds the value to mask in a response, whatever its form. The agent masks single lines only, and to mask a few characters
 * would make the log unreadable.
 */
export function findSecret(
  fields: Readonly<Record<string, unknown>> | undefined,
): string | undefined {
  const token = fields?.['access_token'];
  return typeof token === 'string' && hasLengthOfToken(token) && /^.+$/.test(token)
    ? token
    : undefined;
}
