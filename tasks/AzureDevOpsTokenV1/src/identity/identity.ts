import type { Clock } from '../clock';
import type { Environment } from '../environment';
import type { Organization } from '../inputs/task-inputs';
import type { NetworkSettings } from '../http/network-settings';

/** A token for Azure DevOps, and what is known of it. */
export interface AccessToken {
  readonly token: string;
  readonly expiresOn: Date;
  readonly tenantId: string | undefined;
  readonly clientId: string | undefined;
  readonly objectId: string | undefined;
  /** Names of the claims that could not be checked, because the token does not have them; 'all' if it cannot be read. */
  readonly unread?: readonly string[] | 'all';
  /** The Azure resource id of the identity, where the token or the step tells. Foreign text. */
  readonly resourceId?: string;
  /** The id of the service connection by which it was got. */
  readonly connectionId?: string;
}

/** A token that may not say of which tenant it is, once the organization that accepts it has said so. */
export function withTenant(token: AccessToken, tenantId: string | undefined): AccessToken {
  return { ...token, tenantId: token.tenantId ?? tenantId };
}

/** The one who asks Azure DevOps for something. */
export interface Identity extends TokenOrigin {
  /**
   * A token that was checked and lives for some minutes more: a new one when the last is about to expire.
   * @throws {Failure}
   */
  getToken(): Promise<AccessToken>;
}

/** What hands tokens out, for a reader: "Got a token from {source} as the {holder}". */
export interface TokenOrigin {
  readonly source: string;
  readonly identityName: string;
}

/** What surrounds the identity. */
export interface IdentityContext {
  readonly clock: Clock;
  readonly environment: Environment;
  /** What the agent says of the network. */
  readonly network?: NetworkSettings | undefined;
  /** Hosts outside Azure DevOps that may get a token. */
  readonly allowedHosts: readonly string[];
  /** Called with each token before anything else can see it. */
  readonly maskToken: (token: string) => void;
  /** Called with a sentence when a request is about to be repeated. */
  readonly log: (line: string) => void;
}

/** What tokens come from. */
export interface TokenSource extends TokenOrigin {
  /**
   * Asks for a token, and checks it; the libraries may hand out one that they have.
   * @throws {Failure}
   */
  readonly acquire: () => Promise<AccessToken>;
}

/** An identity as an organization knows it. */
export interface Member {
  readonly organization: Organization;
  /** Foreign text. */
  readonly displayName: string | undefined;
  /** The tenant that the organization is connected to, and with that the tenant of the identity. */
  readonly tenantId?: string | undefined;
}
