import type { Server } from 'node:net';

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
