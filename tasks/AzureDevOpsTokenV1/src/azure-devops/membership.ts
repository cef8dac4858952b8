import { toIdentityDetails, type AzureDevOpsContext } from '../errors/azure-devops-problem';
import { organizationError } from '../errors/organization';
import { Client, type ClientOptions } from '../http/client';
import { ConnectionError } from '../http/connection-error';
import {
  ANONYMOUS_USER,
  type HttpResponse,
  parseFields,
  readOwnTenantId,
  readTenantId,
} from '../http/response';
import type { Fields } from '../json-object';
import { SHORT_REQUEST } from '../limits';
import type { AccessToken, Member } from '../identity/identity';
import type { Organization } from '../inputs/task-inputs';
import { classifyResponse, summarize } from './classify-response';

export interface MembershipCheck {
  readonly organization: Organization;
  readonly token: AccessToken;
}

const CONNECTION_DATA = '/_apis/connectionData';
const API_VERSION = '7.1-preview.1';

/**
 * Checks that the identity of the token is a member of the organization, by the cheapest request that only members may make.
 * The response does not show permissions.
 * @throws {TaskError} if the identity is not a member, or no response shows that it is
 */
export async function verifyMembership(
  check: MembershipCheck,
  options: ClientOptions,
): Promise<Member> {
  const { organization, token } = check;
  const base = {
    organization: organization.name,
    method: 'GET',
    url: `${organization.url}${CONNECTION_DATA}`,
    identityDetails: toIdentityDetails(token),
  };
  const url = new URL(`${base.url}?api-version=${API_VERSION}`);
  try {
    const getToken = () => Promise.resolve(token.token);
    const request = { method: 'GET', url, getToken, limits: SHORT_REQUEST } as const;
    const response = await new Client(options).send(request);
    const user = classify(response, base);
    const displayName = user['customDisplayName'] ?? user['providerDisplayName'];
    return {
      organization,
      displayName: typeof displayName === 'string' ? displayName : undefined,
      tenantId: readOwnTenantId(response.headers),
    };
  } catch (error) {
    throw error instanceof ConnectionError ? organizationError({ ...base, ...error.why }) : error;
  }
}

/** @returns the user of the organization that the identity is */
function classify(response: HttpResponse, base: AzureDevOpsContext): Fields {
  const fields = parseFields(response);
  const summary = summarize(response);
  if (response.status !== 200 || (fields === undefined && summary.isPage)) {
    throw organizationError({ ...base, summary, ...classifyResponse(response) });
  }
  const user = fields?.['authenticatedUser'] as Fields | null | undefined;
  const id = user?.['id'];
  if (fields?.['deploymentType'] === 'onPremises' || !user || typeof id !== 'string') {
    throw organizationError({ ...base, summary, kind: 'not-services' });
  }
  if (id.toLowerCase() === ANONYMOUS_USER) {
    throw organizationError({
      ...base,
      kind: 'unknown-identity',
      summary,
      isAnonymous: true,
      organizationTenantId: readTenantId(response),
    });
  }
  return user;
}
