import { asFields, findText, type Fields } from '../json-object';

/** An error of Microsoft Entra. The message and the correlation ID are untrusted text. */
export interface EntraError {
  /** For example `AADSTS700016`; undefined if the response has no code. */
  readonly code: string | undefined;
  readonly serverMessage: string | undefined;
  readonly correlationId: string | undefined;
  /** Whether the next attempt can succeed although no one changes anything. */
  readonly isPassing: boolean;
}

/**
 * The errors of Microsoft Entra that pass, whatever their HTTP status. A retry of any other code would only delay the error.
 * Microsoft calls these retryable, transient, throttled or timed out, except for the three with a link:
 * https://learn.microsoft.com/entra/identity-platform/reference-error-codes
 */
const PASSING_CODES: ReadonlySet<string> = new Set([
  'AADSTS50033',
  // "Request to External OIDC endpoint failed": https://github.com/Azure/azure-workload-identity/issues/642
  'AADSTS50166',
  // The same: https://github.com/Azure/AKS/issues/4029
  'AADSTS501661',
  'AADSTS90006',
  'AADSTS90012',
  'AADSTS90024',
  // The gateway of Microsoft Entra is overloaded. Not in the table.
  'AADSTS90025',
  'AADSTS90033',
  // As AADSTS50166: https://github.com/Azure/azure-workload-identity/issues/605
  'AADSTS90061',
  'AADSTS90090',
  'AADSTS90091',
]);
/** RFC 6749, 4.1.2.1. */
const PASSING_ERROR = 'temporarily_unavailable';

const CODE = /\bAADSTS\d{4,9}\b/;
const CORRELATION_ID = /\bCorrelation ID: ([0-9a-f-]{36})\b/i;

/**
 * Reads an error response of Microsoft Entra.
 * https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
 */
export function readEntraError(fields: Fields | undefined): EntraError {
  const text = findText(fields, 'error_description');
  // Text of others, such as the name of an application, can be within the message, so only its beginning counts.
  const [start = ''] = text?.trimStart().split(/[\s:]/) ?? [];
  return toEntraError(fields, { text, code: readCode(fields) ?? CODE.exec(start)?.[0] });
}

/**
 * Reads the error of Microsoft Entra in an error response of an identity endpoint: IMDS returns it as `error_description`, App
 * Service within `message`. Undefined if there is none.
 */
export function readRelayedError(fields: Fields | undefined): EntraError | undefined {
  const texts = [
    findText(fields, 'error_description'),
    findText(fields, 'message'),
    findText(asFields(fields?.['error']), 'message'),
  ];
  const text = texts.find((candidate) => candidate !== undefined && CODE.test(candidate));
  const code = CODE.exec(text ?? '')?.[0];
  const error = toEntraError(fields, { text: text ?? texts[0], code });
  return code === undefined && !error.isPassing ? undefined : error;
}

function toEntraError(
  fields: Fields | undefined,
  { text, code }: { readonly text: string | undefined; readonly code: string | undefined },
): EntraError {
  return {
    code,
    // After the message come IDs. The correlation ID is read for itself.
    serverMessage: text?.replace(/\s+Trace ID: .*$/s, ''),
    correlationId: findText(fields, 'correlation_id') ?? CORRELATION_ID.exec(text ?? '')?.[1],
    isPassing: PASSING_CODES.has(code ?? '') || fields?.['error'] === PASSING_ERROR,
  };
}

/** The first of the codes in the response, which are numbers. */
function readCode(fields: Fields | undefined): string | undefined {
  const codes: unknown = fields?.['error_codes'];
  const first: unknown = Array.isArray(codes) ? codes[0] : undefined;
  const code = typeof first === 'number' ? `AADSTS${first}` : '';
  return CODE.exec(code)?.[0];
}
