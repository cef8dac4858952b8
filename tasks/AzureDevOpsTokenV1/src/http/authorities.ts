import { readFileSync } from 'node:fs';
import * as tls from 'node:tls';
import type { Environment } from '../environment';

/** Since Node.js 22.15: https://nodejs.org/docs/latest-v24.x/api/tls.html#tlsgetcacertificatestype */
interface NewerTls {
  readonly getCACertificates?: (type: 'default') => readonly string[];
}

/**
 * The authorities that Node.js trusts if nothing else is set, as PEM: its own, those of NODE_EXTRA_CA_CERTS, and those of the system
 * if the machine sets NODE_USE_SYSTEM_CA. A list of authorities replaces them, so that such a list has to include them.
 */
export function listDefaultAuthorities({ get }: Pick<Environment, 'get'>): readonly string[] {
  const { rootCertificates, getCACertificates } = tls as typeof tls & NewerTls;
  return (
    getCACertificates?.('default') ?? [
      ...rootCertificates,
      ...readAuthorities(get('NODE_EXTRA_CA_CERTS')),
    ]
  );
}

/** Node.js continues without a file that it cannot read. */
function readAuthorities(path: string | undefined): readonly string[] {
  try {
    return path === undefined ? [] : [readFileSync(path, 'utf8')];
  } catch {
    return [];
  }
}
