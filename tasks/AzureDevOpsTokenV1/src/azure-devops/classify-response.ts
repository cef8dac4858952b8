import type { ResponseSummary, StatusProblemDetails } from '../errors/azure-devops-problem';
import { isAzureDevOpsHost } from '../hosts';
import {
  hasAzureDevOpsHeader,
  isFromFrontEnd,
  isHtml,
  isSignIn,
  isSuccessStatus,
  readActivityId,
  readRedirect,
  readTenantId,
  type HttpResponse,
} from '../http/response';
import { readServerMessage, readServerMessages } from '../http/server-message';

/** Codes in messages of Azure DevOps, for an identity without membership and for one without a permission. */
const UNKNOWN_IDENTITY = /TF400813|TF401444/;
const FORBIDDEN = /VS800075|TF401019/;
const THROTTLED = 'TF400733';
/** The code can be in the title of a page: https://github.com/microsoft/coe-starter-kit/issues/6694 has the message. */
const CONDITIONAL_ACCESS = /\bVS403463\b|\bconditional access polic(?:y|ies)\b/i;
/**
 * What IIS and ASP.NET say of a URL that is too long.
 * https://learn.microsoft.com/troubleshoot/developer/webapps/iis/health-diagnostic-performance/http-status-code (404.14, 404.15)
 */
const LONG_URL_MESSAGE =
  /\bquery string is too long\b|\bmaxQueryStringLength\b|\bmaxUrlLength\b|\b404\.1[45]\b/i;
/** The title of a page of HTTP.sys. In a message of a service, it can be about another URL. */
const REFUSED_URL_TITLE = /\bURL (?:is )?too long\b|\bInvalid URL\b/i;
/** Shorter than any limit of IIS for a URL with its query: 2,048 characters of a query, 3,000 of a query of Analytics. */
const LONG_URL = 2_000;
/** HTTP.sys accepts no longer part of a path (UrlSegmentMaxLength). */
const LONG_SEGMENT = 260;
const RATE_LIMIT_HEADERS = ['resource', 'delay', 'limit', 'remaining', 'reset'].map(
  (name) => `x-ratelimit-${name}`,
);

/** Classifies a response that is not the expected success. */
export function classifyResponse(response: HttpResponse): StatusProblemDetails {
  const { status } = response;
  const isPassing = status === 408 || status === 429 || status >= 500;
  if (status === 414) {
    return describeUrl(response);
  }
  if (!isPassing && (!isFromAzureDevOps(response) || requestsWindowsUser(response))) {
    return { kind: 'not-services' };
  }
  const serverMessage = readServerMessages(response).join(' ');
  return (
    classifyAccess(response, serverMessage) ??
    classifyPage(response, serverMessage) ??
    classifyStatus(response, serverMessage)
  );
}

/** Whether the response is about the identity or its token. */
function classifyAccess(
  response: HttpResponse,
  serverMessage: string,
): StatusProblemDetails | undefined {
  const { status, text } = response;
  const isDenial = isSignIn(response) || status === 401;
  if (isDenial || status === 403) {
    const isPolicy =
      CONDITIONAL_ACCESS.test(serverMessage) || (isHtml(response) && text.includes('VS403463'));
    if (isPolicy) {
      return { kind: 'conditional-access' };
    }
  }
  const isUnknown = UNKNOWN_IDENTITY.test(serverMessage);
  if (isDenial && isThrottled(response, isUnknown)) {
    return { kind: 'throttled' };
  }
  return isDenial || isUnknown
    ? { kind: 'unknown-identity', organizationTenantId: readTenantId(response) }
    : undefined;
}

/**
 * Whether a response refuses the token because of too many requests. Azure DevOps does that to an identity that it has accepted before,
 * because it counts the requests of a member.
 */
function isThrottled(response: HttpResponse, isUnknown: boolean): boolean {
  const { status, header, isAfterSuccess } = response;
  const names = ['retry-after', ...RATE_LIMIT_HEADERS];
  const isPossible = isAfterSuccess || (status === 401 && !isUnknown);
  return isPossible && names.some((name) => header(name) !== undefined);
}

