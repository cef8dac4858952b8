// What the codes of Microsoft Entra mean for a step.

/** Why Microsoft Entra returned an error; `entra-error` is every other code. */
export type EntraErrorKind =
  | 'no-credential'
  | 'wrong-issuer'
  | 'unknown-application'
  | 'unknown-tenant'
  | 'disabled-application'
  | 'several-tenants'
  | 'assertion-expired'
  | 'assertion-unverified'
  | 'issuer-unreachable'
  | 'tenant-policy'
  | 'conditional-access'
  | 'other-cloud-tenant'
  | 'tenant-restrictions'
  | 'no-azure-devops'
  | 'entra-busy'
  | 'entra-error';

/**
 * What the codes mean: https://learn.microsoft.com/entra/identity-platform/reference-error-codes, and for service connections
 * https://learn.microsoft.com/azure/devops/pipelines/release/troubleshoot-workload-identity#error-messages
 */
const CODES: Readonly<Record<EntraErrorKind, readonly number[]>> = {
  'no-credential': [70021, 70025, 700212, 700213],
  'wrong-issuer': [700211],
  'unknown-application': [70001, 700011, 700016],
  'unknown-tenant': [90002, 900023],
  'disabled-application': [7000112],
  'several-tenants': [70052],
  'assertion-expired': [700024],
  'assertion-unverified': [50012, 50013, 50027, 700027, 900384],
  'issuer-unreachable': [50166, 90061, 501661, 900612],
  'tenant-policy': [700223, 700238, 7002381],
  'conditional-access': [50131, 53000, 53001, 53002, 53003, 53011, 530032, 530034, 530035],
  'other-cloud-tenant': [90038, 900382, 900432, 1000104],
  'tenant-restrictions': [50002, 500021, 500022],
  'no-azure-devops': [50001, 500011, 500014],
  'entra-busy': [50196, 90055],
  'entra-error': [],
};
const KINDS: ReadonlyMap<string, EntraErrorKind> = new Map(
  (Object.keys(CODES) as EntraErrorKind[]).flatMap((kind) =>
    CODES[kind].map((code) => [`AADSTS${code}`, kind] as const),
  ),
);
/** The retired issuer of Azure DevOps, which Microsoft Entra names if no federated credential has it. */
const RETIRED_ISSUER = /\bvstoken\.(?:dev\.azure|visualstudio)\.com\b/i;

/** An error response of Microsoft Entra. */
interface EntraErrorResponse {
  readonly status: number;
  /** For example `AADSTS700016`. */
  readonly code?: string | undefined;
  /** Whether it passes although no one changes anything. */
  readonly isPassing?: boolean;
  readonly serverMessage?: string | undefined;
}

export function findEntraErrorKind({
  status,
  code = '',
  isPassing = false,
  serverMessage = '',
}: EntraErrorResponse): EntraErrorKind {
  const kind = KINDS.get(code);
  if (kind === 'no-credential' && RETIRED_ISSUER.test(serverMessage)) {
    return 'wrong-issuer';
  }
  return kind ?? (isPassing || status === 429 || status >= 500 ? 'entra-busy' : 'entra-error');
}
