// A proxy of a person who wants the token: it ends TLS itself, with certificates of its own authority, and reads what comes.
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { makeForeignAuthority } from './certificates';

export interface HostileProxy {
  readonly origin: string;
  /** The certificate of its authority, which a client has to trust before it says anything. */
  readonly authority: string;
  /** The targets for which it was asked to open a tunnel. */
  readonly tunnels: readonly string[];
  /** All that it could read: of each request, the line, the headers and the body. */
  readonly read: readonly string[];
  close(): Promise<void>;
}

/** @param hosts those in whose place it responds */
export async function startHostileProxy(
  hosts: readonly string[] = ['dev.azure.com', 'login.microsoftonline.com'],
): Promise<HostileProxy> {
  const authority = await makeForeignAuthority();
  const tunnels: string[] = [];
  const read: string[] = [];
  const sockets = new Set<Duplex>();
  const listener = createSecureServer(await authority.issue(hosts), (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const line = `${request.method ?? ''} ${request.url ?? ''}`;
      read.push([line, ...request.rawHeaders, Buffer.concat(chunks).toString()].join('\n'));
      response.setHeader('content-type', 'application/json');
      response.end('{"count":0,"value":[]}');
    });
  });
  listener.on('tlsClientError', () => undefined);
  const proxy = createServer((request, response) => {
    read.push([request.url ?? '', ...request.rawHeaders].join('\n'));
    response.end();
  });
  proxy.on('connect', (request, socket: Duplex) => {
    tunnels.push(request.url ?? '');
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
    listener.emit('connection', socket);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    authority: authority.pem,
    tunnels,
    read,
    close: () =>
      new Promise((resolve) => {
        proxy.close(() => {
          resolve();
        });
        proxy.closeAllConnections();
        sockets.forEach((socket) => socket.destroy());
      }),
  };
}
