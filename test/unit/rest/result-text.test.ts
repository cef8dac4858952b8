import assert from 'node:assert/strict';
import {
  toJsonObject,
  toResult as toResultOf,
  toWholeResult,
  type ResultOptions,
} from '../../../tasks/AzureDevOpsTokenV1/src/rest/result-text';
import { selectText } from '../../../tasks/AzureDevOpsTokenV1/src/rest/selected-text';
import { MAX_OUTPUT_BYTES } from '../../../tasks/AzureDevOpsTokenV1/src/limits';
import { isWeightless, listWeightless } from '../weightless';

const OPEN = { isSecret: false, responseFile: '/work/x' };
const SECRET = { isSecret: true, responseFile: undefined };
const toResult = (value: unknown, options: ResultOptions) =>
  toResultOf(selectText(value, ''), options);
const whole = (text: string | Buffer, options = OPEN, isKept = true) =>
  toWholeResult({ bytes: Buffer.from(text), isKept }, options);
const problemOf = (result: object) => (result as { problem?: object }).problem;
const warningOf = (result: object) => (result as { warning?: string }).warning ?? '';

describe('a selected value', () => {
  for (const [value, text] of [
    ['text', 'text'],
    ['', ''],
    [1.5, '1.5'],
    [null, 'null'],
    [false, 'false'],
    [[1, 'a'], '[1,"a"]'],
    [{ a: '$(x) ##y' }, '{"a":"\\u0024(x) \\u0023\\u0023y"}'],
    [{ '##': 'a#b' }, '{"\\u0023\\u0023":"a#b"}'],
    [['###'], '["\\u0023\\u0023\\u0023"]'],
    [['#\u00ad#'], '["\\u0023\u00ad\\u0023"]'],
    [['$ ('], '["$ ("]'],
  ] as const) {
    it(`is ${text === '' ? 'nothing' : text}`, () => {
      assert.deepEqual(toResult(value, OPEN), { text });
    });
  }

  it('of 24,000 bytes is the largest', () => {
    assert.equal(MAX_OUTPUT_BYTES, 24_000);
    assert.deepEqual(toResult('x'.repeat(24_000), OPEN), { text: 'x'.repeat(24_000) });
    const tooLarge = { kind: 'result-too-large', bytes: 24_001 };
    assert.deepEqual(problemOf(toResult('x'.repeat(24_001), OPEN)), tooLarge);
    assert.deepEqual(problemOf(toResult(`${'ä'.repeat(12_000)}x`, OPEN)), tooLarge);
  });

  it('counts as it is written, harmless', () => {
    const value = ['##'.repeat(3_000)];
    assert.deepEqual(problemOf(toResult(value, OPEN)), {
      kind: 'result-too-large',
      bytes: 6 * 6_000 + 4,
    });
  });

  for (const [text, what] of [
    ['a $(b)', '"$(", the beginning of a macro of the agent'],
    ['$(', '"$(", the beginning of a macro of the agent'],
    ['a ##vso[x]', 'text that the agent would run as a logging command'],
    ['##VSO', 'text that the agent would run as a logging command'],
    ['#\u200b#v\u00adso', 'text that the agent would run as a logging command'],
    ['a\0', 'a NUL character, which no variable can hold'],
  ] as const) {
    it(`${JSON.stringify(text)} would act on the agent`, () => {
      assert.deepEqual(problemOf(toResult(text, OPEN)), {
        kind: 'result-hostile',
        what,
        responseFile: '/work/x',
      });
    });
  }

  for (const text of ['$ (a)', '# # vso', '#vso', '##[section]', '## title', '(a)$']) {
    it(`${text} would not`, () => {
      assert.deepEqual(toResult(text, OPEN), { text });
    });
  }
});

