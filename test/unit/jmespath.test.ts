import assert from 'node:assert/strict';
import {
  compileExpression,
  ExpressionError,
  isTrue,
} from '../../tasks/AzureDevOpsTokenV1/src/jmespath';

const DATA = {
  value: [
    { name: 'app', size: 2 },
    { name: 'library', size: 1 },
  ],
  count: 2,
};

describe('an expression', () => {
  for (const [text, expected] of [
    ['value[].name', ['app', 'library']],
    ["value[?name == 'app'] | [0].size", 2],
    ['length(value)', 2],
    ['sort_by(value, &size)[0].name', 'library'],
    ['missing', null],
    ['constructor', null],
    ['value[0].toString', null],
    ['{ n: count, first: value[0].name }', { n: 2, first: 'app' }],
    ["'text'", 'text'],
    ['@', DATA],
  ] as const) {
    it(`${text} selects ${JSON.stringify(expected)}`, () => {
      const expression = compileExpression(text);
      assert.equal(expression.text, text);
      assert.deepEqual(expression.evaluate(DATA), expected);
    });
  }

  for (const [text, reason] of [
    ['value[', /expected Star, got: EOF/],
    ['`', /invalid format for a JSON literal$/],
    ['', /invalid token/],
    ['nothing(@)', /^There is no function nothing\(\)$/],
    ['value[?nothing(name)].{ a: length(@) }', /^There is no function nothing\(\)$/],
    ['#', /./],
  ] as const) {
    it(`${text} is none`, () => {
      assert.throws(
        () => compileExpression(text),
        (error) => error instanceof ExpressionError && reason.test(error.message),
      );
    });
  }

  it('may have a literal that looks like a function', () => {
    const { evaluate } = compileExpression('`{"type":"Function","name":"x"}`');
    assert.deepEqual(evaluate({}), { type: 'Function', name: 'x' });
  });

  it('that does not fit its value says why, in one harmless line', () => {
    const { evaluate } = compileExpression('length(count)');
    assert.throws(() => evaluate(DATA), {
      message: /^Invalid type: length\(\) expected argument 1 to be type .* instead$/,
    });
    const hostile = compileExpression('to_number(@) | sum([@])');
    assert.throws(
      () => hostile.evaluate('##vso[task.complete]'),
      (error) => error instanceof ExpressionError && !error.message.includes('##'),
    );
  });
});

describe('the truth of JMESPath', () => {
  for (const value of [false, null, undefined, '', [], {}]) {
    it(`is not in ${JSON.stringify(value)}`, () => {
      assert.equal(isTrue(value), false);
    });
  }

  for (const value of [true, 0, 'false', [null], { a: null }]) {
    it(`is in ${JSON.stringify(value)}`, () => {
      assert.equal(isTrue(value), true);
    });
  }
});
