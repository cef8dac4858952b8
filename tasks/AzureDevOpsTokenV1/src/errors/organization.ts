// Why the membership check did not show that the identity is a member.
import { isAzureDevOpsHost } from '../hosts';
import { untrustedText } from '../untrusted-text';
import type {
  AzureDevOpsContext,
  AzureDevOpsProblem,
  ResponseSummary,
} from './azure-devops-problem';
import {
  AZURE_DEVOPS_TABLE,
  checkTenant,
  describePage,
  describeRedirect,
  describeResponse,
  describeSender,
  NOT_SERVICES,
  SERVER_ERROR,
} from './azure-devops-texts';
import { describeSupport } from './support';
import { toTaskError, type ProblemTable, type TaskError } from './task-error';

export type OrganizationProblem = AzureDevOpsProblem & AzureDevOpsContext;

const WITHOUT_CHECK = 'To continue without this check, set the input verifyMembership to false.';

export const ORGANIZATION_TABLE: ProblemTable<OrganizationProblem> = {
  ...AZURE_DEVOPS_TABLE,
  'not-services': {
    ...NOT_SERVICES,
    hint: (problem) => NOT_SERVICES.hint('the input organization', problem),
  },
  'web-page': {
    id: 'organization-web-page',
    heading: 'The address of the organization is a web page',
    conclusion: () =>
      'The response for the organization is a web page, not a response of the REST API.',
    details: describePage,
    hint: () =>
      'Check the spelling of the input organization: it must be the name or the URL of your organization. If it is right, a proxy may have responded: ' +
      'ask its administrator to allow connections to the host of that URL.',
  },
  forbidden: {
    id: 'membership-forbidden',
    heading: 'The organization denies access to the identity',
    conclusion: ({ organization }) => `${organization} denies access to the identity.`,
    details: (problem) => `${describeResponse(problem)} ${describeSender(problem)}`,
    hint: ({ organization }) =>
      `Ask an administrator of ${organization} to check the policies under Organization settings > Policies, and the access level and the permissions of the identity under ` +
      'Organization settings > Users.',
  },
  'not-found': {
    id: 'organization-not-found',
    heading: 'The organization was not found',
    conclusion: ({ organization }) => `The organization ${organization} was not found.`,
    details: describeResponse,
    hint: () =>
      'Set the input organization to the name in the URL of the organization, such as MyOrg in https://dev.azure.com/MyOrg. If the name is right, ' +
      'check that the identity is a member (Organization settings > Users): a missing permission can look the same.',
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
    hint: ({ summary }) => `${describeUnexpectedFix(summary)} ${WITHOUT_CHECK}`,
  },
  redirect: {
    id: 'organization-redirects',
    heading: 'The organization redirects to another address',
    conclusion: ({ organization, target }) =>
      `${organization} redirects to ${untrustedText(target)}, and the task did not follow.`,
    details: describeRedirect,
    hint: ({ target }) =>
      'The token is sent only to the organization that the step names. If the organization was renamed, set the input organization to its ' +
      `new name.${describeNewHost(target)}`,
  },
};

/** An activity ID shows that Azure DevOps responded, not a proxy. */
function describeUnexpectedFix({ serverMessage, activityId }: ResponseSummary): string {
  const setting =
    serverMessage === undefined
      ? ''
      : 'If the server message names an input or a variable of your pipeline, correct it. ';
  const support = describeSupport('activity ID', activityId);
  if (activityId === undefined) {
    return `${setting}A proxy may have responded in place of Azure DevOps: ask its administrator. Otherwise, ${support}.`;
  }
  return setting === ''
    ? `${support.charAt(0).toUpperCase()}${support.slice(1)}.`
    : `${setting}If it does not, ${support}.`;
}

/** What a host outside Azure DevOps needs, as the value of the input. */
function describeNewHost(target: string): string {
  const host = URL.canParse(target) ? new URL(target).host : '';
  return host === '' || isAzureDevOpsHost(host)
    ? ''
    : ` If it moved to ${untrustedText(host)}, and you trust this host with the token, set organization to its new URL, and add ` +
        `this line to allowedHosts: ${untrustedText(host)}`;
}

export function organizationError(problem: OrganizationProblem): TaskError {
  return toTaskError(checkTenant(problem), ORGANIZATION_TABLE);
}
