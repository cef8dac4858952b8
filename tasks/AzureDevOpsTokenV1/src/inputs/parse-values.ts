import { quoteForeign } from '../server-text';

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const USER_ASSIGNED_IDENTITY =
  /^\/subscriptions\/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\/resourceGroups\/[\p{L}\p{N}_().-]{1,90}\/providers\/Microsoft\.ManagedIdentity\/userAssignedIdentities\/[\w-]{3,128}$/iu;
const LONGEST_LIFETIME_IN_MINUTES = 1440;

/** The problem with a value, said after the name of its input: "clientId is …". */
export class ValueProblem extends Error {}

export function parseGuid(text: string): string {
  if (!GUID.test(text)) {
    throw new ValueProblem(
      `is ${describeValue(text)}, not a GUID such as 01234567-89ab-cdef-0123-456789abcdef`,
    );
  }
  return text;
}

export function parseResourceId(text: string): string {
  if (!USER_ASSIGNED_IDENTITY.test(text)) {
    throw new ValueProblem(
      `is ${describeValue(text)}, not the resource id of a user-assigned identity: ` +
        '/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{name}',
    );
  }
  return text;
}

/** @returns milliseconds */
export function parseMinutes(text: string): number {
  const minutes = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
  if (!(minutes <= LONGEST_LIFETIME_IN_MINUTES)) {
    throw new ValueProblem(
      `is ${describeValue(text)}, not a whole number of minutes from 0 to ${LONGEST_LIFETIME_IN_MINUTES}`,
    );
  }
  return minutes * 60_000;
}

/**
 * A value for a message. Only one that can be shown as it is: a secret that was put into the wrong input is masked by
 * the agent letter by letter, and a part of it, or a changed form, would escape the mask.
 */
export function describeValue(text: string): string {
  return quoteForeign(text) === text ? `"${text}"` : `a value of ${text.length} characters`;
}
