import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { systemClock } from '../../../tasks/AzureDevOpsTokenV1/src/clock';
import { Client } from '../../../tasks/AzureDevOpsTokenV1/src/http/client';
import { SHORT_REQUEST } from '../../../tasks/AzureDevOpsTokenV1/src/limits';
import { fakeEnvironment } from '../fakes';

const SIZE = 64 * 1024;

describe('the upload stream of an attempt', () => {
  it('is closed if the server responds before it has read the body', async () => {
    const server = createServer((_, response) => response.end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const streams: Readable[] = [];
    const open = () => {
      // A file of which nothing is read after the first piece.
      const pieces = [Buffer.alloc(1024)];
      const stream = new Readable({
        read() {
          const piece = pieces.shift();
          if (piece !== undefined) {
            this.push(piece);
          }
        },
      });
      streams.push(stream);
      return stream;
    };
    const client = new Client({
      clock: systemClock,
      environment: fakeEnvironment(),
      allowedHosts: [host],
      log: () => undefined,
    });
    try {
      const { status } = await client.send({
        method: 'PUT',
        url: new URL(`http://${host}/x`),
        body: { size: SIZE, open },
        limits: SHORT_REQUEST,
      });
      assert.equal(status, 200);
    } finally {
      server.closeAllConnections();
      server.close();
    }
    assert.deepEqual(
      streams.map(({ destroyed }) => destroyed),
      [true],
    );
  });
});