describe('every character that ICU skips', () => {
  it('hides no command in a result', () => {
    for (const one of listWeightless()) {
      const text = `#${one}#${one}v${one}so[`;
      const hostile = problemOf(toResult(text, OPEN)) as { kind?: string } | undefined;
      assert.equal(hostile?.kind, 'result-hostile', JSON.stringify(text));
      const json = (toResult([text], OPEN) as { text: string }).text;
      const seen = Array.from(json).filter((character) => !isWeightless(character));
      assert.ok(!seen.join('').includes('##'), json);
      assert.deepEqual(JSON.parse(json), [text]);
    }
  });
});

describe('a value without a text', () => {
  it('is too large if no string of Node.js can hold it', () => {
    const value = { toJSON: () => 'x'.repeat(0x20000000) };
    assert.deepEqual(problemOf(toResult(value, OPEN)), {
      kind: 'result-too-large',
      bytes: 0x1fffffe8,
    });
  });

  it('is a defect for any other reason', () => {
    assert.throws(() => toResult(1n, OPEN), TypeError);
  });
});

describe('a value that is nested very deeply', () => {
  it('is an error that says so', () => {
    let value: unknown = 'x';
    for (let depth = 0; depth < 200_000; depth += 1) {
      value = [value];
    }
    assert.deepEqual(problemOf(toResult(value, OPEN)), {
      kind: 'result-too-deep',
      responseFile: '/work/x',
    });
  });
});

describe('a secret', () => {
  it('has one line, of at least 6 characters', () => {
    assert.deepEqual(toResult('123456', SECRET), { text: '123456' });
    assert.deepEqual(problemOf(toResult('12345', SECRET)), {
      kind: 'result-not-masked',
      why: 'short',
    });
    for (const text of ['123456\n7', '123456\r7', '\n123456']) {
      assert.deepEqual(problemOf(toResult(text, SECRET)), {
        kind: 'result-not-masked',
        why: 'lines',
      });
    }
  });

  it('may be nothing', () => {
    assert.deepEqual(toResult('', SECRET), { text: '' });
  });

  it('of no such form is not refused where it is none', () => {
    assert.deepEqual(toResult('1\n2', OPEN), { text: '1\n2' });
  });
});

describe('a whole answer', () => {
  it('is a text as it came', () => {
    assert.deepEqual(whole('Größe\r\n'), { text: 'Größe\r\n' });
    assert.deepEqual(whole(''), { text: '' });
  });

  it('is JSON as it came, but for what could act', () => {
    assert.deepEqual(whole('{ "a" : "$(b)##" }'), { text: '{ "a" : "\\u0024(b)\\u0023\\u0023" }' });
  });

  it('is no JSON where it only looks like it', () => {
    assert.equal((problemOf(whole('{ "a" : "$(b)" ')) as { kind: string }).kind, 'result-hostile');
  });

  for (const [name, bytes, isKept, reason] of [
    ['no UTF-8', Buffer.from([0xff]), true, 'is not text'],
    ['a NUL', Buffer.from('a\0'), true, 'is not text'],
    ['24,001 bytes', Buffer.alloc(24_001, 'x'), true, 'has more than 24,000 bytes'],
    ['more than was kept', Buffer.from('x'), false, 'has more than 24,000 bytes'],
  ] as const) {
    it(`is nothing with a warning (${name})`, () => {
      const warning = warningOf(whole(bytes, OPEN, isKept));
      assert.ok(
        warning.startsWith(`The output result is empty, because the response ${reason}.`),
        warning,
      );
      assert.match(warning, /read the file that the output responseFile names \(\/work\/x\)/);
      assert.equal(warning.includes('select a part with query'), reason !== 'is not text');
    });
  }

  it('says how to come to a file where there is none', () => {
    const warning = warningOf(whole(Buffer.from([0xff]), SECRET as never));
    assert.match(warning, /Otherwise, set outputFile and read that file in a later step/);
  });

  it('of 24,000 bytes is the largest', () => {
    assert.deepEqual(whole('x'.repeat(24_000)), { text: 'x'.repeat(24_000) });
  });
});

describe('an output that is an object', () => {
  it('is JSON in which the agent finds nothing', () => {
    assert.equal(toJsonObject({ a: '$(b) ##c' }), '{"a":"\\u0024(b) \\u0023\\u0023c"}');
  });
});
