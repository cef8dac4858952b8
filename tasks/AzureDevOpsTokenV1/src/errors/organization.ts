// Why the membership check did not show that the identity is a member.
import { untrustedText } from '../untrusted-text';
import type {
  AzureDevOpsContext,
  AzureDevOpsProblem,
  ResponseSummary,
} from './azure-devops-context';
import {
  AZURE_DEVOPS_TABLE,
  checkTenant,
  describePage,
  describeRedirect,
  describeResponse,
  NOT_SERVICES,
  SERVER_ERROR,
} from './azure-devops-problems';
import { describeSupport } from './support';
import { toTaskError, type ProblemTable, type TaskError } from './task-error';

export type OrganizationProblem = AzureDevOpsProblem & AzureDevOpsContext;

const WITHOUT_CHECK = 'To continue without this check, set the input verifyMembership to false.';

export const ORGANIZATION_TABLE: ProblemTable<OrganizationProblem> = {
  ...AZURE_DEVOPS_TABLE,
  'not-services': { ...NOT_SERVICES, hint: () => NOT_SERVICES.hint('the input organization') },
  'web-page': {
    id: 'organization-web-page',
    heading: 'The address of the organization is a web page',
    conclusion: () => 'The address of the organization is a web page, not the REST API.',
    details: describePage,
    hint: () =>
      'Check the spelling of the input organization: it must be the name or the URL of your organization. Check also whether a proxy responded.',
  },
  forbidden: {
    id: 'membership-forbidden',
    heading: 'The organization denies access to the identity',
    conclusion: ({ organization }) => `${organization} denies access to the identity.`,
    details: describeResponse,
    hint: ({ organization }) =>
      `Check the access level and the permissions of the identity under Organization settings > Users of ${organization}, and the policies ` +
      'under Organization settings > Policies.',
  },
  'not-found': {
    id: 'organization-not-found',
    heading: 'The organization was not found',
    conclusion: ({ organization }) => `The organization ${organization} was not found.`,
    details: describeResponse,
    hint: () =>
      'Set the input organization to the name in the URL of the organization. If the name is right, the identity may have no permission ' +
      'there, which can look the same.',
  },
  'server-error': {
    ...SERVER_ERROR,
    hint: () => `Run the job again in a few minutes. ${WITHOUT_CHECK}`,
  },
  unexpected: {
    id: 'unexpected-membership-response',
    heading: 'The membership check returned an unexpected status',
    conclusion: ({ organization, summary }) =>
      `The membership check in ${organization} returned the unexpected status ${summary.status}.`,
    details: describeResponse,
    hint: ({ summary }) => `${WITHOUT_CHECK} ${describeUnexpectedFix(summary)}`,
  },
  redirect: {
    id: 'organization-redirects',
    heading: 'The organization redirects to another address',
    conclusion: ({ organization, target }) =>
      `${organization} redirects to ${untrustedText(target)}, and the task did not follow.`,
    details: describeRedirect,
    hint: () =>
      'The token is sent only to the organization that the step names. If the organization was renamed, set the input organization to its ' +
      'new name. If you know the new host and trust it with the token, add it to allowedHosts.',
  },
};

/** An activity ID shows that Azure DevOps responded, not a proxy. */
function describeUnexpectedFix({ serverMessage, activityId }: ResponseSummary): string {
  const setting =
    serverMessage === undefined ? '' : 'If the server message names a setting, correct it. ';
  const support = describeSupport('activity ID', activityId);
  if (activityId === undefined) {
    return `${setting}Check whether a proxy responded in place of Azure DevOps: ask its administrator. Otherwise, ${support}.`;
  }
  return setting === '' ? `Otherwise, ${support}.` : `${setting}If it does not, ${support}.`;
}

export function organizationError(problem: OrganizationProblem): TaskError {
  return toTaskError(checkTenant(problem), ORGANIZATION_TABLE);
}
