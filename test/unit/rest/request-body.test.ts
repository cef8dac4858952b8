import assert from 'node:assert/strict';
import { rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StreamedBody } from '../../../tasks/AzureDevOpsTokenV1/src/http/response-body';
import { restError } from '../../../tasks/AzureDevOpsTokenV1/src/errors/rest-request';
import { TaskError } from '../../../tasks/AzureDevOpsTokenV1/src/errors/task-error';
import type { RestCall } from '../../../tasks/AzureDevOpsTokenV1/src/inputs/task-inputs';
import { readBody } from '../../../tasks/AzureDevOpsTokenV1/src/rest/request-body';
import { makeFolder } from '../folders';

const report = (reason: unknown) =>
  restError({
    kind: 'file',
    input: 'bodyFile',
    path: 'x',
    reason: String(reason),
    method: 'PUT',
    url: 'https://dev.azure.com',
    organization: 'MyOrg',
    identityDetails: { clientId: 'c', objectId: 'o', tenantId: 't' },
  });
const read = (call: Partial<RestCall>) =>
  readBody({ headers: new Map(), ...call } as RestCall, report);
const PATCH = '[{"op":"add","path":"/x"},{"op":"test","path":"/y"}]';

async function send(body: StreamedBody): Promise<{ text: string; failure: unknown }> {
  let failure: unknown;
  const chunks: Buffer[] = [];
  try {
    const stream = body.open((error) => {
      failure = error;
    });
    for await (const chunk of stream) {
      chunks.push(chunk as Buffer);
    }
  } catch {
    // The failure tells.
  }
  return { text: Buffer.concat(chunks).toString(), failure };
}

describe('the body of a request', () => {
  it('may be none', () => {
    assert.equal(read({ method: 'POST' }), undefined);
  });

  for (const [method, body, isPatch] of [
    ['PATCH', PATCH, true],
    ['POST', PATCH, true],
    ['PUT', PATCH, false],
    ['DELETE', PATCH, false],
    ['PATCH', '[]', false],
    ['PATCH', '{"op":"add","path":"/x"}', false],
    ['PATCH', '[{"op":"add"}]', false],
    ['PATCH', '[{"path":"/x"}]', false],
    ['PATCH', '[{"op":"add","path":5}]', false],
    ['PATCH', '[{"op":"replace all","path":"/x"}]', false],
    ['PATCH', '[{"op":"add","path":"/x"},null]', false],
    ['PATCH', '[{"op":"add","path":"/x"}', false],
    ...['add', 'remove', 'replace', 'move', 'copy', 'test'].map(
      (op) => ['PATCH', JSON.stringify([{ op, path: '' }]), true] as const,
    ),
  ] as const) {
    it(`is ${isPatch ? 'a patch' : 'JSON'}: ${method} ${body}`, () => {
      const contentType = isPatch ? 'application/json-patch+json' : 'application/json';
      assert.deepEqual(read({ method, body }), { body, contentType });
    });
  }
});

describe('the body from a file', () => {
  const folder = makeFolder();

  function readFile(name: string, content: string | Buffer, ownType = '') {
    const bodyFile = join(folder, name);
    writeFileSync(bodyFile, content);
    const headers = new Map(ownType === '' ? [] : [['content-type', ownType]]);
    const { body, contentType } = read({ method: 'POST', bodyFile, headers }) ?? assert.fail();
    return { body: body as StreamedBody, contentType, bodyFile };
  }

  for (const [name, content, type] of [
    ['a.json', '{}', 'application/json'],
    ['a.Json', PATCH, 'application/json-patch+json'],
    ['a.txt', PATCH, 'application/octet-stream'],
    ['json', '{}', 'application/octet-stream'],
  ] as const) {
    it(`(${name}) is ${type}, and can be sent twice`, async () => {
      const { body, contentType } = readFile(name, content);
      assert.equal(contentType, type);
      assert.equal(body.size, content.length);
      for (let count = 0; count < 2; count += 1) {
        assert.deepEqual(await send(body), { text: content, failure: undefined });
      }
    });
  }

  /** What Windows PowerShell 5.1 writes with `Set-Content -Encoding UTF8`. */
  const MARK = '\uFEFF';
  const LONG = `[${'0,'.repeat(1_000_000)}0]`;
  for (const [what, name, content, { ownType = '', isKept = false }] of [
    ['a patch', 'a.json', PATCH, {}],
    ['an object', 'a.json', '{"a":"ä"}', {}],
    ['nothing else', 'a.json', '', {}],
    ['a long list', 'a.json', LONG, {}],
    ['JSON by its type', 'a.txt', '[]', { ownType: 'application/json; charset=utf-8' }],
    ['no JSON by its type', 'a.json', '{}', { ownType: 'application/x', isKept: true }],
    ['a text', 'a.txt', 'a', { isKept: true }],
  ] as const satisfies readonly (readonly [
    ...string[],
    { ownType?: string; isKept?: boolean },
  ])[]) {
    it(`${isKept ? 'keeps' : 'loses'} the byte order mark before ${what}`, async () => {
      const { body } = readFile(name, `${MARK}${content}`, ownType);
      const sent = isKept ? `${MARK}${content}` : content;
      assert.equal(body.size, Buffer.byteLength(sent));
      // A retry starts at the same place of the file.
      for (let count = 0; count < 2; count += 1) {
        assert.deepEqual(await send(body), { text: sent, failure: undefined });
      }
    });
  }

  for (const ownType of ['application/octet-stream', 'application/json; charset=utf-16']) {
    it(`may be UTF-16 as ${ownType}`, async () => {
      const content = Buffer.from(`${MARK}{}`, 'utf16le');
      const { body } = readFile('wide.json', content, ownType);
      assert.equal(body.size, content.length);
      assert.equal((await send(body)).text, content.toString());
    });
  }

  it('may be empty', async () => {
    const { body } = readFile('empty', '');
    assert.deepEqual(await send(body), { text: '', failure: undefined });
  });

  it('is as long as was promised, when more is written to it', async () => {
    const { body, bodyFile } = readFile('log', 'abc');
    writeFileSync(bodyFile, 'abcdef');
    assert.deepEqual(await send(body), { text: 'abc', failure: undefined });
  });

  it('that becomes shorter is a failure', async () => {
    const { body, bodyFile } = readFile('log', 'abc');
    truncateSync(bodyFile, 1);
    const { failure } = await send(body);
    assert.ok(failure instanceof TaskError);
    assert.match(failure.message, /it became shorter while it was sent/);
  });

  it('that is gone is a failure, now or when it is sent', async () => {
    const { body, bodyFile } = readFile('gone', 'abc');
    rmSync(bodyFile);
    const { failure } = await send(body);
    assert.ok(failure instanceof TaskError);
    assert.throws(() => read({ method: 'POST', bodyFile }), TaskError);
  });
});
