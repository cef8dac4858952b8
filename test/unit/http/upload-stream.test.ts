import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { Readable } from 'node:stream';
import { SHORT_REQUEST } from '../../../tasks/AzureDevOpsTokenV1/src/limits';
import { listen } from './listen';
import { makeClient } from './make-client';

const SIZE = 64 * 1024;

describe('the upload stream of an attempt', () => {
  it('is closed if the server responds before it has read the body', async () => {
    const server = createServer((_, response) => response.end());
    const url = new URL(`http://127.0.0.1:${await listen(server)}/`);
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
    try {
      const { status } = await makeClient(url).send({
        method: 'PUT',
        url: url,
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
