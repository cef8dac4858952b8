import type { AzureDevOpsProblem } from './happening';

/** Who asks Microsoft Entra for a token, with the word of somebody who vouches for it. */
export type Requester =
  | {
      /** A job, by a service connection. */
      readonly kind: 'connection';
      readonly input: string;
      readonly id: string;
      readonly tenantId: string;
    }
  | {
      /** A pod, by the token of its service account. */
      readonly kind: 'workload';
      readonly tenantId: string;
      readonly clientId: string;
    };

/** What can stand between the party and its token. */
export type EntraProblemDetails =
  /** Azure DevOps does not vouch for the job. Of its answer nothing is kept: it can hold what is shown to Microsoft Entra. */
  | {
      readonly kind: 'not-vouched';
      readonly host: string;
      readonly status: number;
      /** Foreign text. */
      readonly activityId: string | undefined;
    }
  | {
      readonly kind: 'entra-refuses';
      readonly status: number;
      /** For example `AADSTS700016`; the words begin with it. */
      readonly code: string | undefined;
      /** Foreign text, like the next. */
      readonly serverMessage: string | undefined;
      readonly correlationId: string | undefined;
    }
  | {
      readonly kind: 'no-token';
      readonly host: string;
      readonly status: number;
      /** What came instead. */
      readonly reason: string;
    }
  | {
      readonly kind: 'no-answer';
      readonly why: Extract<AzureDevOpsProblem, { kind: 'no-answer' }>['why'];
    }
  | { readonly kind: 'elsewhere'; readonly host: string }
  /** The token that came is of another application, or of another tenant. */
  | {
      readonly kind: 'wrong-token';
      readonly what: 'client id' | 'tenant';
      readonly expected: string;
      readonly actual: string;
    }
  | { readonly kind: 'token-file'; readonly reason: string }
  | { readonly kind: 'library'; readonly name: string };

export type FederationProblem = EntraProblemDetails & { readonly requester: Requester };
