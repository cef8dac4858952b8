import assert from 'node:assert/strict';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import {
  sendEndpointRequest,
  type EndpointTimeouts,
} from '../../../tasks/AzureDevOpsTokenV1/src/identity/endpoint-request';
import { AttemptError } from '../../../tasks/AzureDevOpsTokenV1/src/http/connection-error';
import { openBareMachine, openSwallowingNetwork } from '../../emulators/places';
import { skip } from '../../skip';
import { listen } from '../http/listen';
import { rejectionOf } from '../to-problem';

const PATIENT: EndpointTimeouts = {
  connectMs: 20_000,
  responseMs: 20_000,
  idleMs: 20_000,
  bodyMs: 20_000,
};

describe('a request to this machine', () => {
  let server: Server | undefined;

  async function serve(listener: RequestListener): Promise<URL> {
    const started = createServer(listener);
    server = started;
    return new URL(`http://127.0.0.1:${await listen(started)}/path?q=1`);
  }

  afterEach(() => {
    server?.closeAllConnections();
    server?.close();
  });

  async function failureOf(
    url: URL,
    timeouts: Partial<EndpointTimeouts>,
  ): Promise<[string, number | undefined]> {
    const request = { url, method: 'GET', headers: {} };
    const error = await rejectionOf(sendEndpointRequest(request, { ...PATIENT, ...timeouts }));
    assert.ok(error instanceof AttemptError);
    return [error.code, error.head?.status];
  }

  it('is sent as it is, and its answer read whole', async () => {
    const seen: unknown[] = [];
    const url = await serve((request, response) => {
      seen.push(
        request.method,
        request.url,
        request.headers['metadata'],
        request.headers.connection,
      );
      request.on('data', (chunk: Buffer) => seen.push(chunk.toString()));
      request.on('end', () => {
        response.writeHead(201, { 'x-answer': 'yes' });
        response.write('\uFEFFgr');
        setTimeout(() => response.end('ün'), 20);
      });
    });
    const request = { url, method: 'POST', headers: { metadata: 'true' }, body: 'body' };
    const response = await sendEndpointRequest(request, PATIENT);
    assert.deepEqual(seen, ['POST', '/path?q=1', 'true', 'close', 'body']);
    assert.equal(response.status, 201);
    assert.equal(response.headers['x-answer'], 'yes');
    assert.equal(response.body, 'grün');
  });

  it('takes text that is no UTF-8 as it can', async () => {
    const url = await serve((_, response) => response.end(Buffer.from([0x61, 0xff])));
    const { body } = await sendEndpointRequest({ url, method: 'GET', headers: {} }, PATIENT);
    assert.equal(body, 'a\uFFFD');
  });

  it('keeps the errno of a connection that was refused', async () => {
    const place = await openBareMachine();
    const url = new URL(place.origin);
    assert.deepEqual(await failureOf(url, {}), ['ECONNREFUSED', undefined]);
  });

  it('keeps the errno of a connection that was reset', async () => {
    const url = await serve((request) => request.socket.resetAndDestroy());
    assert.deepEqual(await failureOf(url, {}), ['ECONNRESET', undefined]);
  });

  it('tells an answer that broke off, with its status', async () => {
    const url = await serve((_, response) => {
      response.writeHead(200, { 'content-length': 100 });
      response.write('{', () => response.destroy());
    });
    assert.deepEqual(await failureOf(url, {}), ['ECONNRESET', 200]);
  });

  it('gives up on a connection that nobody takes up', async function () {
    if (process.platform !== 'linux') {
      skip(this, 'this platform is not Linux');
    }
    const place = await openSwallowingNetwork();
    try {
      const url = new URL(place.origin);
      const failures = [failureOf(url, { connectMs: 100 }), failureOf(url, { responseMs: 100 })];
      assert.deepEqual(await Promise.all(failures), [
        ['CONNECT_TIMEOUT', undefined],
        ['RESPONSE_TIMEOUT', undefined],
      ]);
    } finally {
      await place.close();
    }
  });

  it('gives up on silence', async () => {
    const url = await serve(() => undefined);
    assert.deepEqual(await failureOf(url, { connectMs: 50, responseMs: 150 }), [
      'RESPONSE_TIMEOUT',
      undefined,
    ]);
  });

  it('gives up on silence after the headers', async () => {
    const url = await serve((_, response) => {
      response.writeHead(200).flushHeaders();
    });
    assert.deepEqual(await failureOf(url, { idleMs: 100 }), ['IDLE_TIMEOUT', 200]);
  });

  it('gives up on an answer that comes too slowly', async () => {
    const url = await serve((_, response) => {
      const timer = setInterval(() => response.write('x'), 20);
      response.on('close', () => {
        clearInterval(timer);
      });
    });
    assert.deepEqual(await failureOf(url, { responseMs: 5_000, bodyMs: 100 }), [
      'IDLE_TIMEOUT',
      200,
    ]);
  });

  it('waits for an answer that comes slowly and in time', async () => {
    const url = await serve((_, response) => {
      response.write('a');
      setTimeout(() => response.write('b'), 300);
      setTimeout(() => response.end('c'), 600);
    });
    const request = { url, method: 'GET', headers: {} };
    // Longer than the first byte may take, and than the pause between two.
    const timeouts = { ...PATIENT, responseMs: 500, idleMs: 500 };
    assert.equal((await sendEndpointRequest(request, timeouts)).body, 'abc');
  });

  it('reads no more than 1 MiB', async () => {
    const url = await serve((_, response) => {
      response.on('error', () => undefined);
      response.end(Buffer.alloc(1024 * 1024 + 1, 'x'));
    });
    assert.deepEqual(await failureOf(url, {}), ['TOO_LARGE', 200]);
  });

  it('reads 1 MiB', async () => {
    const url = await serve((_, response) => response.end(Buffer.alloc(1024 * 1024, 'x')));
    const { body } = await sendEndpointRequest({ url, method: 'GET', headers: {} }, PATIENT);
    assert.equal(body.length, 1024 * 1024);
  });

  it('tells an answer that is no HTTP', async () => {
    const plain = createTcpServer((socket) => {
      socket.end('no HTTP at all');
    });
    const url = new URL(`http://127.0.0.1:${await listen(plain)}`);
    const [code] = await failureOf(url, {});
    plain.close();
    assert.match(code, /^HPE_/);
  });

  it('leaves no connection and no timer behind', async () => {
    const timers = () =>
      process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    const url = await serve(() => undefined);
    // Not sooner: mocha starts a timer of its own once the test waits.
    const before = timers();
    await failureOf(url, { responseMs: 50 });
    await new Promise((resolve) => server?.close(resolve));
    const good = await serve((_, response) => response.end('{}'));
    await sendEndpointRequest({ url: good, method: 'GET', headers: {} }, PATIENT);
    assert.equal(timers(), before);
  });
});
