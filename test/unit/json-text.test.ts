import assert from 'node:assert/strict';
import {
  countMark,
  findForeignEncoding,
  isSentAsJson,
} from '../../tasks/AzureDevOpsTokenV1/src/json-text';

const MARK = '\uFEFF';
const utf16 = (text: string) => Buffer.from(text, 'utf16le');
const utf32 = (text: string) =>
  Buffer.from(Uint32Array.from(text, (one) => one.charCodeAt(0)).buffer);

describe('the encoding of JSON', () => {
  for (const [name, encoding, bytes] of [
    ['little-endian with a mark', 'UTF-16', utf16(`${MARK}{}`)],
    ['little-endian without a mark', 'UTF-16', utf16('{}')],
    ['big-endian with a mark', 'UTF-16', utf16(`${MARK}[]`).swap16()],
    ['big-endian without a mark', 'UTF-16', utf16('[]').swap16()],
    ['a single digit', 'UTF-16', utf16('1')],
    ['a mark alone', 'UTF-16', utf16(MARK)],
    ['a string that starts with another script', 'UTF-16', utf16('"Ж"')],
    ['little-endian with a mark', 'UTF-32', utf32(`${MARK}{}`)],
    ['little-endian without a mark', 'UTF-32', utf32('{}')],
    ['big-endian with a mark', 'UTF-32', utf32(`${MARK}{}`).swap32()],
    ['big-endian without a mark', 'UTF-32', utf32('{}').swap32()],
  ] as const) {
    it(`is ${encoding}: ${name}`, () => {
      assert.equal(findForeignEncoding(bytes), encoding);
    });
  }

  for (const text of ['', '1', '{}', '[ ]', '"Ж"', `${MARK}{}`, MARK, ' \r\n{', 'Größe']) {
    it(`is none but UTF-8: ${JSON.stringify(text)}`, () => {
      assert.equal(findForeignEncoding(Buffer.from(text)), undefined);
    });
  }

  it('has a mark of three bytes in UTF-8', () => {
    assert.equal(countMark(Buffer.from(`${MARK}{}`)), 3);
    assert.equal(countMark(Buffer.from('{}')), 0);
    assert.equal(countMark(Buffer.from([0xef, 0xbb])), 0);
  });
});

describe('a body', () => {
  for (const [path, contentType, isJson] of [
    ['a.json', undefined, true],
    ['A.JSON', undefined, true],
    ['json', undefined, false],
    ['a.txt', 'application/json', true],
    ['a.txt', 'Application/JSON;charset=utf-8', true],
    ['a.txt', 'application/json-patch+json', true],
    ['a.txt', 'application/merge-patch+json ; x=y', true],
    ['a.json', 'application/octet-stream', false],
    ['a.json', 'text/plain; profile=a/json', false],
    ['a.json', 'application/json-seq', false],
    ['a.json', 'application/json; charset=utf-16', false],
    ['a.json', 'application/json; charset="UTF-32LE"', false],
  ] as const) {
    it(`is ${isJson ? '' : 'not '}sent as JSON: ${path}, ${contentType ?? 'no Content-Type'}`, () => {
      assert.equal(isSentAsJson(path, contentType), isJson);
    });
  }
});
