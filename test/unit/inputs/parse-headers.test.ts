import assert from 'node:assert/strict';
import { parseHeaders } from '../../../tasks/AzureDevOpsTokenV1/src/inputs/parse-headers';

function parse(text: string): unknown {
  const parsed = parseHeaders(text);
  return 'value' in parsed ? Object.fromEntries(parsed.value) : parsed.problem;
}

const OWN_NAMES = [
  'Authorization',
  'Host',
  'Content-Length',
  'Cookie',
  'Proxy-Authorization',
  'Proxy-Connection',
  'Connection',
  'Expect',
  'Keep-Alive',
  'TE',
  'Trailer',
  'Transfer-Encoding',
  'Upgrade',
];

describe('headers', () => {
  for (const [text, headers] of [
    ['', {}],
    ['If-Match: "5"', { 'if-match': '"5"' }],
    [
      ' Accept : a/b; c=d \r\n\n X-Url:https://x.example:1\rX-Empty:\n',
      { accept: 'a/b; c=d', 'x-url': 'https://x.example:1', 'x-empty': '' },
    ],
    ['{"If-Match": "5", "X-N": 6, "X-B": true}', { 'if-match': '5', 'x-n': '6', 'x-b': 'true' }],
    ['{}', {}],
    ['{"X-A": " b\\t"}', { 'x-a': 'b' }],
    ['X-A: b\n \t\n', { 'x-a': 'b' }],
    ['X-Name: Größe\tx', { 'x-name': 'Größe\tx' }],
    ['X-Cost: $(a) $(b)', { 'x-cost': '$(a) $(b)' }],
    ['X-Proxy: a', { 'x-proxy': 'a' }],
  ] as const) {
    it(`are read from ${JSON.stringify(text)}`, () => {
      assert.deepEqual(parse(text), headers);
    });
  }

  for (const name of OWN_NAMES) {
    it(`may not set ${name}, in any case and form`, () => {
      const why = 'is a header that the task sets. Remove it.';
      assert.equal(parse(`X-A: b\n${name}: x`), `(line 2) ${name} ${why}`);
      assert.equal(parse(`${name.toLowerCase()} : x`), `(line 1) ${name.toLowerCase()} ${why}`);
      assert.equal(parse(JSON.stringify({ [name]: 'x' })), `${name} ${why}`);
    });
  }

  for (const line of ['x', ': x', 'a b: c', 'Ä: x', '$(MyHeaders)', '[]', '"a": b', 'a\u0000: x']) {
    it(`are not ${JSON.stringify(line)}, which is told with its line`, () => {
      assert.match(String(parse(`X-A: b\n\n${line}`)), /^\(line 3\) is /);
    });
  }

  for (const text of [
    '{',
    '{"a": "b"',
    '{"a": {}}',
    '{"a": null}',
    '{"a": ["b"]}',
    '{"a b": "c"}',
  ]) {
    it(`are not ${text}`, () => {
      assert.match(String(parse(text)), /one "Name: value" per line, or one JSON object/);
    });
  }

  it('carry what a header can', () => {
    for (const value of [
      'a\u0000b',
      'a\u0007b',
      '€',
      '\u200B',
      'a\u007Fb',
      'a\u0085b',
      'a\u2028b',
    ]) {
      const why = 'has a value with characters that a header cannot contain. Remove them.';
      assert.equal(parse(`X-A: x${value}x`), `(line 1) X-A ${why}`);
    }
    assert.match(String(parse('{"X-A": "b\\r\\nX-B: c"}')), /^X-A has a value with characters/);
  });

  it('have each name once', () => {
    assert.equal(parse('X-A: b\nx-a: c'), '(line 2) x-a occurs twice. Remove one of them.');
    assert.equal(parse('{"X-A": "b", "x-a": "c"}'), 'x-a occurs twice. Remove one of them.');
  });

  it('are not still a macro', () => {
    assert.equal(
      parse('If-Match: $(etag)'),
      '(line 1) If-Match is $(etag), because the pipeline has no such variable. Define the variable, or correct its name.',
    );
  });

  it('do not repeat a value, which may be a secret, in a message about a name', () => {
    assert.ok(!String(parse('Authorization: Basic c2VjcmV0')).includes('c2VjcmV0'));
  });
});
