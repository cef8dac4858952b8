import { isGuid } from '../guid';
import { compileExpression, type Expression, ExpressionError } from '../jmespath';
import { untrustedText } from '../untrusted-text';
import { readMacro } from './macro';
import { INPUT_RANGES } from '../limits';

/** A parsed value, or its problem. The problem follows the name of the input in a message: `clientId` "is …". */
export type Parsed<T> = { readonly value: T } | { readonly problem: string };

const USER_ASSIGNED_IDENTITY =
  /^\/subscriptions\/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\/resourceGroups\/[\p{L}\p{N}_().-]{1,90}\/providers\/Microsoft\.ManagedIdentity\/userAssignedIdentities\/[\w-]{3,128}$/iu;
const [, MAX_LIFETIME_MINUTES] = INPUT_RANGES.minimumLifetimeInMinutes;

export function parseGuid(text: string): Parsed<string> {
  return isGuid(text)
    ? { value: text }
    : refuse(text, 'a GUID such as 01234567-89ab-cdef-0123-456789abcdef');
}

export function parseResourceId(text: string): Parsed<string> {
  return USER_ASSIGNED_IDENTITY.test(text)
    ? { value: text }
    : refuse(
        text,
        'the resource ID of a user-assigned identity, such as ' +
          '/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{name}',
      );
}

/** @returns milliseconds */
export function parseMinutes(text: string): Parsed<number> {
  return /^\d{1,6}$/.test(text) && Number(text) <= MAX_LIFETIME_MINUTES
    ? { value: Number(text) * 60_000 }
    : refuse(text, `a whole number of minutes from 0 to ${MAX_LIFETIME_MINUTES}`);
}

/** A whole number. */
export function parseCount(text: string, least: number, most: number): Parsed<number> {
  const value = /^\d{1,6}$/.test(text) ? Number(text) : -1;
  return value >= least && value <= most
    ? { value }
    : refuse(text, `a whole number from ${least} to ${most}`);
}

/** A number above 0, with or without a fraction. */
export function parseAmount(text: string, most: number): Parsed<number> {
  const value = /^\d{1,6}(?:\.\d{1,6})?$/.test(text) ? Number(text) : 0;
  return value > 0 && value <= most
    ? { value }
    : refuse(text, `a number such as 0.5, above 0 and at most ${most}`);
}

/** One of several values, in any case. */
export function parseChoice<Word extends string>(
  text: string,
  choices: readonly Word[],
): Parsed<Word> {
  const value = choices.find((word) => word.toLowerCase() === text.toLowerCase());
  return value === undefined
    ? refuse(text, new Intl.ListFormat('en', { type: 'disjunction' }).format(choices))
    : { value };
}

/** A version of the REST API. */
export function parseVersion(text: string): Parsed<string> {
  return /^\d{1,2}\.\d{1,2}(?:-preview(?:\.\d{1,2})?)?$/i.test(text)
    ? { value: text }
    : refuse(text, 'a version of the REST API such as 7.1 or 7.1-preview.1');
}

export function parseExpression(text: string): Parsed<Expression> {
  try {
    return { value: compileExpression(text) };
  } catch (error) {
    const reason = error instanceof ExpressionError ? ` (${error.message})` : '';
    return refuse(text, `a JMESPath expression such as value[].name${reason}`);
  }
}

export function parseBoolean(text: string): Parsed<boolean> {
  return /^(?:true|false)$/i.test(text)
    ? { value: text.toLowerCase() === 'true' }
    : refuse(text, 'true or false');
}

/** Describes a macro, `$(variable)`, that the agent did not expand, and says what to do. */
export function describeMissing(variable: string): string {
  return `$(${untrustedText(variable)}), because the pipeline has no such variable. Define the variable, or correct its name.`;
}

/** A longer value comes last, because the summary of a run shows only the beginning of an error. */
const MAX_LEADING_LENGTH = 60;

/** The problem of a value that is not what was expected. */
export function refuse(text: string, expected: string): { readonly problem: string } {
  const variable = readMacro(text);
  if (variable !== undefined) {
    return { problem: `is ${describeMissing(variable)}` };
  }
  const value = describeValue(text);
  return {
    problem:
      value.length > MAX_LEADING_LENGTH
        ? `is not valid. It must be ${expected}. Its value is ${value}.`
        : `is ${value}. It must be ${expected}.`,
  };
}

/**
 * Describes a value in a message. Only a value that needs no change is shown: the agent masks a secret in the wrong input only
 * in its exact form, so a part or a changed form of it would stay visible.
 */
export function describeValue(text: string): string {
  return untrustedText(text) === text ? `"${text}"` : `a value of ${text.length} characters`;
}

/** Whether a status is a success. */
export type IsExpected = (status: number) => boolean;

/** Parses a list of statuses or of classes of statuses: `200,201,404`, `2xx`. */
export function parseStatuses(text: string): Parsed<IsExpected> {
  const items = text.split(',').map((item) => item.trim().toLowerCase());
  // An interim response (1xx) is never the last one.
  return items.every((item) => /^[2-5](?:\d\d|xx)$/.test(item))
    ? {
        value: (status) =>
          items.includes(String(status)) || items.includes(`${Math.floor(status / 100)}xx`),
      }
    : refuse(text, 'a list of statuses such as 200,201,404 or 2xx');
}
