/** The identity that the step asked for, absent where it named none. */
export interface RequestedId {
  readonly input: string;
  readonly value: string;
}

/** What can stand between the step and its token. `endpoint` is an origin, `status` an HTTP status. */
export type IdentityProblem =
  | {
      readonly kind: 'no-endpoint';
      readonly endpoint: string;
      /** For example `connection refused (ECONNREFUSED)`. */
      readonly reason: string;
      readonly attempts: number;
      readonly elapsedMs: number;
      readonly isContainerJob: boolean;
    }
  | {
      readonly kind: 'identity-not-found';
      readonly endpoint: string;
      readonly requested: RequestedId | undefined;
      readonly serverMessage: string;
      readonly isContainerJob: boolean;
    }
  | {
      readonly kind: 'several-identities';
      readonly endpoint: string;
      readonly serverMessage: string;
    }
  | {
      readonly kind: 'endpoint-refuses';
      readonly endpoint: string;
      readonly status: number;
      /** The words of the identity service; only where it is known to be the one that answered. */
      readonly serverMessage: string | undefined;
    }
  | {
      readonly kind: 'not-a-token';
      readonly endpoint: string;
      /** Undefined where what came was no HTTP. */
      readonly status: number | undefined;
      readonly reason: string;
    }
  | {
      readonly kind: 'endpoint-busy';
      readonly endpoint: string;
      readonly reason: string;
      readonly attempts: number;
      readonly elapsedMs: number;
      readonly retryAfterMs: number | undefined;
    }
  | {
      readonly kind: 'expires-soon';
      readonly expiresOn: Date;
      readonly now: Date;
      readonly minimumLifetimeMs: number;
    }
  | {
      readonly kind: 'wrong-audience';
      readonly endpoint: string;
      readonly expected: string;
      readonly actual: string;
    }
  | { readonly kind: 'no-expiry'; readonly endpoint: string }
  | { readonly kind: 'wrong-identity'; readonly requested: RequestedId; readonly actual: string }
  | {
      readonly kind: 'unsupported-id';
      /** What hands out the tokens of this machine. */
      readonly source: string;
      readonly requested: RequestedId;
      /** The inputs that it takes. */
      readonly ids: readonly string[];
    }
  | {
      readonly kind: 'challenge';
      readonly endpoint: string;
      /** Of a file; foreign text. */
      readonly path: string;
      readonly reason: string;
    }
  | { readonly kind: 'foreign-endpoint'; readonly source: string; readonly host: string }
  | {
      readonly kind: 'pod-without-id';
      readonly variable: string;
      /** A variable of the pipeline stands in its place. */
      readonly isHidden: boolean;
    }
  | {
      readonly kind: 'library';
      readonly name: string;
      readonly requested: RequestedId | undefined;
    };
