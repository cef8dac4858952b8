// The error responses of Azure DevOps.
import type { Fault } from '../faults';

type Answer = Extract<Fault, { kind: 'response' }>;

export const ACTIVITY_ID = '2d7f4e61-5a0b-4c3d-8e9f-1a2b3c4d5e6f';
/** The headers of every response of Azure DevOps. */
export const OWN_HEADERS = { activityid: ACTIVITY_ID, 'x-tfs-processid': ACTIVITY_ID };

const SIGN_IN_PAGE =
  '<!DOCTYPE html><html lang="en-US"><head><title>Azure DevOps Services | Sign In</title></head><body></body></html>';

/** The error body of the REST API. */
export function errorBody(message: string, typeKey: string, eventId = 3000) {
  const typeName = `Microsoft.TeamFoundation.Framework.Server.${typeKey}, Microsoft.TeamFoundation.Framework.Server`;
  return { $id: '1', innerException: null, message, typeName, typeKey, errorCode: 0, eventId };
}

/** An error response of the REST API. */
export function refuse(status: number, message: string, headers: Answer['headers'] = {}): Answer {
  const body = errorBody(message, status === 401 ? 'UnauthorizedRequestException' : 'VssException');
  return { kind: 'response', status, headers: { ...OWN_HEADERS, ...headers }, body };
}

/** 401, by the tenant of the organization. */
export function unauthorized(tenantId: string, message: string, origin = 'https://dev.azure.com') {
  return refuse(401, message, {
    'www-authenticate': [
      `Bearer authorization_uri=https://login.microsoftonline.com/${tenantId}`,
      `Basic realm="${origin}/"`,
      'TFS-Federated',
    ],
    'x-vss-resourcetenant': tenantId,
  });
}

/** A sign-in page in place of a response. */
export function signInPage(status: 200 | 203): Answer {
  const headers = { ...OWN_HEADERS, 'content-type': 'text/html; charset=utf-8' };
  return { kind: 'response', status, headers, body: SIGN_IN_PAGE };
}

export function redirect(location: string): Answer {
  return { kind: 'response', status: 302, headers: { ...OWN_HEADERS, location }, body: '' };
}

export const SIGN_IN_REDIRECT = redirect(
  'https://spsprodweu1.vssps.visualstudio.com/_signin?realm=dev.azure.com&reply_to=https%3A%2F%2Fdev.azure.com%2FMyOrg',
);
