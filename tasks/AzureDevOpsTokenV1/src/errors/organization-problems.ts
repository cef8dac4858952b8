import type { IdentityDetails, AzureDevOpsProblem } from './happening';

/** The organization that was asked. */
export interface RequestedOrganization {
  readonly name: string;
  readonly url: string;
}

/** What can stand between a token and the organization. */
export type OrganizationProblem = AzureDevOpsProblem & {
  readonly organization: RequestedOrganization;
  readonly identityDetails: IdentityDetails;
};
