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
   * What it selects from a JSON value.
   * @throws {ExpressionError}
   */
  readonly evaluate: (value: unknown) => unknown;
}

/** An expression that is none, or that cannot be evaluated on a value. The message is harmless and one line. */
export class ExpressionError extends Error {
  constructor(error: unknown) {
    // The library names the place and what it expected there; a value, too, which may be foreign, or is missing.
    const text = error instanceof Error ? error.message : 'unknown';
    super(untrustedText(text.replace(/(?:: undefined)?\.?$/, '')));
  }
}

/** @throws {ExpressionError} where it is no expression, or calls a function that there is not */
export function compileExpression(text: string): Expression {
  const syntax = guard(() => compile(text));
  const unknown = findFunctions(syntax).find((name) => !isRegistered(name));
  if (unknown !== undefined) {
    throw new ExpressionError(new Error(`There is no function ${unknown}()`));
  }
  return {
    text,
    evaluate: (value) => {
      const result: unknown = guard(() => TreeInterpreter.search(syntax, value as JSONValue));
      // The library finds what objects of JavaScript inherit, too: in JSON there is no such thing.
      return result === undefined || typeof result === 'function' ? null : result;
    },
  };
}

/** As JMESPath has it: false, null, and what is empty are not true, all else is. */
export function isTrue(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) {
    return Object.keys(value).length > 0;
  }
  return value !== false && value !== null && value !== undefined && value !== '';
}

function guard<T>(run: () => T): T {
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
  // A literal is data, whatever it looks like.
  return type === 'Literal' ? [] : [...own, ...Object.values(node).flatMap(findFunctions)];
}
