// Why the organization does not confirm that the identity is a member.
import { untrustedText } from '../untrusted-text';
import {
  AZURE_DEVOPS_TABLE,
  checkTenant,
  describeRedirect,
  describeResponse,
  SERVER_ERROR,
  NOT_SERVICES,
  type AzureDevOpsContext,
  type AzureDevOpsProblem,
} from './azure-devops-problems';
import { describeProblem, TaskError, type ProblemTable } from './task-error';

export type OrganizationProblem = AzureDevOpsProblem & AzureDevOpsContext;

export const ORGANIZATION_TABLE: ProblemTable<OrganizationProblem> = {
  ...AZURE_DEVOPS_TABLE,
  'not-services': {
    ...NOT_SERVICES,
    hint: () =>
      'Correct the input organization. The task speaks to Azure DevOps Services: Azure DevOps Server takes no Microsoft Entra token.',
  },
  forbidden: {
    heading: 'The organization does not let the identity in',
    message: describeResponse,
    hint: () =>
      'The organization knows the identity and does not let it in: see the access level and the permissions of the identity there, ' +
      'and the policies of the organization (Organization settings > Policies).',
  },
  'not-found': {
    heading: 'There is no such organization',
    message: describeResponse,
    hint: () =>
      'See that the organization is written as in its URL (the input organization). To an identity without any permission, what is ' +
      'there can look like this, too.',
  },
  'server-error': {
    ...SERVER_ERROR,
    hint: () =>
      'Azure DevOps may be in trouble, which passes: try again a little later. To do without this question, set the input ' +
      'verifyMembership to false.',
  },
  unexpected: {
    heading: 'The organization answers what the task does not know',
    message: describeResponse,
    hint: () =>
      'The task makes nothing of this answer. See what the server says, and whether something stands in between; the support of Azure ' +
      'DevOps asks for the activity id. To do without this question, set the input verifyMembership to false.',
  },
  redirect: {
    heading: 'The organization redirects elsewhere',
    message: describeRedirect,
    hint: ({ target }) =>
      `The redirect was not followed: the token goes where the step says. If ${untrustedText(target)} is the organization now (it may have ` +
      'been renamed), name it in the input organization, and its host in allowedHosts where that is not of Azure DevOps.',
  },
};

export function organizationError(problem: OrganizationProblem): TaskError {
  const checked = checkTenant(problem);
  const { message, ...description } = describeProblem(checked, ORGANIZATION_TABLE);
  const { organization, url } = problem;
  const attempt = `Asking the organization ${organization} (GET ${url}) whether it knows the identity`;
  return new TaskError(checked, { ...description, message: `${attempt}: ${message}.` });
}
