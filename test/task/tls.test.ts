// The certificate of a server is checked against the host that was requested, on every route.
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { findAgentNode, type NodeMajor } from '../../scripts/agent-nodes';
import { issueCertificate, type CertificateName } from '../emulators/certificates';
import { redirect } from '../emulators/organization/error-responses';
import { openMachine, type Place } from '../emulators/places';
import { startProxy, type Proxy } from '../emulators/proxy';
import { needAgentNode, skip } from '../skip';
import { call, errorOf, outputOf } from './call-step';

type Route = 'direct' | 'http proxy' | 'http proxy with a name' | 'https proxy';

const ROUTES: readonly Route[] = ['direct', 'http proxy', 'http proxy with a name', 'https proxy'];
const ADDRESSES = { '127.0.0.1': '127.0.0.1', '::1': '[::1]' } as const;
type Address = keyof typeof ADDRESSES;

interface IpServer {
  /** `127.0.0.1:1234` or `[::1]:1234`. */
  readonly host: string;
  readonly address: Address;
  readonly port: number;
  /** The Authorization headers that it has read. */
  readonly authorizations: (string | undefined)[];
  connections(): number;
  readonly close: () => void;
}

/** An https server at an IP address; absent if this machine does not have the address. */
async function startServer(
  address: Address,
  names: readonly CertificateName[],
  redirects: readonly string[] = [],
): Promise<IpServer | undefined> {
  const authorizations: (string | undefined)[] = [];
  const locations = [...redirects];
  const server = createServer(await issueCertificate(names), ({ headers }, response) => {
    authorizations.push(headers.authorization);
    const { port } = server.address() as AddressInfo;
    const location = locations.shift()?.replace('PORT', String(port));
    const head = { 'content-type': 'application/json', ...(location && { location }) };
    response.writeHead(location === undefined ? 200 : 302, head).end('{"a":1}');
  });
  let connections = 0;
  server.on('connection', () => (connections += 1));
  // Handshakes that the step breaks off.
  server.on('tlsClientError', () => undefined);
  if (!(await listen(server, address))) {
    return undefined;
  }
  const { port } = server.address() as AddressInfo;
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  const host = `${ADDRESSES[address]}:${port}`;
  return { host, address, port, authorizations, connections: () => connections, close };
}

function listen(server: Server, address: Address): Promise<boolean> {
  return new Promise((resolve) => {
    server.on('error', () => {
      resolve(false);
    });
    server.listen(0, address, () => {
      resolve(true);
    });
  });
}

/** A machine from which the server can be reached by a route; the proxy leads to it at any of its addresses. */
async function openRoute(
  route: Route,
  server: IpServer,
  organization: NonNullable<Parameters<typeof openMachine>[0]>['organization'] = {},
): Promise<Place & { readonly proxy?: Proxy }> {
  const place = await openMachine({ organization });
  if (route === 'direct') {
    return place;
  }
  const hosts = [...Object.values(ADDRESSES), 'localhost'].map((host) => `${host}:${server.port}`);
  const target = { host: server.address, port: server.port };
  const proxy = await startProxy({
    routes: {
      ...Object.fromEntries(hosts.map((host) => [host, target])),
      'dev.azure.com:443': place.organization?.port ?? 0,
    },
    ...(route === 'https proxy' && { certificate: await issueCertificate(['127.0.0.1']) }),
  });
  const origin =
    route === 'http proxy with a name'
      ? proxy.origin.replace('127.0.0.1', 'localhost')
      : proxy.origin;
  return {
    ...place,
    machineEnvironment: { ...place.machineEnvironment, HTTPS_PROXY: origin },
    proxy,
    close: async () => {
      await Promise.all([place.close(), proxy.close()]);
    },
  };
}

/** All routes to one address on Node.js 20; of the others, those on which the address, or the release, can matter. */
function routesOf(major: NodeMajor, address: Address): readonly Route[] {
  if (address === '::1') {
    return major === 20 ? ['direct', 'https proxy'] : ['direct'];
  }
  return major === 20 ? ROUTES : ['direct', 'http proxy', 'https proxy'];
}

