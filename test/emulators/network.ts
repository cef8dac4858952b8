import { devNull } from 'node:os';
import { join } from 'node:path';
import { authorityFile } from './certificates';

/** The fixed address of IMDS. */
export const IMDS_HOST = '169.254.169.254';

/**
 * The environment of a machine on which names of the internet lead to servers of this process, whose authority it
 * trusts. There is nothing else on its internet.
 * @param ports by name or address of a host, the port on 127.0.0.1
 */
export async function networkEnvironment(
  ports: Readonly<Record<string, number>>,
): Promise<Readonly<Record<string, string>>> {
  const authority = await authorityFile();
  return {
    // Node.js 20 takes 40 ms to read the authorities that it includes. With this option it reads those of OpenSSL: here, none.
    NODE_OPTIONS: `--use-openssl-ca --require=${JSON.stringify(join(import.meta.dirname, 'network.cjs'))}`,
    SSL_CERT_FILE: devNull,
    SSL_CERT_DIR: devNull,
    NETWORK: JSON.stringify(ports),
    NODE_EXTRA_CA_CERTS: authority,
  };
}

/** Joins environments; what they each have loaded into Node.js is all loaded. */
export function joinEnvironments(
  ...environments: readonly (Readonly<Record<string, string | undefined>> | undefined)[]
): Readonly<Record<string, string | undefined>> {
  const options = environments.map((environment) => environment?.['NODE_OPTIONS'] ?? '');
  const joined = options.filter((text) => text !== '').join(' ');
  return Object.assign(
    {},
    ...environments,
    joined === '' ? {} : { NODE_OPTIONS: joined },
  ) as Record<string, string | undefined>;
}
