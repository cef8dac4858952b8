import { createHash, createSign, generateKeyPairSync, randomBytes } from 'node:crypto';

export type Claims = Readonly<Record<string, unknown>>;

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const KEY_ID = createHash('sha1')
  .update(publicKey.export({ type: 'spki', format: 'der' }))
  .digest('base64url');

/** A version 1 token as Microsoft Entra makes them, signed (RS256) with a key of this process. */
export function issueToken(claims: Claims): string {
  const header = { typ: 'JWT', alg: 'RS256', x5t: KEY_ID, kid: KEY_ID };
  const signed = [header, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  return `${signed}.${createSign('RSA-SHA256').update(signed).sign(privateKey, 'base64url')}`;
}

/**
 * Forms of tokens that a client cannot read, or not all of: encrypted (JWE), a reference, signed with a payload that is
 * encrypted, signed with a payload that is no JSON, and signed without the claims that say whose the token is.
 */
export const OPAQUE_FORMS = [
  'five parts',
  'no dots',
  'an unreadable payload',
  'a payload that is no JSON',
  'no oid and no appid',
] as const;

export type OpaqueForm = (typeof OPAQUE_FORMS)[number];

const part = (bytes: number) => randomBytes(bytes).toString('base64url');
const SIGNED = Buffer.from('{"typ":"JWT","alg":"RS256"}').toString('base64url');
const ENCRYPTED = Buffer.from('{"alg":"RSA-OAEP","enc":"A256GCM"}').toString('base64url');

const OPAQUE: Readonly<Record<OpaqueForm, (claims: Claims) => string>> = {
  'five parts': () => [ENCRYPTED, part(256), part(12), part(900), part(16)].join('.'),
  'no dots': () => `${part(400)}-._~+/${randomBytes(400).toString('base64')}`.replace('.', '~'),
  'an unreadable payload': () => `${SIGNED}.${part(900)}.${part(256)}`,
  'a payload that is no JSON': () =>
    `${SIGNED}.${Buffer.from(`opaque ${part(600)}`).toString('base64url')}.${part(256)}`,
  'no oid and no appid': (claims) => issueToken({ ...claims, oid: undefined, appid: undefined }),
};

const issued = new Map<string, Claims>();

/** A token that only its issuer, and the organization of the emulator, can read. */
export function issueOpaqueToken(claims: Claims, form: OpaqueForm): string {
  const token = OPAQUE[form](claims);
  issued.set(token, claims);
  return token;
}

/** What the issuer put into a token, whatever its form. */
export function readIssuedClaims(token: string): Claims {
  const payload = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString();
  return issued.get(token) ?? (JSON.parse(payload) as Claims);
}

export const TOKEN_KEY = publicKey;