for (const major of [20, 24] as const) {
  describe(`on Node.js ${major}, the certificate of a host that is an IP address`, () => {
    const node = findAgentNode(major);

    before(function () {
      needAgentNode(this, major);
    });

    for (const address of Object.keys(ADDRESSES) as Address[]) {
      const other = address === '::1' ? '::2' : '127.0.0.2';

      for (const route of routesOf(major, address)) {
        const title = `(${address}, ${route})`;

        it(`is accepted if it is for that address ${title}`, async function () {
          const server = await startServer(address, [address]);
          if (server === undefined) {
            skip(this, `this machine has no address ${address}`);
          }
          const url = `https://${server.host}/x`;
          await call(
            {
              open: () => openRoute(route, server),
              inputs: { url, allowedHosts: server.host },
              step: { node: node ?? '' },
            },
            (performance) => {
              assert.equal(performance.step.result, 'Succeeded', errorOf(performance));
              assert.equal(outputOf(performance, 'result'), '{"a":1}');
              const bearer = `Bearer ${performance.tokens[0] ?? ''}`;
              assert.deepEqual(server.authorizations, [bearer]);
              const connects = route === 'direct' ? undefined : [`CONNECT ${server.host}`];
              assert.deepEqual(performance.proxy?.requests, connects);
            },
          ).finally(server.close);
        });

        it(`is refused if it is for another host ${title}`, async function () {
          // That of the proxy, or of others: an address that stands there as a DNS name does not count (RFC 9110, 4.3.5).
          for (const names of [
            route === 'http proxy with a name'
              ? ['localhost']
              : [{ dns: address }, other, 'dev.azure.com'],
          ]) {
            const server = await startServer(address, names);
            if (server === undefined) {
              skip(this, `this machine has no address ${address}`);
            }
            await call(
              {
                open: () => openRoute(route, server),
                inputs: { url: `https://${server.host}/x`, allowedHosts: server.host },
                step: { node: node ?? '' },
              },
              (performance) => {
                assert.equal(performance.step.result, 'Failed', JSON.stringify(names));
                const message = errorOf(performance);
                assert.ok(
                  message.includes(`The certificate of ${server.host} is for another host`),
                );
                assert.match(message, /ERR_TLS_CERT_ALTNAME_INVALID/);
                assert.deepEqual(server.authorizations, []);
              },
            ).finally(server.close);
          }
        });

        // What follows differs by the route alone.
        if (address === '::1') {
          continue;
        }

        it(`is checked after a redirect that takes no token ${title}`, async function () {
          for (const [names, result] of [
            ...(route === 'direct' ? ([[[address], 'Succeeded']] as const) : []),
            [['localhost'], 'Failed'],
          ] as const) {
            const server = await startServer(address, names);
            if (server === undefined) {
              skip(this, `this machine has no address ${address}`);
            }
            const faults = [redirect(`https://${server.host}/x`)];
            await call(
              {
                open: () => openRoute(route, server, { faults }),
                step: { node: node ?? '' },
              },
              (performance) => {
                assert.equal(performance.step.result, result, errorOf(performance));
                const expected = result === 'Succeeded' ? [undefined] : [];
                assert.deepEqual(server.authorizations, expected);
              },
            ).finally(server.close);
          }
        });

        it(`does not count for another name of the same server ${title}`, async function () {
          // Its connection is kept, and its session could be resumed: neither may serve the other name.
          const server = await startServer(address, [address], ['https://localhost:PORT/y']);
          if (server === undefined) {
            skip(this, `this machine has no address ${address}`);
          }
          await call(
            {
              open: () => openRoute(route, server),
              inputs: {
                url: `https://${server.host}/x`,
                allowedHosts: `${server.host}\nlocalhost:${server.port}`,
              },
              step: { node: node ?? '' },
            },
            (performance) => {
              assert.equal(performance.step.result, 'Failed');
              assert.match(
                errorOf(performance),
                /The certificate of localhost:\d+ is for another host/,
              );
              assert.equal(server.authorizations.length, 1);
            },
          ).finally(server.close);
        });
      }
    }
  });
}

describe('a connection to an IP address', () => {
  for (const address of Object.keys(ADDRESSES) as Address[]) {
    for (const route of address === '::1' ? ROUTES.slice(0, 1) : ROUTES) {
      it(`is kept for the next request (${address}, ${route})`, async function () {
        const server = await startServer(address, [address], ['/y', '/z']);
        if (server === undefined) {
          skip(this, `this machine has no address ${address}`);
        }
        await call(
          {
            open: () => openRoute(route, server),
            inputs: { url: `https://${server.host}/x`, allowedHosts: server.host },
          },
          (performance) => {
            assert.equal(performance.step.result, 'Succeeded', errorOf(performance));
            assert.equal(server.authorizations.length, 3);
            // Two, if a request comes just before the connection of the last one is free.
            assert.ok(server.connections() < 3, String(server.connections()));
          },
        ).finally(server.close);
      });
    }
  }
});
