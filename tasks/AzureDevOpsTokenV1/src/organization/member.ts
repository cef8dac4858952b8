import type { Organization } from '../inputs/task-inputs';

/** An identity as an organization knows it. */
export interface Member {
  readonly organization: Organization;
  /** Foreign text. */
  readonly displayName: string | undefined;
  /** The tenant that the organization is connected to, and with that the tenant of the identity. */
  readonly tenantId?: string | undefined;
}
