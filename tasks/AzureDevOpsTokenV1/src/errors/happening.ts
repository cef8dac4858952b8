/** What an answer says of itself. All but the status is foreign text. */
export interface ResponseSummary {
  readonly status: number;
  /** Its body is a web page. */
  readonly isPage: boolean;
  readonly serverMessage: string | undefined;
  readonly activityId: string | undefined;
  readonly retryAfter: string | undefined;
  readonly throttledResource: string | undefined;
}

interface WithAnswer {
  readonly summary: ResponseSummary;
}

/** What can happen between a token and Azure DevOps. */
export type AzureDevOpsProblem =
  | (WithAnswer & {
      readonly kind: 'unknown-identity';
      /** The tenant of the organization, where the answer tells. */
      readonly organizationTenantId?: string | undefined;
      /** It was let in as somebody unknown. */
      readonly isAnonymous?: boolean;
    })
  | (WithAnswer & { readonly kind: 'not-services' })
  | (WithAnswer & { readonly kind: 'forbidden' })
  | (WithAnswer & { readonly kind: 'not-found' })
  | (WithAnswer & { readonly kind: 'throttled' })
  | (WithAnswer & { readonly kind: 'in-trouble' })
  | (WithAnswer & { readonly kind: 'foreign-page' })
  | (WithAnswer & { readonly kind: 'unexpected' })
  | (WithAnswer & {
      readonly kind: 'redirect';
      /** A URL without its query: foreign text. */
      readonly target: string;
    })
  | {
      readonly kind: 'no-answer';
      readonly why: {
        readonly kind: 'connection' | 'certificate' | 'proxy' | 'wait';
        readonly host: string;
        readonly reason: string;
        readonly source?: 'agent' | 'environment' | undefined;
        readonly attempts: number;
        readonly elapsedMs: number;
      };
    };

/** Whose token was shown, as far as it is known; not the token. */
export interface IdentityDetails {
  readonly clientId: string | undefined;
  readonly objectId: string | undefined;
  readonly tenantId: string | undefined;
  /** The service connection by which it was got. */
  readonly connectionId?: string;
}

/** Of a token, whose it is, and nothing more. */
export function toIdentityDetails({
  clientId,
  objectId,
  tenantId,
  connectionId,
}: IdentityDetails): IdentityDetails {
  const identityDetails = { clientId, objectId, tenantId };
  return connectionId === undefined ? identityDetails : { ...identityDetails, connectionId };
}
