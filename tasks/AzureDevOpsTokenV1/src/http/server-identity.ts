import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { checkServerIdentity, type ConnectionOptions, type PeerCertificate } from 'node:tls';

interface IdentityCheck {
  readonly checkServerIdentity: NonNullable<ConnectionOptions['checkServerIdentity']>;
}

const OTHER_HOST = 'ERR_TLS_CERT_ALTNAME_INVALID';

/** The host of a URL as Node.js expects it, with no brackets around an IPv6 address. */
export function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}

/**
 * A TLS option that checks the certificate against the host of the URL, whatever name Node.js passes in. SNI does not support IP
 * addresses (RFC 6066), so https-proxy-agent connects to them without a name. Node.js then checks the name of the proxy or
 * `localhost`:
 * https://github.com/nodejs/node/blob/v24.x/lib/internal/tls/wrap.js (`exports.connect`)
 */
export function checkIdentityOf(url: URL): IdentityCheck {
  const host = hostOf(url);
  const check = isIP(host) === 0 ? checkServerIdentity : checkAddress;
  return { checkServerIdentity: (_, certificate) => check(host, certificate) };
}

/** checkServerIdentity() of Node.js 24.17 and later fails for IPv6 addresses: https://github.com/nodejs/node/issues/64144 */
function checkAddress(address: string, { raw }: Pick<PeerCertificate, 'raw'>): Error | undefined {
  return new X509Certificate(raw).checkIP(address) === undefined
    ? Object.assign(new Error(OTHER_HOST), { code: OTHER_HOST })
    : undefined;
}
