// What the organization and a REST call share: both send a token to Azure DevOps.
import { untrustedText } from '../untrusted-text';
import {
  CONNECTION_TABLE,
  THROTTLED_HINT,
  WAIT_HEADING,
  type ConnectionProblem,
} from './connection-problems';

/** What a response says of itself. All but the status is untrusted text. */
export interface ResponseSummary {
  readonly status: number;
  /** Its body is a web page. */
  readonly isPage: boolean;
  readonly serverMessage: string | undefined;
  readonly activityId: string | undefined;
  readonly retryAfter: string | undefined;
  readonly throttledResource: string | undefined;
}

/** Whose token was sent, as far as it is known; not the token. */
export interface IdentityDetails {
  readonly clientId: string | undefined;
  readonly objectId: string | undefined;
  readonly tenantId: string | undefined;
  /** The service connection by which it was got. */
  readonly connectionId?: string;
}

/** What a response means that is no success. */
export type StatusProblemDetails =
  /** Azure DevOps does not know the identity; `other-tenant`: it cannot, because the organization belongs to another tenant. */
  | {
      readonly kind: 'unknown-identity' | 'other-tenant';
      /** The tenant of the organization, if the response names it. */
      readonly organizationTenantId?: string | undefined;
      /** The organization treats the identity as an anonymous user. */
      readonly isAnonymous?: boolean;
    }
  | {
      readonly kind: 'redirect';
      /** A URL without its query: untrusted text. */
      readonly target: string;
    }
  | {
      readonly kind:
        | 'forbidden'
        /** A web page that is not of Azure DevOps. */
        | 'proxy-page'
        | 'server-error'
        | 'not-found'
        /** The server is not of Azure DevOps Services. */
        | 'not-services'
        | 'throttled'
        | 'unexpected';
    };

export type StatusProblem = StatusProblemDetails & { readonly summary: ResponseSummary };

/** Why a request to Azure DevOps is no success. */
export type AzureDevOpsProblem = ConnectionProblem | StatusProblem;

/** What was requested, and of whom the token was. */
export interface AzureDevOpsContext {
  /** The name of the organization, or the host if there is none. */
  readonly organization: string;
  /** Without its query, which may hold secrets. */
  readonly url: string;
  readonly identityDetails: IdentityDetails;
}

/** Of a token, whose it is, and nothing more. */
export function toIdentityDetails({
  clientId,
  objectId,
  tenantId,
  connectionId,
}: IdentityDetails): IdentityDetails {
  const identityDetails = { clientId, objectId, tenantId };
  return connectionId === undefined ? identityDetails : { ...identityDetails, connectionId };
}

interface WithSummary {
  readonly summary: ResponseSummary;
}
interface TenantDetails {
  readonly identityDetails: IdentityDetails;
  /** Of the organization, if the response names it. */
  readonly organizationTenantId?: string | undefined;
}
interface UnknownIdentityProblem extends AzureDevOpsContext, TenantDetails, WithSummary {
  readonly isAnonymous?: boolean;
}

/** The texts that do not differ. */
export const AZURE_DEVOPS_TABLE = {
  ...CONNECTION_TABLE,
  'unknown-identity': {
    heading: 'The organization does not know the identity',
    message: describeUnknownIdentity,
    hint: describeMembership,
  },
  'other-tenant': {
    heading: 'The organization belongs to another tenant',
    message: describeUnknownIdentity,
    hint: (problem: UnknownIdentityProblem) =>
      describeTenants(problem) + describeMembership(problem),
  },
  throttled: { heading: WAIT_HEADING, message: describeResponse, hint: () => THROTTLED_HINT },
  'proxy-page': {
    heading: 'Somebody else answers with a page',
    message: (problem: WithSummary) =>
      describeResponse(problem, ' with a web page that is not of Azure DevOps'),
    hint: () =>
      'Azure DevOps has no such page: a proxy or a firewall in between seems to answer in its place. Let this machine reach the ' +
      'organization.',
  },
} as const;

/** Texts of which the hint differs. */
export const SERVER_ERROR = { heading: 'Azure DevOps is in trouble', message: describeResponse };
export const NOT_SERVICES = {
  heading: 'What answers is not Azure DevOps Services',
  message: (problem: WithSummary) =>
    describeResponse(problem, ', and not as Azure DevOps Services does'),
};

