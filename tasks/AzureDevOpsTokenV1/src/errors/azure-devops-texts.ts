// What the membership check and a REST call share: both send a token to Azure DevOps.
import { describeProgress } from '../duration';
import { isAzureDevOpsHost } from '../hosts';
import { untrustedText } from '../untrusted-text';
import { connectionTable, THROTTLED } from './connection-problems';
import { ADD_USERS } from './menu-paths';
import { describeLimit, describeThrottling, describeThrottlingFix } from './throttling';
import type { AzureDevOpsContext, IdentityDetails, ResponseSummary } from './azure-devops-problem';

interface WithSummary extends AzureDevOpsContext {
  readonly summary: ResponseSummary;
}
interface TenantDetails {
  readonly identityDetails: IdentityDetails;
  /** Of the organization, if the response names it. */
  readonly organizationTenantId?: string | undefined;
}
interface UrlProblem extends WithSummary {
  readonly length: number;
  readonly isLong: boolean;
}
interface UnknownIdentityProblem extends TenantDetails, WithSummary {
  readonly isAnonymous?: boolean;
}

/** The texts that the membership check and a REST call share. */
export const AZURE_DEVOPS_TABLE = {
  ...connectionTable((problem: AzureDevOpsContext) => describeRequest(problem)),
  'unknown-identity': {
    id: 'not-a-member',
    heading: 'The identity is not a member of the organization',
    conclusion: ({ organization, identityDetails }: UnknownIdentityProblem) =>
      `${describeOwner(identityDetails)} is not a member of ${organization}.`,
    details: describeUnknownIdentity,
    hint: describeMembership,
  },
  'other-tenant': {
    id: 'other-tenant',
    heading: 'The organization belongs to another tenant',
    conclusion: ({ organization, organizationTenantId }: UnknownIdentityProblem) =>
      organizationTenantId === NO_TENANT
        ? `${organization} is not connected to a Microsoft Entra tenant, so it cannot have this identity as a member.`
        : `${organization} belongs to another Microsoft Entra tenant than the identity, so the identity cannot be added to ${organization}.`,
    details: (problem: UnknownIdentityProblem) =>
      describeUnknownIdentity(problem) + describeTenants(problem),
    hint: describeTenantFix,
  },
  'conditional-access': {
    id: 'conditional-access',
    heading: 'A Conditional Access policy blocks the identity',
    conclusion: ({ organization }: WithSummary) =>
      `A Conditional Access policy in Microsoft Entra blocks the identity in ${organization}.`,
    details: describeResponse,
    hint: () =>
      'Ask an administrator of Microsoft Entra to change this policy. In the Microsoft Entra admin center, open Entra ID > Conditional Access > Policies. ' +
      "Find the policy that includes Azure DevOps or all resources. Exclude the identity, or add the agent's public IP address to the locations that the policy allows.",
  },
  'url-too-long': {
    id: 'url-too-long',
    heading: 'The URL is too long',
    conclusion: ({ length, isLong }: UrlProblem) =>
      isLong
        ? `The URL is too long for Azure DevOps: it has ${length.toLocaleString('en')} characters.`
        : 'Azure DevOps does not accept the URL: it is too long, or a part of it is not valid.',
    details: describeResponse,
    hint: ({ isLong }: UrlProblem) =>
      (isLong
        ? ''
        : 'Escape special characters in url (% as %25), and keep each part of the path under 260 characters. ') +
      'Request fewer items at once, or send the IDs in the body of a POST: to _apis/wit/workitemsbatch for work items, to ' +
      '_odata/v4.0-preview/$batch for Analytics.',
  },
  throttled: {
    ...THROTTLED,
    conclusion: ({ summary }: WithSummary) => describeThrottling(summary),
    details: (problem: WithSummary) => describeResponse(problem) + describeLimit(problem.summary),
    hint: ({ summary }: WithSummary) => describeThrottlingFix(summary),
  },
  'proxy-page': {
    id: 'page-from-another-server',
    heading: 'A proxy or a firewall responds in place of Azure DevOps',
    conclusion: () =>
      'A web page was returned that does not look like one of Azure DevOps: a proxy or a firewall probably responded.',
    details: describeResponse,
    hint: ({ url }: WithSummary) =>
      `Ask the administrator of the proxy or the firewall to allow connections from the agent machine to ${new URL(url).host}.`,
  },
} as const;

