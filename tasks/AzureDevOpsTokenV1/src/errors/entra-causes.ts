/** Why Microsoft Entra refuses. */
export type EntraCause =
  | 'no-credential'
  | 'unknown-application'
  | 'unknown-tenant'
  | 'disabled-application'
  | 'several-tenants'
  | 'out-of-time'
  | 'entra-busy'
  /** For a reason of which the task knows no more than Microsoft Entra says. */
  | 'entra-refuses';

/** What the codes mean: https://learn.microsoft.com/entra/identity-platform/reference-error-codes */
const CODES: Readonly<Record<string, EntraCause>> = {
  AADSTS70021: 'no-credential',
  AADSTS70025: 'no-credential',
  AADSTS700211: 'no-credential',
  AADSTS700212: 'no-credential',
  AADSTS700213: 'no-credential',
  AADSTS700016: 'unknown-application',
  AADSTS90002: 'unknown-tenant',
  AADSTS900023: 'unknown-tenant',
  AADSTS7000112: 'disabled-application',
  AADSTS70052: 'several-tenants',
  AADSTS700024: 'out-of-time',
};

export function findEntraCause(refusal: {
  readonly status: number;
  readonly code: string | undefined;
}): EntraCause {
  const { status, code = '' } = refusal;
  return CODES[code] ?? (status === 429 || status >= 500 ? 'entra-busy' : 'entra-refuses');
}
