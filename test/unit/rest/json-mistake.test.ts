import assert from 'node:assert/strict';
import { findJsonMistake } from '../../../tasks/AzureDevOpsTokenV1/src/rest/json-mistake';

describe('the mistake in a text', () => {
  for (const [name, text, line, column] of [
    ['a quote that a variable brought', '{"title":"He said "no""}', 1, 20],
    ['a line break that a variable brought', '{\n  "title": "a\nb"\n}', 2, 14],
    ['a tab in a string', '{"a":"\t"}', 1, 7],
    ['a path of Windows', '{"a":"C:\\Users"}', 1, 9],
    ['an escape that breaks off', '{"a":"\\u12"}', 1, 7],
    ['a template expression', '{\r\n  "id": ${{ parameters.id }}\r\n}', 2, 9],
    ['a macro', '{"id": $(id)}', 1, 8],
    ['a comma before the end of an object', '{"a":1,\n}', 2, 1],
    ['a comma before the end of a list', '[1, 2, ]', 1, 8],
    ['a missing comma', '{"a":1\r"b":2}', 2, 1],
    ['a missing colon', '{"a" 1}', 1, 6],
    ['a name without quotes', '{a: 1}', 1, 2],
    ['quotes of another kind', "{'a': 1}", 1, 2],
    ['a comment', '{\n// no\n"a": 1}', 2, 1],
    ['a value that YAML has', '{"a": yes}', 1, 7],
    ['True', '{"a": True}', 1, 7],
    ['NaN', '[NaN]', 1, 2],
    ['a number with a leading zero', '[007]', 1, 3],
    ['a number with a sign', '[+1]', 1, 2],
    ['a number that breaks off', '[1.]', 1, 3],
    ['text after the value', '{} x', 1, 4],
    ['a second value', '{}\n{}', 2, 1],
    ['the wrong bracket', '[1}', 1, 3],
    ['a bracket too many', '[]]', 1, 3],
    ['a comma in front', '[,1]', 1, 2],
    ['a comma after the value', '{},', 1, 3],
    ['a value in place of a name', '{"a":1,2}', 1, 8],
    ['another format', 'name=value', 1, 1],
    ['a byte order mark in the input', '\uFEFF{}', 1, 1],
  ] as const) {
    it(`is found at its place (${name})`, () => {
      assert.deepEqual(findJsonMistake(text), { line, column, isEnd: false });
    });
  }

  for (const [text, line, column] of [
    ['', 1, 1],
    [' \n ', 2, 2],
    ['{"a":', 1, 6],
    ['{"a"', 1, 5],
    ['{"a":"b', 1, 8],
    ['[1,\n', 2, 1],
    ['[[]', 1, 4],
  ] as const) {
    it(`is at the end if ${JSON.stringify(text)} ends too early`, () => {
      assert.deepEqual(findJsonMistake(text), { line, column, isEnd: true });
    });
  }

  it('is not there in JSON', () => {
    const texts = ['{}', '[]', '0', '-1.5e-3', '"\\u00e9\\n"', ' [ {"a" : [ null, true ] } ] \r\n'];
    for (const text of texts) {
      assert.equal(findJsonMistake(text), undefined);
    }
  });

  it('is found however deep it is', () => {
    const depth = 200_000;
    assert.equal(findJsonMistake('['.repeat(depth))?.column, depth + 1);
    assert.equal(findJsonMistake(`"${'\\n'.repeat(depth)}`)?.column, 2 * depth + 2);
  });
});
