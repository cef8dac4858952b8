// Content codings: a body that no one asked for in that form is decoded, and the author of the request can ask for one.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { brotliCompressSync, deflateRawSync, gzipSync } from 'node:zlib';
import { refuse, signInPage } from '../emulators/organization/error-responses';
import { needAgentNode } from '../skip';
import type { Performance } from '../stage';
import { atServer, call, errorOf, outputOf, say } from './call-step';
import { filesBelow } from './secrecy';

const LIST = JSON.stringify({ count: 1, value: [{ name: 'Größe' }] });
const OUTPUT = 'response.json';
const fileOf = ({ step }: Performance) => readFileSync(join(step.folders.sources, OUTPUT));

function assertGood(performance: Performance): void {
  assert.equal(performance.step.result, 'Succeeded', errorOf(performance));
}

describe('a response with a content coding that no one asked for', () => {
  for (const [coding, body] of [
    ['gzip', gzipSync(LIST)],
    ['deflate', deflateRawSync(LIST)],
    ['br', brotliCompressSync(LIST)],
  ] as const) {
    it(`is decoded for a file and for an expression: ${coding}`, () => {
      const organization = { lastingFault: say(body, { 'content-encoding': coding }) };
      const inputs = { outputFile: OUTPUT, query: 'value[0].name' };
      return call({ inputs, organization }, (performance) => {
        assertGood(performance);
        assert.equal(outputOf(performance, 'result'), 'Größe');
        assert.equal(fileOf(performance).toString(), LIST);
        const [request] = performance.organization?.requests ?? [];
        assert.equal(request?.headers['accept-encoding'], 'identity');
      });
    });
  }

  for (const major of [20, 24] as const) {
    it(`is decoded while it arrives, also in a second attempt (Node.js ${major})`, async function () {
      const node = needAgentNode(this, major);
      const plain = randomBytes(3 * 1024 * 1024);
      const body = gzipSync(plain, { level: 1 });
      let requests = 0;
      const serve = (_: IncomingMessage, response: ServerResponse) => {
        requests += 1;
        const head = { 'content-encoding': 'gzip', 'content-type': 'application/octet-stream' };
        response.writeHead(200, { ...head, 'content-length': body.length });
        if (requests === 1) {
          response.write(body.subarray(0, body.length / 2), () => response.destroy());
        } else {
          response.end(body);
        }
      };
      const inputs = { outputFile: OUTPUT, maxRetries: '1' };
      await atServer(serve, { inputs, step: { node } }, (performance) => {
        assertGood(performance);
        assert.equal(requests, 2);
        const digest = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
        assert.equal(digest(fileOf(performance)), digest(plain));
      });
    });
  }

  it('is joined with the other pages', () => {
    const page = (item: number, token?: string) =>
      say(gzipSync(JSON.stringify({ value: [item] })), {
        'content-encoding': 'gzip',
        ...(token !== undefined && { 'x-ms-continuationtoken': token }),
      });
    const organization = { faults: [page(1, 'a'), page(2)] };
    return call({ inputs: { allPages: 'true', query: 'value' }, organization }, (performance) => {
      assertGood(performance);
      assert.equal(outputOf(performance, 'result'), '[1,2]');
    });
  });

  it('may be an error, whose message is shown', () => {
    const { body } = refuse(409, 'TF400948: It already exists.') as { body: unknown };
    const encoded = gzipSync(JSON.stringify(body));
    const fault = { ...say(encoded, { 'content-encoding': 'gzip' }), status: 409 };
    return call({ organization: { lastingFault: fault } }, (performance) => {
      assert.ok(errorOf(performance).includes('TF400948: It already exists.'));
      assert.ok(outputOf(performance, 'result').includes('TF400948'));
    });
  });

  it('may be a sign-in page, which is no success', () => {
    const { body } = signInPage(200) as { body: string };
    const headers = { 'content-encoding': 'br', 'content-type': 'text/html' };
    const organization = { lastingFault: say(brotliCompressSync(body), headers) };
    return call({ organization }, (performance) => {
      assert.equal(performance.step.result, 'Failed');
      assert.ok(errorOf(performance).includes('Organization settings > Users'));
    });
  });

  it('has no body if the request is a HEAD', () => {
    const inputs = { method: 'HEAD' };
    const organization = { lastingFault: say('', { 'content-encoding': 'gzip' }) };
    return call({ inputs, organization }, (performance) => {
      assertGood(performance);
      assert.ok(outputOf(performance, 'responseHeaders').includes('"content-encoding":"gzip"'));
    });
  });

  it('is kept in no file if it would become larger than the limit', () => {
    const part = gzipSync(Buffer.alloc(16 * 1024 * 1024));
    const bomb = Buffer.concat(Array<Buffer>(65).fill(part));
    const organization = { lastingFault: say(bomb, { 'content-encoding': 'gzip' }) };
    return call({ inputs: { outputFile: OUTPUT }, organization }, (performance) => {
      assert.equal(performance.step.result, 'Failed');
      assert.match(errorOf(performance), /more than 1 GiB after it is decoded/);
      assert.equal(performance.organization?.requests.length, 1);
      assert.equal(outputOf(performance, 'statusCode'), '200');
      assert.equal(outputOf(performance, 'result'), '');
      assert.deepEqual(filesBelow(performance.step.folders.sources), []);
      const left = filesBelow(performance.step.folders.temp);
      assert.deepEqual(
        left.filter((path) => /azure-devops|partial/.test(path)),
        [],
      );
    });
  });
});

