import type { ResponseSummary, StatusProblemDetails } from '../errors/azure-devops-problems';
import {
  hasAzureDevOpsHeader,
  isFromAzureDevOps,
  isHtml,
  isSignIn,
  readActivityId,
  readRedirect,
  readTenantId,
  readServerMessage,
  type HttpResponse,
} from '../http/response';

/** Codes in messages of Azure DevOps, for an identity without membership and for one without a permission. */
const UNKNOWN_IDENTITY = /TF400813|TF401444/;
const FORBIDDEN = /VS800075|TF401019/;
const THROTTLED = 'TF400733';

/** Classifies a response that is not the expected success. */
export function classifyResponse(response: HttpResponse): StatusProblemDetails {
  const { status } = response;
  const isPassing = status === 408 || status === 429 || status >= 500;
  if (!isPassing && (!isFromAzureDevOps(response) || requestsWindowsUser(response))) {
    return { kind: 'not-services' };
  }
  const serverMessage = readServerMessage(response) ?? '';
  if (isSignIn(response) || status === 401 || UNKNOWN_IDENTITY.test(serverMessage)) {
    return { kind: 'unknown-identity', organizationTenantId: readTenantId(response) };
  }
  const target = readRedirect(response);
  if (target !== undefined) {
    return { kind: 'redirect', target: `${target.origin}${target.pathname}` };
  }
  if (isHtml(response) && !hasAzureDevOpsHeader(response) && status < 500 && status !== 404) {
    return { kind: 'proxy-page' };
  }
  if (status === 403 || FORBIDDEN.test(serverMessage)) {
    return { kind: 'forbidden' };
  }
  if (status === 404) {
    return { kind: 'not-found' };
  }
  const hasRetryAfter = isPassing && response.header('retry-after') !== undefined;
  if (status === 429 || hasRetryAfter || serverMessage.includes(THROTTLED)) {
    return { kind: 'throttled' };
  }
  return { kind: isPassing ? 'server-error' : 'unexpected' };
}

/** The facts of a response that an error message includes. */
export function summarize(response: HttpResponse): ResponseSummary {
  const { status, header } = response;
  return {
    status,
    isPage: isHtml(response),
    serverMessage: readServerMessage(response),
    activityId: readActivityId(response),
    retryAfter: header('retry-after'),
    throttledResource: header('x-ratelimit-resource'),
  };
}

/** Whether a server requires Windows authentication, as Azure DevOps Server does. It does not support tokens of Microsoft Entra. */
export function requestsWindowsUser({ status, header }: HttpResponse): boolean {
  const challenge = header('www-authenticate') ?? '';
  return (
    status === 401 && /\b(?:NTLM|Negotiate)\b/i.test(challenge) && !/\bBearer\b/i.test(challenge)
  );
}
