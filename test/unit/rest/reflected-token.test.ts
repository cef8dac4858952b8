import assert from 'node:assert/strict';
import type { Head } from '../../../tasks/AzureDevOpsTokenV1/src/http/response-body';
import { restError } from '../../../tasks/AzureDevOpsTokenV1/src/errors/rest-request';
import { TaskError } from '../../../tasks/AzureDevOpsTokenV1/src/errors/task-error';
import { ReflectedTokenCheck } from '../../../tasks/AzureDevOpsTokenV1/src/rest/reflected-token';

const TOKEN = 'aaa.bbb.ccc';
const URL_OF_IT = new URL('https://dev.azure.com/MyOrg');

function tokenCheck() {
  const written: string[] = [];
  const sink = {
    start: ({ status }: Head) => {
      written.push(String(status));
      return Promise.resolve(true);
    },
    write: (piece: Uint8Array) => {
      written.push(Buffer.from(piece).toString());
      return Promise.resolve();
    },
  };
  const failure = () =>
    restError({
      kind: 'reflected-token',
      method: 'GET',
      url: 'https://dev.azure.com',
      organization: 'MyOrg',
      identityDetails: { clientId: 'c', objectId: 'o', tenantId: 't' },
    });
  const one = new ReflectedTokenCheck(failure);
  one.watchFor('a.b.c');
  one.watchFor(TOKEN);
  const send = async (...pieces: string[]) => {
    const guarded = one.before(sink);
    await guarded.start({ url: URL_OF_IT, status: 200, headers: { etag: '5' } });
    for (const piece of pieces) {
      await guarded.write(Buffer.from(piece));
    }
  };
  return { one, sink, send, written };
}

describe('a token that comes back', () => {
  for (const pieces of [
    [TOKEN],
    [`x${TOKEN}x`],
    ['aaa.bbb', '.ccc'],
    ['a', 'aa', '.bbb.cc', 'c'],
    TOKEN.split(/(?<=.)/),
    ['x'.repeat(100), TOKEN.slice(0, 10), TOKEN.slice(10)],
  ]) {
    it(`is stopped: ${pieces.join('|').slice(0, 40)}`, async () => {
      const { send, written } = tokenCheck();
      await assert.rejects(send(...pieces), TaskError);
      assert.ok(!written.join('').includes(TOKEN));
    });
  }

  it('is stopped in the headers', async () => {
    const { one, sink, send, written } = tokenCheck();
    const head = { url: URL_OF_IT, status: 200, headers: { x: `y${TOKEN}` } };
    await assert.rejects(one.before(sink).start(head), TaskError);
    assert.equal(one.last, undefined);
    assert.deepEqual(written, []);
    await send('x');
    assert.deepEqual(one.last, { url: URL_OF_IT, status: 200, headers: { etag: '5' } });
  });
});

describe('JSON that is not announced', () => {
  const ESCAPED = TOKEN.replaceAll('.', '\\u002e');
  for (const pieces of [
    [' ', `{"a":"${ESCAPED}"}`],
    [`${'\r\n\t '.repeat(100)}["${ESCAPED}"]`],
    ['', '\uFEFF', '\n', `"${ESCAPED}"`],
    [' {', `"a":"${ESCAPED}"}`],
  ]) {
    it(`is searched behind its escapes: ${JSON.stringify(pieces).slice(0, 40)}`, async () => {
      const { send, written } = tokenCheck();
      await assert.rejects(send(...pieces), TaskError);
      assert.ok(!written.join('').includes(ESCAPED));
    });
  }

  it('is not taken for one by a bracket that comes later', async () => {
    const { send } = tokenCheck();
    await send('x ', `{"a":"${ESCAPED}"}`);
  });
});

describe('each of several tokens', () => {
  it('is stopped, also where the answer goes nowhere', async () => {
    const { one } = tokenCheck();
    for (const token of [TOKEN, 'a.b.c']) {
      const guarded = one.before();
      assert.equal(await guarded.start({ url: URL_OF_IT, status: 200, headers: {} }), false);
      await assert.rejects(guarded.write(Buffer.from(token)), TaskError);
    }
  });
});

describe('anything else', () => {
  it('passes as it is', async () => {
    const { send, written } = tokenCheck();
    await send('aaa.bbb.', 'cc', ' aaa', '.bbb.cc');
    assert.deepEqual(written, ['200', 'aaa.bbb.', 'cc', ' aaa', '.bbb.cc']);
  });

  it('of one answer is not taken together with that of another', async () => {
    const { send, written } = tokenCheck();
    await send('aaa.bbb');
    await send('.ccc');
    assert.deepEqual(written, ['200', 'aaa.bbb', '200', '.ccc']);
  });
});
