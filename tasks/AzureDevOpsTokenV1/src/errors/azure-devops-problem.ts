// What an error says about a request to Azure DevOps and its response.
import type { ConnectionProblem } from './connection-problems';

/** What an error says about a response. All but the status is untrusted text. */
export interface ResponseSummary {
  readonly status: number;
  /** The body is a web page. */
  readonly isPage: boolean;
  readonly serverMessage: string | undefined;
  readonly activityId: string | undefined;
  readonly retryAfter: string | undefined;
  readonly throttledResource: string | undefined;
  /** How much the identity may still request, in units of Azure DevOps. */
  readonly remainingUnits: string | undefined;
}

/** The identity of the token that was sent, as far as it is known. Not the token. */
export interface IdentityDetails {
  readonly clientId: string | undefined;
  readonly objectId: string | undefined;
  readonly tenantId: string | undefined;
  /** The service connection that the token was acquired with. */
  readonly connectionId?: string;
}

/** What a response means that is not a success. */
export type StatusProblemDetails =
  /** The identity is not a member; `other-tenant`: it cannot be one, because the organization belongs to another tenant. */
  | {
      readonly kind: 'unknown-identity' | 'other-tenant';
      /** The tenant of the organization, if the response names it. */
      readonly organizationTenantId?: string | undefined;
      /** The organization treats the identity as an anonymous user. */
      readonly isAnonymous?: boolean;
    }
  | {
      readonly kind: 'redirect';
      /** A URL without its query: untrusted text. */
      readonly target: string;
    }
  /** A server does not accept the URL itself. */
  | {
      readonly kind: 'url-too-long';
      /** In characters. */
      readonly length: number;
      /** Whether it is longer than some server of Azure DevOps supports. */
      readonly isLong: boolean;
    }
  /** A successful response is a web page that is not for signing in. */
  | {
      readonly kind: 'web-page';
      /** Untrusted text. */
      readonly contentType: string;
      /** Whether the URL is that of an API, not of a page of the web portal. */
      readonly isRestAddress: boolean;
    }
  | {
      readonly kind:
        /** A policy in Microsoft Entra blocks the identity. */
        | 'conditional-access'
        | 'forbidden'
        /** A web page that does not come from Azure DevOps. */
        | 'proxy-page'
        | 'server-error'
        | 'not-found'
        /** The server does not belong to Azure DevOps Services. */
        | 'not-services'
        | 'throttled'
        | 'unexpected';
    };

export type StatusProblem = StatusProblemDetails & { readonly summary: ResponseSummary };

/** Why a request to Azure DevOps is not a success. */
export type AzureDevOpsProblem = ConnectionProblem | StatusProblem;

/** How far the polls have come. */
export interface PollProgress {
  readonly polls: number;
  readonly elapsedMs: number;
}

/** What was requested, and with the token of which identity. */
export interface AzureDevOpsContext {
  /** The name of the organization, or the host if there is none. */
  readonly organization: string;
  readonly method: string;
  /** Without its query, which may hold secrets. Untrusted text, because a server can name the URL of a poll or of a page. */
  readonly url: string;
  readonly identityDetails: IdentityDetails;
  /** Absent if the step does not poll. */
  readonly progress?: PollProgress | undefined;
  /** The host that responded, if that is another one. */
  readonly respondedBy?: string | undefined;
}

/** The identity of a token, and nothing more of it. */
export function toIdentityDetails({
  clientId,
  objectId,
  tenantId,
  connectionId,
}: IdentityDetails): IdentityDetails {
  const identityDetails = { clientId, objectId, tenantId };
  return connectionId === undefined ? identityDetails : { ...identityDetails, connectionId };
}
