import {
  compile,
  isRegistered,
  TreeInterpreter,
  type JSONValue,
} from '@jmespath-community/jmespath';
import { untrustedText } from './untrusted-text';

/** A JMESPath expression. */
export interface Expression {
  readonly text: string;
  /**
   * Returns what the expression selects from a JSON value.
   * @throws {ExpressionError} if it cannot be evaluated on this value
   */
  readonly evaluate: (value: unknown) => unknown;
}

/** An expression cannot be parsed, or cannot be evaluated on a value. The message is one line of safe text. */
export class ExpressionError extends Error {
  constructor(error: unknown) {
    // The message of the library names the position, what was expected, and the value found: untrusted text, or `undefined`.
    const text = error instanceof Error ? error.message : 'unknown';
    super(untrustedText(text.replace(/(?:: undefined)?\.?$/, '')));
  }
}

/** @throws {ExpressionError} if the text is not an expression, or calls an unknown function */
export function compileExpression(text: string): Expression {
  const syntax = wrapErrors(() => compile(text));
  const unknown = findFunctions(syntax).find((name) => !isRegistered(name));
  if (unknown !== undefined) {
    throw new ExpressionError(new Error(`There is no function ${unknown}()`));
  }
  return {
    text,
    evaluate: (value) => {
      const result: unknown = wrapErrors(() => TreeInterpreter.search(syntax, value as JSONValue));
      // The library also finds the inherited properties of JavaScript objects, which JSON does not have.
      return result === undefined || typeof result === 'function' ? null : result;
    },
  };
}

/** Whether a value is true for JMESPath: everything except false, null, and empty strings, lists and objects. */
export function isTrue(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) {
    return Object.keys(value).length > 0;
  }
  return value !== false && value !== null && value !== undefined && value !== '';
}

function wrapErrors<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw new ExpressionError(error);
  }
}

function findFunctions(node: unknown): readonly string[] {
  if (typeof node !== 'object' || node === null) {
    return [];
  }
  const { type, name } = node as { type?: unknown; name?: unknown };
  const own = type === 'Function' && typeof name === 'string' ? [name] : [];
  // A literal is data, even if it looks like the syntax tree of a function.
  return type === 'Literal' ? [] : [...own, ...Object.values(node).flatMap(findFunctions)];
}
