import assert from 'node:assert/strict';
import { compileExpression } from '../../../tasks/AzureDevOpsTokenV1/src/jmespath';
import type { RestCall } from '../../../tasks/AzureDevOpsTokenV1/src/inputs/task-inputs';
import { readBadResult, readResult } from '../../../tasks/AzureDevOpsTokenV1/src/rest/result';
import { response } from '../http/fake-response';

const TYPE = { 'content-type': 'a/b' };

function read(
  text: string,
  inputs: { query?: string; failWhen?: string; isResultSecret?: boolean } = {},
  more: Partial<ReturnType<typeof response>> = {},
) {
  const { query, failWhen, isResultSecret = false } = inputs;
  const call = {
    query: query === undefined ? undefined : compileExpression(query),
    failWhen: failWhen === undefined ? undefined : compileExpression(failWhen),
    isResultSecret,
  } as RestCall;
  return readResult(call, { ...response(200, TYPE, text), ...more }, '/work/x');
}

describe('the result of a good answer', () => {
  it('is all of it, or what is selected', async () => {
    assert.equal((await read('{"a":"b"}')).text, '{"a":"b"}');
    assert.equal((await read('{"a":"b"}', { query: 'a' })).text, 'b');
    assert.equal((await read('\ufeff{"a":"b"}', { query: 'a' })).text, 'b');
    assert.equal((await read('{"a":"b"}', { query: 'a' })).problem, undefined);
  });

  it('is nothing with a warning where it cannot be an output', async () => {
    const { text, warning = '', problem } = await read('a\0');
    assert.deepEqual([text, problem], ['', undefined]);
    assert.match(
      warning,
      /is not text\.\nIf no later step reads result, ignore this warning\..*\(\/work\/x\)/,
    );
  });

  it('has a warning if it may be rounded', async () => {
    const { text, warning = '' } = await read('{"a":9007199254740993}', { query: 'to_string(a)' });
    assert.equal(text, '9007199254740992');
    assert.match(warning, /rounded number.*\(\/work\/x\)/s);
    const exact = await read('{"a":9007199254740993}', { query: 'a' });
    assert.deepEqual([exact.text, exact.warning], ['9007199254740993', undefined]);
  });

  it('is there where failWhen is true, and where it is not', async () => {
    const bad = await read('{"a":1}', { failWhen: 'a', query: 'a' });
    assert.deepEqual(bad, {
      text: '1',
      warning: undefined,
      problem: { kind: 'fail-when', expression: 'a' },
    });
    assert.deepEqual((await read('{"a":1}', { failWhen: 'b', query: 'a' })).problem, undefined);
  });

  for (const [name, [given, problem]] of Object.entries({
    'no JSON': [
      read('x', { query: 'a' }),
      { kind: 'not-json', input: 'query', contentType: 'a/b', isTooLarge: false },
    ],
    'no JSON for failWhen': [
      read('x', { failWhen: 'a' }),
      { kind: 'not-json', input: 'failWhen', contentType: 'a/b', isTooLarge: false },
    ],
    nothing: [
      read('', { query: 'a' }),
      {
        kind: 'not-json',
        input: 'query',
        contentType: 'a/b',
        isTooLarge: false,
        emptyStatus: 200,
      },
    ],
    'no UTF-8': [
      read('', { query: 'a' }, { bytes: Buffer.from([0x22, 0xff, 0x22]) }),
      { kind: 'not-json', input: 'query', contentType: 'a/b', isTooLarge: false },
    ],
    'too much': [
      read('{}', { query: 'a' }, { isKept: false }),
      { kind: 'not-json', input: 'query', contentType: 'a/b', isTooLarge: true },
    ],
    'what a function does not take': [
      read('1', { query: 'length(@)', isResultSecret: true }),
      {
        kind: 'evaluation',
        input: 'query',
        expression: 'length(@)',
        reason: 'the reason could show the secret',
      },
    ],
    'what would act': [
      read('["$(a)"]', { query: '[0]' }),
      {
        kind: 'result-hostile',
        what: '"$(", the beginning of a macro of the agent',
        responseFile: '/work/x',
      },
    ],
    'a short secret': [
      read('["a"]', { query: '[0]', isResultSecret: true }),
      { kind: 'result-not-masked', why: 'short' },
    ],
  } as const)) {
    it(`is a problem where it is ${name}`, async () => {
      const { text, problem: found } = await given;
      assert.equal(text, '');
      assert.deepEqual(found, problem);
    });
  }
});

describe('the result of a bad answer', () => {
  const bad = (text: string, isResultSecret = false) =>
    readBadResult({ isResultSecret } as RestCall, response(400, TYPE, text), undefined).text;

  it('is its body where that can be an output, and else nothing', () => {
    assert.equal(bad('{"message":"x"}'), '{"message":"x"}');
    assert.equal(bad('$(a)'), '');
    assert.equal(bad('a\0'), '');
    assert.equal(bad('one\ntwo three', true), '');
    assert.equal(bad('one two', true), 'one two');
  });
});