/** Texts whose hint differs. */
export const SERVER_ERROR = {
  id: 'azure-devops-error',
  heading: 'Azure DevOps returned a server error',
  conclusion: ({ organization, summary }: WithSummary) =>
    `Azure DevOps failed with a server error (${summary.status}) for ${organization}.`,
  details: describeResponse,
};
export const NOT_SERVICES = {
  id: 'not-azure-devops-services',
  heading: 'The server is not Azure DevOps Services',
  conclusion: (problem: WithSummary) =>
    `The response of ${findHost(problem)} does not look like one of Azure DevOps Services.`,
  details: describeResponse,
  hint: (input: string, problem: WithSummary) => {
    const host = findHost(problem);
    const server =
      `If this is an Azure DevOps Server, set ${input} to an address of Azure DevOps Services, such as https://dev.azure.com/MyOrg: only Azure DevOps ` +
      'Services accepts Microsoft Entra tokens. Otherwise, a';
    return `${isAzureDevOpsHost(host) ? 'A' : server} proxy probably responded: ask the administrator of the proxy to allow connections to ${host}.`;
  },
};

/** The host that responded. */
function findHost({ url, respondedBy }: AzureDevOpsContext): string {
  return untrustedText(respondedBy ?? new URL(url).host);
}

/** The request, for example `GET https://dev.azure.com/MyOrg/_apis/x (poll 2 after 10 s)`. */
export function describeRequest({
  method,
  url,
  respondedBy,
  progress,
}: AzureDevOpsContext): string {
  const by = respondedBy === undefined ? '' : ` (redirected to ${untrustedText(respondedBy)})`;
  const poll = progress === undefined ? '' : ` (${describeProgress(progress)})`;
  return `${method} ${untrustedText(url)}${by}${poll}`;
}

/** What a response that cannot be used was a response to. */
export function describeSentRequest(problem: AzureDevOpsContext): string {
  return `The request was ${describeRequest(problem)}.`;
}

/** The request and its response: `GET https://… returned 403 ("…"; activity ID …).` */
export function describeResponse(problem: WithSummary): string {
  return `${describeReturned(problem)}${describeDetails(problem.summary)}.`;
}

/** The request and its response, with the content type of a web page. */
export function describePage(problem: WithSummary & { readonly contentType: string }): string {
  return `${describeResponse(problem)} The content type is ${untrustedText(problem.contentType)}.`;
}

export function describeRedirect(problem: WithSummary & { readonly target: string }): string {
  const target = ` and a redirect to ${untrustedText(problem.target)}`;
  return `${describeReturned(problem)}${target}${describeDetails(problem.summary)}.`;
}

function describeReturned(problem: WithSummary): string {
  return `${describeRequest(problem)} returned ${problem.summary.status}`;
}

/** In parentheses: the server message, and what Microsoft support needs. */
function describeDetails(summary: ResponseSummary): string {
  const { serverMessage, activityId, retryAfter, throttledResource, remainingUnits } = summary;
  const details = [
    serverMessage === undefined ? '' : `"${untrustedText(serverMessage)}"`,
    retryAfter === undefined ? '' : describeRetryAfter(retryAfter),
    throttledResource === undefined ? '' : `resource ${untrustedText(throttledResource)}`,
    remainingUnits === undefined ? '' : `X-RateLimit-Remaining ${untrustedText(remainingUnits)}`,
    activityId === undefined ? '' : `activity ID ${untrustedText(activityId)}`,
  ].filter((detail) => detail !== '');
  return details.length === 0 ? '' : ` (${details.join('; ')})`;
}

/** A number of seconds, or a date. */
function describeRetryAfter(value: string): string {
  return `Retry-After ${untrustedText(value)}${/^\d+$/.test(value) ? ' s' : ''}`;
}

/** Tells an identity of another tenant, which cannot be a member, from one that is not a member yet. */
export function checkTenant<P extends AzureDevOpsContext & { readonly kind: string }>(
  problem: P,
): P {
  return problem.kind === 'unknown-identity' && isOfOtherTenant(problem)
    ? { ...problem, kind: 'other-tenant' }
    : problem;
}

