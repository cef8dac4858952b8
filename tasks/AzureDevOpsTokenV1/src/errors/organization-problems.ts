/** The organization that was asked. */
export interface AskedOrganization {
  readonly name: string;
  readonly url: string;
}

/** What an answer says of itself. All but the status is foreign text. */
export interface Answered {
  readonly status: number;
  /** Its body is a web page. */
  readonly isPage: boolean;
  readonly words: string | undefined;
  readonly activityId: string | undefined;
  readonly retryAfter: string | undefined;
  readonly throttledResource: string | undefined;
}

/** Whose token was shown; not the token. */
export interface Bearer {
  readonly clientId: string;
  readonly objectId: string;
  readonly tenantId: string;
}

interface Base {
  readonly organization: AskedOrganization;
  readonly bearer: Bearer;
}

interface WithAnswer extends Base {
  readonly answered: Answered;
}

/** What can stand between a token and the organization. */
export type OrganizationProblem =
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
  | (Base & {
      readonly kind: 'no-answer';
      readonly why: {
        readonly kind: 'connection' | 'certificate' | 'proxy' | 'wait';
        readonly host: string;
        readonly reason: string;
        readonly attempts: number;
        readonly elapsedMs: number;
      };
    });
