import assert from 'node:assert/strict';
import { findFields, findItems } from '../../../tasks/AzureDevOpsTokenV1/src/rest/raw-json';

describe('the fields of an object, as they are written', () => {
  for (const [json, fields] of [
    ['{}', {}],
    ['{"a":1}', { a: '1' }],
    [' { "a" : 1 , "b" : [ 1, {"c": 2} ] } ', { a: '1', b: '[ 1, {"c": 2} ]' }],
    ['{"a":12345678901234567890.10}', { a: '12345678901234567890.10' }],
    ['{"a":"}],{[:\\"\\\\","b":null}', { a: '"}],{[:\\"\\\\"', b: 'null' }],
    ['{"a":{"a":{"a":[]}},"b":true}', { a: '{"a":{"a":[]}}', b: 'true' }],
    ['{"a\\"b":"x","\\u0063":"y"}', { 'a"b': '"x"', c: '"y"' }],
    ['{"a":"\\\\\\\\","b":1}', { a: '"\\\\\\\\"', b: '1' }],
    // Of two with the same name, JSON.parse takes the last as well.
    ['{"a":1,"a":[2]}', { a: '[2]' }],
    ['{"":0,"__proto__":1}', { '': '0', ['__proto__']: '1' }],
  ] as const) {
    it(`are found in ${json}`, () => {
      const found = findFields(json);
      const texts = [...found].map(([name, span]) => [name, json.slice(...span)] as const);
      assert.deepEqual(Object.fromEntries(texts), fields);
      assert.deepEqual([...found.keys()], Object.keys(JSON.parse(json) as object));
    });
  }
});

describe('the items of a list, as they are written', () => {
  for (const [list, items] of [
    ['[]', ''],
    ['[ ]', ''],
    [' [1, 2 ] ', '1, 2'],
    ['[[],{}]', '[],{}'],
  ] as const) {
    it(`are "${items}" of ${list}`, () => {
      assert.equal(list.slice(...findItems(list)), items);
    });
  }
});