/** Whether the response is a page or a redirect in place of a response of the REST API. */
function classifyPage(
  response: HttpResponse,
  serverMessage: string,
): StatusProblemDetails | undefined {
  const { status, url } = response;
  const target = readRedirect(response);
  if (target !== undefined) {
    return { kind: 'redirect', target: `${target.origin}${target.pathname}` };
  }
  if (refusesUrl(response, serverMessage)) {
    return describeUrl(response);
  }
  const isKnown = hasAzureDevOpsHeader(response) || isFromFrontEnd(response);
  if (!isHtml(response)) {
    return undefined;
  }
  if (isSuccessStatus(status) && (isKnown || !isAzureDevOpsHost(url.host))) {
    return describePage(response);
  }
  return isKnown || status >= 500 || status === 404 ? undefined : { kind: 'proxy-page' };
}

function classifyStatus(response: HttpResponse, serverMessage: string): StatusProblemDetails {
  const { status, header } = response;
  const isPassing = status === 408 || status === 429 || status >= 500;
  if (status === 403 || FORBIDDEN.test(serverMessage)) {
    return { kind: 'forbidden' };
  }
  if (status === 404) {
    return { kind: 'not-found' };
  }
  const hasRetryAfter = isPassing && header('retry-after') !== undefined;
  if (status === 429 || hasRetryAfter || serverMessage.includes(THROTTLED)) {
    return { kind: 'throttled' };
  }
  return { kind: isPassing ? 'server-error' : 'unexpected' };
}

/**
 * Whether a server refuses the URL itself. Servers in front of Azure DevOps do that, with a page or without a body.
 * https://learn.microsoft.com/azure/devops/report/extend-analytics/odata-query-guidelines (batch endpoint for long queries)
 */
function refusesUrl(response: HttpResponse, serverMessage: string): boolean {
  const { status, text } = response;
  const isPage = isHtml(response) && !hasAzureDevOpsHeader(response);
  const isOfLongUrl = (isPage || (text.trim() === '' && status === 404)) && isLong(response.url);
  return (
    (status === 400 || status === 404) &&
    (isOfLongUrl ||
      LONG_URL_MESSAGE.test(serverMessage) ||
      (isPage && REFUSED_URL_TITLE.test(serverMessage)))
  );
}

function describeUrl({ url }: HttpResponse): StatusProblemDetails {
  return { kind: 'url-too-long', length: url.href.length, isLong: isLong(url) };
}

function isLong(url: URL): boolean {
  return (
    url.href.length > LONG_URL ||
    url.pathname.split('/').some((segment) => segment.length > LONG_SEGMENT)
  );
}

/** A page that a step can get by mistake. */
export function describePage({ url, header }: HttpResponse): StatusProblemDetails {
  return {
    kind: 'web-page',
    contentType: header('content-type') ?? '',
    isRestAddress: /\/(?:_apis|_odata|_packaging)\//i.test(url.pathname),
  };
}

/** Whether the response is of Azure DevOps: by its host, or by its headers or message on a host that the step names. */
export function isFromAzureDevOps(response: HttpResponse): boolean {
  return (
    isAzureDevOpsHost(response.url.host) ||
    hasAzureDevOpsHeader(response) ||
    /^(?:TF|VS)\d{5,}/.test(readServerMessages(response)[0] ?? '')
  );
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
    remainingUnits: header('x-ratelimit-remaining'),
  };
}

/** Whether a server requires Windows authentication, as Azure DevOps Server does. It does not support tokens of Microsoft Entra. */
export function requestsWindowsUser({ status, header }: HttpResponse): boolean {
  const challenge = header('www-authenticate') ?? '';
  return (
    status === 401 && /\b(?:NTLM|Negotiate)\b/i.test(challenge) && !/\bBearer\b/i.test(challenge)
  );
}
