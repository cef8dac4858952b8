import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { brotliCompressSync, constants, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { createHttpHeaders, createPipelineRequest } from '@azure/core-rest-pipeline';
import { isDecoded, parseCodings } from '../../../tasks/AzureDevOpsTokenV1/src/http/content-coding';
import {
  receiveBody,
  type Reception,
} from '../../../tasks/AzureDevOpsTokenV1/src/http/response-body';
import { MIB } from '../../../tasks/AzureDevOpsTokenV1/src/limits';

const TEXT = '{"value":["Größe"]}';
const PLAIN = Buffer.from(TEXT);
const ALL: Reception = { keptBytes: 4 * MIB };

/** Receives a body in pieces of a few bytes. An error at its end breaks it off. */
function receive(
  encoding: string | undefined,
  body: Buffer,
  {
    status = 200,
    end,
    pieceLength = 7,
    ...reception
  }: Partial<Reception> & {
    status?: number;
    end?: Error;
    pieceLength?: number;
  } = {},
) {
  function* read() {
    for (let at = 0; at < body.length; at += pieceLength) {
      yield body.subarray(at, at + pieceLength);
    }
    if (end !== undefined) {
      throw end;
    }
  }
  const response = {
    status,
    headers: createHttpHeaders(encoding === undefined ? {} : { 'content-encoding': encoding }),
    request: createPipelineRequest({ url: 'https://dev.azure.com' }),
    readableStreamBody: Readable.from(read()),
  };
  return receiveBody(response, { ...ALL, ...reception }, () => undefined);
}

describe('a content coding', () => {
  for (const [encoding, body] of [
    [undefined, PLAIN],
    ['gzip', gzipSync(PLAIN)],
    ['GZip', gzipSync(PLAIN)],
    ['x-gzip', gzipSync(PLAIN)],
    [' gzip , identity ', gzipSync(PLAIN)],
    ['deflate', deflateSync(PLAIN)],
    ['deflate', deflateRawSync(PLAIN)],
    ['br', brotliCompressSync(PLAIN)],
    ['gzip, br', brotliCompressSync(gzipSync(PLAIN))],
    ['deflate, gzip', gzipSync(deflateSync(PLAIN))],
    ['gzip', Buffer.concat([gzipSync(PLAIN.subarray(0, 5)), gzipSync(PLAIN.subarray(5))])],
    // Servers also send these, which are no codings.
    ['identity', PLAIN],
    ['utf-8', PLAIN],
    ['none', PLAIN],
    ['', PLAIN],
  ] as const) {
    for (const pieceLength of [1, 7, 1000]) {
      it(`is removed: ${encoding ?? 'none'}, in pieces of ${pieceLength} bytes`, async () => {
        const { bytes, isKept, isWhole, codingProblem } = await receive(encoding, body, {
          pieceLength,
        });
        assert.equal(bytes.toString(), TEXT);
        assert.deepEqual([isKept, isWhole, codingProblem], [true, true, undefined]);
      });
    }
  }

  for (const encoding of ['gzip', 'deflate', 'br', 'zstd', 'gzip, br']) {
    it(`may be named where there is no body: ${encoding}`, async () => {
      const { bytes, isWhole } = await receive(encoding, Buffer.alloc(0));
      assert.deepEqual([bytes.length, isWhole], [0, true]);
    });
  }

  for (const [encoding, body, reason] of [
    ['gzip', PLAIN, 'broken'],
    ['gzip', gzipSync(PLAIN).subarray(0, -3), 'broken'],
    ['gzip', gzipSync(PLAIN).fill(0xff, 12, 16), 'broken'],
    ['deflate', PLAIN, 'broken'],
    ['br', PLAIN, 'broken'],
    ['br', brotliCompressSync(PLAIN).subarray(0, -3), 'broken'],
    ['zstd', PLAIN, 'unsupported'],
    ['gzip, compress', gzipSync(PLAIN), 'unsupported'],
    ['gzip, gzip, gzip', gzipSync(gzipSync(gzipSync(PLAIN))), 'unsupported'],
  ] as const) {
    for (const status of [200, 500]) {
      it(`is a problem, and no part of the body is kept: ${encoding}, ${reason}, ${body.length} bytes, status ${status}`, async () => {
        const { bytes, isWhole, codingProblem } = await receive(encoding, body, { status });
        assert.deepEqual(codingProblem, { coding: encoding, reason, isRequested: false });
        assert.deepEqual([bytes.length, isWhole], [0, false]);
      });
    }
  }

  it('does not hide that the connection broke', async () => {
    const end = Object.assign(new Error('aborted'), { code: 'ECONNRESET' });
    const body = gzipSync(PLAIN).subarray(0, -3);
    await assert.rejects(receive('gzip', body, { end }), end);
    const { codingProblem, isWhole } = await receive('gzip', body, { end, status: 500 });
    assert.deepEqual([codingProblem, isWhole], [undefined, false]);
  });

  it('does not hide an error of the sink', async () => {
    const failure = new Error('no room');
    const sink = {
      start: () => Promise.resolve(true),
      write: () => Promise.reject(failure),
    };
    await assert.rejects(receive('gzip', gzipSync(PLAIN), { sink }), failure);
  });

  it('is not removed any further than the body is needed', async () => {
    const bomb = brotliCompressSync(Buffer.alloc(16 * MIB), {
      params: { [constants.BROTLI_PARAM_QUALITY]: 1 },
    });
    const { bytes, isKept, isWhole } = await receive('br', bomb, { keptBytes: 1000 });
    assert.deepEqual([bytes.length, isKept, isWhole], [1000, false, true]);
  });
});

describe('a body that its author wants as the server sends it', () => {
  for (const [header, decoded] of [
    ['accept', true],
    ['accept-encoding', false],
    ['range', false],
  ] as const) {
    it(`is ${decoded ? 'not ' : ''}one with the header ${header}`, () => {
      assert.equal(isDecoded(new Map([[header, 'x']])), decoded);
    });
  }

  it('has its codings, and is seen without them', async () => {
    for (const [encoding, body] of [
      ['gzip', gzipSync(PLAIN)],
      ['br', brotliCompressSync(PLAIN)],
      ['gzip, br', brotliCompressSync(gzipSync(PLAIN))],
    ] as const) {
      let seen = '';
      const sink = {
        start: () => Promise.resolve(true),
        write: () => Promise.resolve(),
        inspect: (piece: Uint8Array) => {
          seen += Buffer.from(piece).toString('latin1');
        },
      };
      const { bytes, isWhole } = await receive(encoding, body, { isEncoded: true, sink });
      assert.deepEqual(bytes, body);
      assert.equal(isWhole, true);
      assert.equal(Buffer.from(seen, 'latin1').toString(), TEXT);
    }
  });

  it('may be one that cannot be decoded, such as a part', async () => {
    const sink = {
      start: () => Promise.resolve(true),
      write: () => Promise.resolve(),
      inspect: () => undefined,
    };
    const large = Buffer.alloc(200_000, 'not gzip');
    for (const [encoding, body] of [
      ['gzip', gzipSync(PLAIN).subarray(5)],
      ['gzip', gzipSync(PLAIN).subarray(0, 15)],
      ['gzip', large],
      ['zstd', PLAIN],
    ] as const) {
      const { bytes, isWhole, codingProblem } = await receive(encoding, body, {
        isEncoded: true,
        pieceLength: 1000,
        sink,
      });
      assert.deepEqual(bytes, body);
      assert.deepEqual([isWhole, codingProblem], [true, undefined]);
    }
  });

  it('is given up where an error comes of what is seen', async () => {
    const failure = new Error('the token');
    const sink = {
      start: () => Promise.resolve(true),
      write: () => Promise.resolve(),
      inspect: () => {
        throw failure;
      },
    };
    const large = gzipSync(
      Buffer.from(Array.from({ length: 300_000 }, (_, at) => (at * at) % 251)),
    );
    for (const body of [gzipSync(PLAIN), large]) {
      await assert.rejects(receive('gzip', body, { isEncoded: true, sink }), failure);
    }
  });
});

describe('the codings of a header', () => {
  for (const [header, codings] of [
    [undefined, []],
    ['gzip, br', ['br', 'gzip']],
    ['br,x-gzip', ['gzip', 'br']],
    ['aes128gcm', 'unsupported'],
    ['binary', []],
  ] as const) {
    it(`are read: ${header ?? 'none'}`, () => {
      assert.deepEqual(parseCodings(header), codings);
    });
  }
});