describe('a response with the content coding that the author asks for', () => {
  const encoded = gzipSync(LIST);

  for (const [name, value] of [
    ['Accept-Encoding', 'gzip, deflate'],
    ['accept-encoding', 'identity'],
    ['Range', 'bytes=0-99'],
  ] as const) {
    it(`is written as the server sends it: ${name}: ${value}`, () => {
      const organization = { lastingFault: say(encoded, { 'content-encoding': 'gzip' }) };
      const inputs = { outputFile: OUTPUT, headers: `${name}: ${value}` };
      return call({ inputs, organization }, (performance) => {
        assertGood(performance);
        assert.deepEqual(fileOf(performance), encoded);
        const [request] = performance.organization?.requests ?? [];
        assert.equal(request?.headers[name.toLowerCase()], value);
      });
    });
  }

  it('is kept in no file if it cannot be searched, because it would become larger than the limit', () => {
    const part = gzipSync(Buffer.alloc(16 * 1024 * 1024));
    const bomb = gzipSync(Buffer.concat(Array<Buffer>(65).fill(part)));
    const fault = say(bomb, { 'content-encoding': 'gzip, gzip' });
    const inputs = { outputFile: OUTPUT, headers: 'Accept-Encoding: gzip' };
    return call({ inputs, organization: { lastingFault: fault } }, (performance) => {
      assert.equal(performance.step.result, 'Failed');
      assert.match(errorOf(performance), /more than 1 GiB after it is decoded/);
      assert.match(errorOf(performance), /that headers requests \(Accept-Encoding or Range\)/);
      assert.match(errorOf(performance), /Request less data at once/);
      assert.equal(performance.organization?.requests.length, 1);
      assert.deepEqual(filesBelow(performance.step.folders.sources), []);
    });
  });

  it('does not change how the body of a request is sent', () => {
    const body = '{"name":"Größe"}';
    const inputs = { method: 'POST', body, headers: 'Accept-Encoding: gzip' };
    return call({ inputs, organization: { lastingFault: say({}) } }, (performance) => {
      assertGood(performance);
      const [request] = performance.organization?.requests ?? [];
      assert.equal(request?.body.toString(), body);
      assert.equal(request.headers['content-length'], String(Buffer.byteLength(body)));
      assert.equal(request.headers['transfer-encoding'], undefined);
    });
  });
});

describe('a token in an encoded response', () => {
  const answer = ({ headers }: IncomingMessage, response: ServerResponse) => {
    const { authorization = '' } = headers;
    // The rest does not fit into one piece.
    const text = JSON.stringify({ rest: randomBytes(300_000).toString('hex'), authorization });
    response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
    response.end(gzipSync(text));
  };

  for (const headers of ['', 'Accept-Encoding: gzip']) {
    it(`is found, and nothing is kept: ${headers || 'without an Accept-Encoding'}`, () =>
      atServer(answer, { inputs: { outputFile: OUTPUT, headers } }, (performance) => {
        assert.equal(performance.step.result, 'Failed');
        assert.match(errorOf(performance), /contains the token that was sent/);
        assert.ok(!existsSync(join(performance.step.folders.sources, OUTPUT)));
        assert.equal(outputOf(performance, 'result'), '');
      }));
  }
});
