import type { ClientOptions } from '../http/client';
import type { Organization } from '../inputs/task-inputs';
import type { SignInLimits } from '../limits';

/** A token for Azure DevOps, and what is known about it. */
export interface AccessToken {
  readonly token: string;
  readonly expiresOn: Date;
  readonly tenantId: string | undefined;
  readonly clientId: string | undefined;
  readonly objectId: string | undefined;
  /** Names of the claims that could not be checked, because the token does not have them; 'all' if it cannot be read. */
  readonly uncheckedClaims?: readonly string[] | 'all';
  /** The Azure resource ID of the identity, if the token or the step contains it. Untrusted text. */
  readonly resourceId?: string;
  /** The ID of the service connection that the token is from. */
  readonly connectionId?: string;
}

/** The identity as which the step sends requests to Azure DevOps. */
export interface Identity extends TokenOrigin {
  /**
   * Returns a checked token that is valid for some more minutes. It is a new one if the last one is about to expire.
   * @throws {TaskError}
   */
  getToken(): Promise<AccessToken>;
}

/** The origin of a token for the log: "Got a token from {source} as the {identityName}". */
export interface TokenOrigin {
  readonly source: string;
  readonly identityName: string;
}

/** What getting a token needs. */
export interface IdentityContext extends ClientOptions {
  /** Called with each token before anything else can see it. */
  readonly maskToken: (token: string) => void;
  /** Absent: those of a step. */
  readonly limits?: SignInLimits | undefined;
}

/** A source of tokens. */
export interface TokenSource extends TokenOrigin {
  /**
   * Acquires a token and checks it. The libraries can return a cached one.
   * @throws {TaskError}
   */
  readonly acquire: () => Promise<AccessToken>;
}

/** An identity as a member of an organization. */
export interface Member {
  readonly organization: Organization;
  /** Untrusted text. */
  readonly displayName: string | undefined;
  /** The tenant that the organization is connected to. It is also the tenant of the identity. */
  readonly tenantId?: string | undefined;
}
