import type { AccessToken, Grantor } from './identity';

/** What tokens come from. */
export interface TokenSource extends Grantor {
  /**
   * Asks for a token, and checks it; the libraries may hand out one that they have.
   * @throws {Failure}
   */
  readonly acquire: () => Promise<AccessToken>;
}
