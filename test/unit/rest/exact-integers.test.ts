import assert from 'node:assert/strict';
import { selectText } from '../../../tasks/AzureDevOpsTokenV1/src/rest/selected-text';
import { readJsonText } from '../../../tasks/AzureDevOpsTokenV1/src/rest/read-json';

function query(expression: string, text: string) {
  const reading = readJsonText(
    { kind: 'expressions', expressions: { query: expression } },
    text,
    0,
  );
  const evaluation = reading.kind === 'expressions' ? reading.evaluations.query : undefined;
  const selected =
    evaluation !== undefined && 'selected' in evaluation ? evaluation.selected : undefined;
  assert.ok(selected !== undefined && 'text' in selected);
  return [selected.text, selected.isRounded] as const;
}

describe('an integer above 2^53', () => {
  for (const [name, [expression, text, expected]] of Object.entries({
    alone: ['id', '{"id":9007199254740993}', '9007199254740993'],
    'that is negative': ['id', '{"id":-9007199254740993}', '-9007199254740993'],
    'in an object': ['@', '{"id":9007199254740993,"n":1}', '{"id":9007199254740993,"n":1}'],
    'in a list of lists': [
      '[*].a',
      '[{"a":[638412345678901234]},{"a":[7]}]',
      '[[638412345678901234],[7]]',
    ],
    'that is exact': ['id', '{"id":9007199254740992}', '9007199254740992'],
    'of 30 digits': ['id', `{"id":${'123456789'.repeat(3)}}`, '123456789'.repeat(3)],
    'beside one of other digits': [
      'b',
      '{"a":9007199254740993,"b":9007199254740997}',
      '9007199254740997',
    ],
    'beside a mark of ours': [
      '@',
      '{"a":"§0","b":9007199254740993}',
      '{"a":"§0","b":9007199254740993}',
    ],
    'that is a text': ['id', '{"id":"9007199254740993"}', '9007199254740993'],
    'that is a text in a list': ['[]', '["9007199254740993"]', '["9007199254740993"]'],
  } as const)) {
    it(`keeps its digits (${name})`, () => {
      assert.deepEqual(query(expression, text), [expected, false]);
    });
  }

  for (const [name, expression, text] of [
    ['like another one', 'a', '{"a":9007199254740993,"b":9007199254740992}'],
    ['made a text', 'to_string(a)', '{"a":9007199254740993}'],
    ['in a text that is put together', "join('/', [to_string(a)])", '{"a":9007199254740993}'],
    ['that is a sum', 'sum(a)', '{"a":[9007199254740993,2]}'],
  ] as const) {
    it(`may be rounded (${name})`, () => {
      assert.equal(query(expression, text)[1], true);
    });
  }

  for (const [name, [expression, text, expected]] of Object.entries({
    'a fraction': ['avg(@)', '[0.1,0.2,0.3]', '0.20000000000000004'],
    'a number with many decimals': ['@', '1234567890123456.7', '1234567890123456.8'],
    'a large power': ['@', '1e300', '1e+300'],
    'a GUID': [
      '@',
      '"12345678-1234-1234-1234-123456789012"',
      '12345678-1234-1234-1234-123456789012',
    ],
    'a hash': ['@', '["1234567890123456789a"]', '["1234567890123456789a"]'],
    'an integer that is exact': ['@', '9007199254740991', '9007199254740991'],
  } as const)) {
    it(`is not ${name}`, () => {
      assert.deepEqual(query(expression, text), [expected, false]);
    });
  }

  it('does not make a text that is too large smaller', () => {
    assert.deepEqual(selectText('1'.repeat(24_001), ''), { kind: 'too-large', bytes: 24_001 });
  });
});
