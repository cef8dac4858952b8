import { BlockList, isIP } from 'node:net';
import type { Environment } from '../environment';
import { IdentityFailure } from '../errors/identity-failure';

const LOCAL = new BlockList();
LOCAL.addSubnet('127.0.0.0', 8);
LOCAL.addSubnet('169.254.0.0', 16);
LOCAL.addSubnet('10.0.0.0', 8);
LOCAL.addSubnet('172.16.0.0', 12);
LOCAL.addSubnet('192.168.0.0', 16);
LOCAL.addAddress('::1', 'ipv6');
LOCAL.addSubnet('fe80::', 10, 'ipv6');
LOCAL.addSubnet('fc00::', 7, 'ipv6');

/**
 * Whether a URL leads to this machine or its own network: `localhost`, or an address written as a number that is
 * loopback, link-local or private (RFC 1918, RFC 4193). A name could lead anywhere, and so could what stands before
 * an `@`.
 * @param isPinned whether the certificate of the other side is known, so that it may be asked over TLS
 */
export function isPrivateAddress(url: URL, isPinned = false): boolean {
  const isRightScheme = url.protocol === 'http:' || (isPinned && url.protocol === 'https:');
  if (!isRightScheme || url.username !== '' || url.password !== '') {
    return false;
  }
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  switch (isIP(host)) {
    case 4:
      return LOCAL.check(host, 'ipv4');
    case 6:
      return LOCAL.check(host, 'ipv6');
    default:
      return host === 'localhost';
  }
}

/** The variables by which a machine says where its identity endpoint is, as @azure/identity reads them. */
const ENDPOINT_VARIABLES = [
  'IDENTITY_ENDPOINT',
  'IMDS_ENDPOINT',
  'MSI_ENDPOINT',
  'AZURE_POD_IDENTITY_AUTHORITY_HOST',
];

/**
 * Checks that the identity endpoint that the environment names is one of this machine.
 * @param isPinned whether the machine says which certificate the endpoint has
 * @throws {IdentityFailure}
 */
export function checkEndpointVariables(environment: Environment, isPinned = false): void {
  for (const variable of ENDPOINT_VARIABLES) {
    const address = environment.get(variable);
    if (address !== undefined) {
      // The library takes the value as it is, and a URL is read without the space around it.
      const isUrl = address === address.trim() && URL.canParse(address);
      const url = isUrl ? new URL(address) : undefined;
      if (url === undefined || !isPrivateAddress(url, isPinned)) {
        throw new IdentityFailure({
          kind: 'foreign-endpoint',
          source: `${variable} in the environment of the agent`,
          host: url === undefined ? 'something that is not a URL' : `${url.protocol}//${url.host}`,
        });
      }
    }
  }
}
