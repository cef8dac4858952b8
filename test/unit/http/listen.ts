import type { AddressInfo, Server } from 'node:net';

/** Starts a server on loopback, and returns its port. */
export async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** @returns whether the machine has the loopback address of IPv6, on which the server listens then */
export function listenOnIPv6(server: Server): Promise<boolean> {
  return new Promise((resolve) => {
    server.on('error', () => {
      resolve(false);
    });
    server.listen(0, '::1', () => {
      resolve(true);
    });
  });
}
