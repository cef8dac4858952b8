import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StreamedBody } from '../../../tasks/AzureDevOpsTokenV1/src/http/response-body';
import { restError } from '../../../tasks/AzureDevOpsTokenV1/src/errors/rest-request';
import { TaskError } from '../../../tasks/AzureDevOpsTokenV1/src/errors/task-error';
import type { RestCall } from '../../../tasks/AzureDevOpsTokenV1/src/inputs/task-inputs';
import { readBody } from '../../../tasks/AzureDevOpsTokenV1/src/rest/request-body';

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
  const folder = mkdtempSync(join(tmpdir(), 'body-'));

  after(() => {
    rmSync(folder, { recursive: true });
  });

  function readFile(name: string, content: string) {
    const bodyFile = join(folder, name);
    writeFileSync(bodyFile, content);
    const { body, contentType } = read({ method: 'POST', bodyFile }) ?? assert.fail();
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
