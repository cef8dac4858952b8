import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import type { RestCall } from '../../../tasks/AzureDevOpsTokenV1/src/inputs/task-inputs';
import { describeBodyMistake } from '../../../tasks/AzureDevOpsTokenV1/src/rest/check-body';
import { CALL } from './plain-call';
import { useFolder } from '../folders';

const describeOf = (call: Partial<RestCall>) =>
  describeBodyMistake({ ...CALL, ...call } as RestCall);
const type = (value: string) => new Map([['content-type', value]]);

describe('the warning about a body', () => {
  const at = useFolder();

  const file = (name: string, content: string | Buffer) => {
    const path = at(name);
    writeFileSync(path, content);
    return path;
  };

  it('names the input and the position, not the text', () => {
    const warning = describeOf({ body: '{"password":"secret"word"}' }) ?? '';
    assert.match(
      warning,
      /^The input body is sent as JSON and is not valid JSON: the mistake is at line 1, column 21\./,
    );
    assert.doesNotMatch(warning, /secret|word/);
    assert.match(describeOf({ body: '{"a":' }) ?? '', /: it ends too early, at line 1, column 6\./);
    const bodyFile = file('a.JSON', '[1,]');
    assert.match(
      describeOf({ bodyFile }) ?? '',
      /^The input bodyFile is sent as JSON .* line 1, column 4\./,
    );
    assert.match(describeOf({ bodyFile: file('empty.json', '') }) ?? '', /it ends too early/);
  });

  it('is there for each JSON type', () => {
    for (const value of [
      'application/json; charset=utf-8',
      'application/json-patch+json',
      'text/JSON',
    ]) {
      assert.ok(describeOf({ body: 'x', headers: type(value) }), value);
    }
    assert.ok(describeOf({ bodyFile: file('a.txt', 'x'), headers: type('application/json') }));
  });

  describe('in the charset that Content-Type names', () => {
    const MARK = '\uFEFF';
    const bigEndian = (text: string) => Buffer.from(text, 'utf16le').swap16();
    const utf32 = Buffer.from('[\0\0\x001\0\0\0,\0\0\0]\0\0\0');
    const JSON_AND_NOT: readonly (readonly [string, (text: string) => Buffer])[] = [
      ['utf-16', (text) => Buffer.from(`${MARK}${text}`, 'utf16le')],
      ['UTF-16', (text) => bigEndian(`${MARK}${text}`)],
      ['utf-16le', (text) => Buffer.from(text, 'utf16le')],
      ['utf-16be', bigEndian],
      ['"utf-16"', (text) => Buffer.from(text, 'utf16le')],
      ['iso-8859-1', (text) => Buffer.from(text, 'latin1')],
      // The second byte of this character is that of a backslash.
      ['shift_jis', (text) => Buffer.from(text.replace('é', '\x83\x5C'), 'latin1')],
      ['utf-8', (text) => Buffer.from(`${MARK}${text}`)],
    ];
    for (const [charset, encode] of JSON_AND_NOT) {
      it(`is there for a mistake only: ${charset}`, () => {
        const headers = type(`application/json; charset=${charset}`);
        const right = file('right.json', encode('{"a": "é"}'));
        assert.equal(describeOf({ bodyFile: right, headers }), undefined);
        const wrong = file('wrong.json', encode('{"a": "é",}'));
        assert.match(describeOf({ bodyFile: wrong, headers }) ?? '', /line 1, column 11\./);
      });
    }

    it('is not there if the charset cannot be read', () => {
      for (const charset of ['utf-32', 'utf-32le', 'ebcdic-x']) {
        const headers = type(`application/json; charset=${charset}`);
        assert.equal(describeOf({ bodyFile: file('a.json', utf32), headers }), undefined);
      }
    });

    it('is there if the file is in another one', () => {
      const headers = type('application/json; charset=utf-16');
      const bodyFile = file('a.json', '{"a": 1 }');
      assert.match(describeOf({ bodyFile, headers }) ?? '', /is not valid JSON/);
    });
  });

  it('is not there for what is JSON, or is not sent as JSON', () => {
    for (const call of [
      {},
      { body: '{"a": [1]}' },
      { body: 'a=b', headers: type('application/x-www-form-urlencoded') },
      { body: 'x', headers: type('text/plain; a=application/json') },
      { bodyFile: file('b.json', '{}') },
      { bodyFile: file('mark.json', '\uFEFF{}') },
      { bodyFile: file('b.zip', 'x') },
      { bodyFile: file('c.json', 'x'), headers: type('text/plain') },
      { bodyFile: at('nothing.json') },
      { bodyFile: file('large.json', Buffer.alloc(1024 * 1024 + 1)) },
    ]) {
      assert.equal(describeOf(call), undefined, JSON.stringify(call));
    }
  });
});
