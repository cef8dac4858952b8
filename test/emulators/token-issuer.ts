import { createHash, createSign, generateKeyPairSync } from 'node:crypto';

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

export const TOKEN_KEY = publicKey;
