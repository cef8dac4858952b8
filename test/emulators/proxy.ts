import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect, type AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ServerCertificate } from './certificates';

export interface ProxyTarget {
  readonly host: string;
  readonly port: number;
}

export interface ProxyOptions {
  /** By `host:port` that is asked for, where it leads to: a port on 127.0.0.1 if no other host is named. */
  readonly routes?: Readonly<Record<string, number | ProxyTarget>>;
  /** The answer to whatever has no route; none where it is empty. */
  readonly refusal?: string;
  /** The user and password without which it lets nothing through. */
  readonly credentials?: { readonly username: string; readonly password: string };
  /** Of a proxy that is itself reached over TLS. */
  readonly certificate?: ServerCertificate;
}

export interface Proxy {
  readonly origin: string;
  /** What was asked of it: method and target. */
  readonly requests: readonly string[];
  close(): Promise<void>;
}

/** A proxy that notes what it is asked for, and leads to servers on this machine or nowhere. */
export async function startProxy(options: ProxyOptions = {}): Promise<Proxy> {
  const { routes = {}, refusal = '502 Bad Gateway' } = options;
  const requests: string[] = [];
  const sockets = new Set<Duplex>();
  const serve: RequestListener = (request, response) => {
    requests.push(`${request.method ?? ''} ${request.url ?? ''}`);
    response.writeHead(502).end();
  };
  const { certificate } = options;
  const server =
    certificate === undefined ? createServer(serve) : createTlsServer(certificate, serve);
  server.on('connect', (request: IncomingMessage, socket: Duplex) => {
    const target = request.url ?? '';
    requests.push(`CONNECT ${target}`);
    sockets.add(socket);
    socket.on('error', () => undefined);
    if (!isKnown(request.headers['proxy-authorization'], options.credentials)) {
      const challenge = 'Proxy-Authenticate: Basic realm="proxy"';
      // Without this header, curl would send the password over the connection that is closed here.
      socket.end(
        `HTTP/1.1 407 Proxy Authentication Required\r\n${challenge}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
      );
      return;
    }
    const route = routes[target];
    if (route === undefined && refusal === '') {
      return;
    }
    if (route === undefined) {
      socket.end(`HTTP/1.1 ${refusal}\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    const onward = connect(
      typeof route === 'number' ? { host: '127.0.0.1', port: route } : route,
      () => {
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
        socket.pipe(onward).pipe(socket);
      },
    );
    sockets.add(onward);
    onward.on('error', () => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `${certificate === undefined ? 'http' : 'https'}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
        sockets.forEach((socket) => socket.destroy());
      }),
  };
}

function isKnown(header: string | undefined, credentials: ProxyOptions['credentials']): boolean {
  const [, encoded = ''] = /^Basic (.*)$/.exec(header ?? '') ?? [];
  const given = Buffer.from(encoded, 'base64').toString();
  return credentials === undefined || given === `${credentials.username}:${credentials.password}`;
}

/** The address of a proxy with a user and a password, as it stands in a variable of the environment. */
export function addressOf(
  { origin }: Proxy,
  { username = '', password = '' }: Partial<NonNullable<ProxyOptions['credentials']>> = {},
): string {
  const address = new URL(origin);
  address.username = encodeURIComponent(username);
  address.password = encodeURIComponent(password);
  return address.href;
}