/** The tenant ID of an organization that is not connected to a tenant. */
const NO_TENANT = '00000000-0000-0000-0000-000000000000';

function isOfOtherTenant({ identityDetails, organizationTenantId }: TenantDetails): boolean {
  const { tenantId } = identityDetails;
  return (
    organizationTenantId === NO_TENANT ||
    (organizationTenantId !== undefined &&
      tenantId !== undefined &&
      organizationTenantId.toLowerCase() !== tenantId.toLowerCase())
  );
}

function describeUnknownIdentity(problem: UnknownIdentityProblem): string {
  const { isAnonymous, summary, identityDetails } = problem;
  const isPage = summary.status !== 401 && summary.serverMessage === undefined;
  const meaning =
    isAnonymous === true
      ? ', but for an anonymous user in place of the identity'
      : isPage
        ? ' and a sign-in page'
        : '';
  return `${describeReturned(problem)}${meaning}${describeDetails(summary)}. ${describeIds(identityDetails)}`;
}

/** The identity, as short as a conclusion needs it. */
function describeOwner({ connectionId }: IdentityDetails): string {
  return connectionId === undefined
    ? 'The identity of this agent'
    : `The identity of the service connection ${connectionId}`;
}

/** The IDs by which an administrator finds the identity. With a service connection, the agent masks the client ID. */
function describeIds({ clientId, objectId, tenantId, connectionId }: IdentityDetails): string {
  const ids = [
    ['client ID', connectionId === undefined ? clientId : undefined],
    ['object ID', objectId],
    ['tenant ID', connectionId === undefined ? undefined : tenantId],
  ].flatMap(([name = '', id]) => (id === undefined ? [] : [`the ${name} ${id}`]));
  if (ids.length > 0) {
    return `The identity has ${new Intl.ListFormat('en').format(ids)}.`;
  }
  return connectionId === undefined
    ? 'The token does not show which identity it belongs to.'
    : 'The token does not show the object ID of that identity.';
}

/** Which identity lacks a permission. */
export function describeSender({ identityDetails }: AzureDevOpsContext): string {
  return `${describeOwner(identityDetails)} sent the request. ${describeIds(identityDetails)}`;
}

/** What to do if the identity is not a member. */
function describeMembership(problem: UnknownIdentityProblem): string {
  return (
    `Ask an administrator of ${problem.organization} to add the identity under ${ADD_USERS}, with an access level that fits its work ` +
    `(Basic for repositories). ${describeOwnTenant(problem)}` +
    'A new member can need some minutes: if the identity was added less than 15 minutes ago, run the job again after that time. ' +
    'If the token is for another organization, set the input organization of this step to the name of that one.'
  );
}

/** For a token whose tenant is not known, so that it cannot be compared. */
function describeOwnTenant({ identityDetails, organizationTenantId }: TenantDetails): string {
  return identityDetails.tenantId !== undefined ||
    organizationTenantId === undefined ||
    organizationTenantId === NO_TENANT
    ? ''
    : `The identity must belong to the tenant ${organizationTenantId}, to which the organization is connected. `;
}

function describeTenants({ identityDetails, organizationTenantId = '' }: TenantDetails): string {
  const { tenantId } = identityDetails;
  const organization = `The organization belongs to the tenant ${organizationTenantId}.`;
  return [
    organizationTenantId === NO_TENANT ? '' : ` ${organization}`,
    tenantId === undefined ? '' : ` The token belongs to the tenant ${tenantId}.`,
  ].join('');
}

function describeTenantFix({
  organization,
  organizationTenantId = '',
  identityDetails,
}: UnknownIdentityProblem): string {
  const other =
    'Or set the input organization of this step to an organization of the tenant of this identity.';
  if (organizationTenantId === NO_TENANT) {
    return `Ask an administrator to connect ${organization} to the tenant of the identity (Organization settings > Microsoft Entra). ${other}`;
  }
  return identityDetails.connectionId === undefined
    ? `Run the job on an agent whose managed identity is in the tenant ${organizationTenantId}, or use a service connection of that tenant ` +
        `(connectionType: azureDevOps). ${other}`
    : `Use a service connection whose identity is in the tenant ${organizationTenantId}. ${other}`;
}
