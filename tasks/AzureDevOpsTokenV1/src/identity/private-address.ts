import { BlockList, isIP } from 'node:net';
import type { Environment } from '../environment';
import { identityError } from '../errors/identity';

const LOCAL = new BlockList();
LOCAL.addSubnet('127.0.0.0', 8);
LOCAL.addSubnet('169.254.0.0', 16);
LOCAL.addSubnet('10.0.0.0', 8);
LOCAL.addSubnet('172.16.0.0', 12);
LOCAL.addSubnet('192.168.0.0', 16);
// The identity endpoint of App Service in Windows containers, as users have reported it. It is shared address space (RFC 6598), in which
// other addresses can belong to another customer of a carrier, or to a device of a VPN such as Tailscale.
// https://github.com/Azure/azure-sdk-for-net/issues/17425
LOCAL.addAddress('100.64.100.2', 'ipv4');
LOCAL.addAddress('::1', 'ipv6');
LOCAL.addSubnet('fe80::', 10, 'ipv6');
LOCAL.addSubnet('fc00::', 7, 'ipv6');

/**
 * Whether a URL leads to this machine or its own network: `localhost`, or a numeric address that is loopback, link-local or
 * private (RFC 1918, RFC 4193), or that of App Service in Windows containers. A host name can lead anywhere, and so can a URL with a user name.
 * @param isPinned whether the certificate of the endpoint is known, so that TLS is allowed
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

/** The variables with the URL of the identity endpoint that @azure/identity reads. */
const ENDPOINT_VARIABLES = [
  'IDENTITY_ENDPOINT',
  'IMDS_ENDPOINT',
  'MSI_ENDPOINT',
  'AZURE_POD_IDENTITY_AUTHORITY_HOST',
];

/**
 * Checks that the identity endpoint in the environment is of this machine.
 * @param isPinned whether the environment contains the thumbprint of its certificate
 * @throws {TaskError} if it is not
 */
export function checkEndpointVariables(environment: Environment, isPinned = false): void {
  for (const variable of ENDPOINT_VARIABLES) {
    const address = environment.get(variable);
    if (address !== undefined) {
      // The library uses the value unchanged, whereas the URL parser ignores white space around it.
      const isUrl = address === address.trim() && URL.canParse(address);
      const url = isUrl ? new URL(address) : undefined;
      if (url === undefined || !isPrivateAddress(url, isPinned)) {
        throw identityError({
          kind: 'endpoint-not-local',
          source: `${variable} in the environment of the agent`,
          host: url === undefined ? 'something that is not a URL' : `${url.protocol}//${url.host}`,
        });
      }
    }
  }
}
