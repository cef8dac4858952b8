import type { Clock } from '../clock';
import type { Environment } from '../environment';

/** A token for Azure DevOps and what it says of itself. */
export interface AccessToken {
  readonly token: string;
  readonly expiresOn: Date;
  readonly tenantId: string;
  readonly clientId: string;
  readonly objectId: string;
  /** The Azure resource id of the identity, where the token tells. Foreign text. */
  readonly resourceId?: string;
}

/** The one who asks Azure DevOps for something. */
export interface Identity {
  /** What hands its tokens out, for a reader. */
  readonly source: string;
  /**
   * A token that was checked and lives for some minutes more: a new one when the last is about to expire.
   * @throws {IdentityFailure}
   */
  getToken(): Promise<AccessToken>;
}

/** What surrounds the identity. */
export interface IdentityWorld {
  readonly clock: Clock;
  readonly environment: Environment;
  /** Called with each token before anything else can see it. */
  readonly protect: (token: string) => void;
  /** Called with a sentence when a request is about to be repeated. */
  readonly tell: (line: string) => void;
}
