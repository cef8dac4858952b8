import type { Bearer, AzureDevOpsProblem } from './happening';

/** The organization that was asked. */
export interface AskedOrganization {
  readonly name: string;
  readonly url: string;
}

/** What can stand between a token and the organization. */
export type OrganizationProblem = AzureDevOpsProblem & {
  readonly organization: AskedOrganization;
  readonly bearer: Bearer;
};
