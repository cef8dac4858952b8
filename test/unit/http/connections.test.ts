import assert from 'node:assert/strict';
import { MAX_IDLE_MS } from '../../../tasks/AzureDevOpsTokenV1/src/limits';
import { readFileSync } from 'node:fs';
import { createServer, request, type Server } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import {
  connectEarly,
  type Connections,
} from '../../../tasks/AzureDevOpsTokenV1/src/http/connections';
import { RECEIVE_BUFFER_BYTES } from '../../../tasks/AzureDevOpsTokenV1/src/limits';
import { authorityFile, issueCertificate } from '../../emulators/certificates';
import { fakeEnvironment } from '../fakes';
import { listen, listenOnIPv6 } from './listen';
import { skip } from '../../skip';

describe('a connection that is opened early', () => {
  let server: Server;
  let ca: readonly string[];
  const sockets: Socket[] = [];
  let opened = 0;
  let elapsedMs = 0;
  const clock = {
    now: () => Date.now(),
    elapsed: () => elapsedMs,
    sleep: () => Promise.resolve(),
  };

  before(async () => {
    const certificate = await issueCertificate(['127.0.0.1', 'localhost']);
    ca = [readFileSync(await authorityFile(), 'utf8')];
    server = createServer(certificate, (_, response) => response.end('answer'));
    server.on('connection', (socket: Socket) => {
      sockets.push(socket);
      opened += 1;
    });
    await listen(server);
  });

  beforeEach(() => {
    opened = 0;
    elapsedMs = 0;
  });

  after(() => {
    server.closeAllConnections();
    server.close();
  });

  const urlOf = (host = '127.0.0.1') =>
    new URL(`https://${host}:${(server.address() as AddressInfo).port}/`);

  const open = (url = urlOf(), environment = {}, trusted: readonly string[] = ca) =>
    connectEarly(url, {
      clock,
      environment: fakeEnvironment(environment),
      network: { tls: { ca: trusted } },
    });

  /** @returns the body of the answer, when its connection is free again */
  const send = async (agent: Connections, url = urlOf()) => {
    const free = new Promise((resolve) => agent.once('free', resolve));
    const response = await new Promise<string>((resolve, reject) => {
      const asking = request(url, { agent, ca: [...ca] }, (response) => {
        let body = '';
        response.on('data', (piece: Buffer) => (body += piece.toString()));
        response.on('end', () => {
          resolve(body);
        });
      });
      asking.on('error', reject).end();
    });
    await free;
    return response;
  };

  const untilOpened = async () => {
    while (opened === 0) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };

  it('is there before anything is asked, and serves the requests that follow', async () => {
    for (const host of ['127.0.0.1', 'localhost']) {
      opened = 0;
      const connections = open(urlOf(host));
      await untilOpened();
      for (let requests = 0; requests < 3; requests += 1) {
        assert.equal(await send(connections, urlOf(host)), 'answer');
      }
      assert.equal(opened, 1, host);
      connections.destroy();
    }
  });

  it('lets many bytes wait, so that a large response does not stop it for each TLS record', async () => {
    const connections = open();
    await send(connections);
    const free = Object.values(connections.freeSockets).flat();
    assert.deepEqual(
      free.map((socket) => socket?.readableHighWaterMark),
      [RECEIVE_BUFFER_BYTES],
    );
    connections.destroy();
  });

  it('serves an address of IPv6, too', async function () {
    const other = createServer(await issueCertificate(['::1']), (_, response) => response.end('6'));
    other.on('connection', () => (opened += 1));
    if (!(await listenOnIPv6(other))) {
      skip(this, 'this machine has no IPv6');
    }
    const url = new URL(`https://[::1]:${(other.address() as AddressInfo).port}/`);
    const connections = open(url);
    try {
      await untilOpened();
      assert.equal(await send(connections, url), '6');
      assert.equal(opened, 1);
    } finally {
      connections.destroy();
      other.close();
      other.closeAllConnections();
    }
  });

  it('is taken by a request that comes while it is still being made', async () => {
    const connections = open();
    assert.equal(await send(connections), 'answer');
    assert.equal(opened, 1);
    connections.destroy();
  });

  it('resumes no session, of which Node.js would not check the certificate', async () => {
    const resumed: boolean[] = [];
    const note = (socket: TLSSocket) => resumed.push(socket.isSessionReused());
    server.on('secureConnection', note);
    const connections = open();
    for (let requests = 0; requests < 3; requests += 1) {
      assert.equal(await send(connections), 'answer');
      sockets.forEach((socket) => socket.destroy());
      while (Object.keys(connections.freeSockets).length > 0) {
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    }
    connections.destroy();
    server.off('secureConnection', note);
    assert.deepEqual(resumed, [false, false, false]);
  });

  it('is not used for another host, and kept', async () => {
    const connections = open();
    await untilOpened();
    assert.equal(await send(connections, urlOf('localhost')), 'answer');
    assert.equal(opened, 2);
    assert.equal(await send(connections), 'answer');
    assert.equal(opened, 2);
    connections.destroy();
  });

  it('is not used where it is old', async () => {
    const connections = open();
    await untilOpened();
    elapsedMs = MAX_IDLE_MS;
    assert.equal(await send(connections), 'answer');
    assert.equal(opened, 2);
    connections.destroy();
  });

  it('is not used where the server has ended it', async () => {
    const connections = open();
    await untilOpened();
    sockets.forEach((socket) => socket.destroy());
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.equal(await send(connections), 'answer');
    assert.equal(opened, 2);
    connections.destroy();
  });

  it('says nothing where it fails: the request does', async () => {
    const { port } = urlOf();
    const untrusted = open(urlOf(), {}, []);
    const refused = open(new URL('https://127.0.0.1:1/'));
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.equal(await send(untrusted), 'answer');
    await assert.rejects(send(refused, new URL('https://127.0.0.1:1/')), { code: 'ECONNREFUSED' });
    assert.notEqual(port, '1');
    untrusted.destroy();
    refused.destroy();
  });

  it('is none where there is a proxy, nobody uses TLS, or the proxy cannot be read', async () => {
    const plain = new URL(urlOf().href.replace('https:', 'http:'));
    const all = [
      open(urlOf(), { HTTPS_PROXY: 'http://127.0.0.1:1' }),
      open(urlOf(), { HTTPS_PROXY: 'not a proxy' }),
      open(plain),
    ];
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.equal(opened, 0);
    all.forEach((connections) => {
      connections.destroy();
    });
  });
});