/** What came back: `it answered 403 ("…"; activity id …)`. */
export function describeResponse({ summary }: WithSummary, meaning = ''): string {
  return `it answered ${summary.status}${meaning}${describeDetails(summary)}`;
}

export function describeRedirect(problem: WithSummary & { readonly target: string }): string {
  return describeResponse(problem, ` and redirects to ${untrustedText(problem.target)}`);
}

/** In parentheses: the server message, and the IDs that the support asks for. */
export function describeDetails(summary: ResponseSummary): string {
  const { serverMessage, activityId, retryAfter, throttledResource } = summary;
  const details = [
    serverMessage === undefined ? '' : `"${untrustedText(serverMessage)}"`,
    retryAfter === undefined ? '' : `Retry-After ${untrustedText(retryAfter)}`,
    throttledResource === undefined ? '' : `resource ${untrustedText(throttledResource)}`,
    activityId === undefined ? '' : `activity id ${untrustedText(activityId)}`,
  ].filter((detail) => detail !== '');
  return details.length === 0 ? '' : ` (${details.join('; ')})`;
}

/** Tells an identity of another tenant, which the organization cannot know, from one that it does not know yet. */
export function checkTenant<P extends AzureDevOpsContext & { readonly kind: string }>(
  problem: P,
): P {
  return problem.kind === 'unknown-identity' && isOfOtherTenant(problem)
    ? { ...problem, kind: 'other-tenant' }
    : problem;
}

/** The tenant id of an organization that is connected to none. */
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
  const { status, serverMessage } = problem.summary;
  if (problem.isAnonymous === true) {
    return describeResponse(problem, ' and takes the identity for an anonymous user');
  }
  const isPage = status !== 401 && serverMessage === undefined;
  return describeResponse(problem, isPage ? ' with a sign-in page' : '');
}

/** What to do if an organization does not know the identity. */
function describeMembership(problem: UnknownIdentityProblem): string {
  const { identityDetails, organization } = problem;
  return (
    `The organization does not know the identity ${describeIdentityDetails(identityDetails)}. ` +
    describeOwnTenant(problem) +
    'It is ' +
    `added under Organization settings > Users of ${organization}, with an access level that fits its work (Basic for ` +
    'repositories). If the token is meant for another organization, name that one in the input organization.'
  );
}

/** Of a service connection the agent masks the client id. */
function describeIdentityDetails({
  clientId,
  objectId,
  tenantId,
  connectionId,
}: IdentityDetails): string {
  const ofObject = objectId === undefined ? [] : [`the object id ${objectId}`];
  if (connectionId === undefined) {
    const ofClient = clientId === undefined ? [] : [`the client id ${clientId}`];
    const ids = [...ofClient, ...ofObject];
    return ids.length === 0
      ? 'of the token, which does not say whose it is'
      : `with ${ids.join(' and ')}`;
  }
  const ids = ofObject.map((id) => `, with ${id}`).join('');
  const tenant = tenantId === undefined ? '' : ` in the tenant ${tenantId}`;
  return `of the service connection ${connectionId}${ids}${tenant}`;
}

/** For a token whose tenant is not known, so that it cannot be compared. */
function describeOwnTenant({ identityDetails, organizationTenantId }: TenantDetails): string {
  return identityDetails.tenantId !== undefined ||
    organizationTenantId === undefined ||
    organizationTenantId === NO_TENANT
    ? ''
    : `It has to be of the tenant ${organizationTenantId}, to which the organization is connected. `;
}

function describeTenants({ identityDetails, organizationTenantId = '' }: TenantDetails): string {
  const whose =
    organizationTenantId === NO_TENANT
      ? `The organization is connected to no Microsoft Entra tenant (${NO_TENANT})`
      : `The organization belongs to the tenant ${organizationTenantId}`;
  const token =
    identityDetails.tenantId === undefined
      ? ''
      : `, and the token is of the tenant ${identityDetails.tenantId}`;
  return `${whose}${token}: an organization takes only identities of its own tenant. `;
}
