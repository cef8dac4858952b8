import {
  type AttemptError,
  describeCode,
  isAboutCertificate,
  PROXY_REFUSES,
} from './connection-error';
import type { HttpRequest } from './request';
import type { HttpResponse } from './response';
import { parseRetryAfter, type RetryReason } from './retry';

const RETRIED_STATUSES = new Set([408, 429, 500, 502, 503, 504]);

/**
 * Says why a retry of a request to Azure DevOps or Microsoft Entra may succeed; undefined if it will not, or could do harm.
 * @param isHarmless whether a retry does no harm although the server may have acted on the request
 * @param now milliseconds since 1970
 */
export function findRetryReason(
  outcome: HttpResponse | AttemptError,
  isHarmless: boolean,
  now: number,
): RetryReason | undefined {
  return outcome instanceof Error
    ? findReasonOfError(outcome, isHarmless)
    : findReasonOfResponse(outcome, isHarmless, now);
}

function findReasonOfResponse(
  { status, url, header, isAfterSuccess }: HttpResponse,
  isHarmless: boolean,
  now: number,
): RetryReason | undefined {
  const retryAfter = header('retry-after');
  // A token that was accepted before is refused because of too many requests.
  const isThrottled = status === 401 && isAfterSuccess && retryAfter !== undefined;
  const isNotActedOn =
    isThrottled || status === 429 || (status === 503 && retryAfter !== undefined);
  return isNotActedOn || (RETRIED_STATUSES.has(status) && isHarmless)
    ? {
        reason: `${url.host} returned ${status}`,
        retryAfterMs: parseRetryAfter(retryAfter, now),
      }
    : undefined;
}

/** Says why a retry may succeed after an error that passes: the server has not acted on the request. */
export function findPassingReason(
  outcome: HttpResponse | AttemptError,
  { findPassingError }: HttpRequest,
  now: number,
): RetryReason | undefined {
  const error = outcome instanceof Error ? undefined : findPassingError?.(outcome);
  return outcome instanceof Error || error === undefined
    ? undefined
    : {
        reason: `${outcome.url.host} returned ${outcome.status} (${error})`,
        retryAfterMs: parseRetryAfter(outcome.header('retry-after'), now),
      };
}

function findReasonOfError(
  { code, host, proxyStatus = 0 }: AttemptError,
  isHarmless: boolean,
): RetryReason | undefined {
  if (code === PROXY_REFUSES) {
    return RETRIED_STATUSES.has(proxyStatus)
      ? { reason: `${host}: the proxy returned ${proxyStatus}` }
      : undefined;
  }
  return isAboutCertificate(code) || !(isHarmless || code === 'ECONNREFUSED')
    ? undefined
    : { reason: `${host}: ${describeCode(code)}` };
}
