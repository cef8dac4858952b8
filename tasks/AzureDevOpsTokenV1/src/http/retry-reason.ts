import type { AttemptError } from './connection-error';
import { describeCode, isAboutCertificate, PROXY_REFUSES } from './connection-error';
import type { HttpResponse } from './response';
import { parseRetryAfter } from './retry-after';
import type { RetryReason } from './retry';

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
  { status, url, header }: HttpResponse,
  isHarmless: boolean,
  now: number,
): RetryReason | undefined {
  const retryAfter = header('retry-after');
  const isNotActedOn = status === 429 || (status === 503 && retryAfter !== undefined);
  return RETRIED_STATUSES.has(status) && (isHarmless || isNotActedOn)
    ? {
        reason: `${url.host}: it answered ${status}`,
        retryAfterMs: parseRetryAfter(retryAfter, now),
      }
    : undefined;
}

function findReasonOfError(
  { code, host, proxyStatus = 0 }: AttemptError,
  isHarmless: boolean,
): RetryReason | undefined {
  if (code === PROXY_REFUSES) {
    return RETRIED_STATUSES.has(proxyStatus)
      ? { reason: `${host}: the proxy answered ${proxyStatus}` }
      : undefined;
  }
  return isAboutCertificate(code) || !(isHarmless || code === 'ECONNREFUSED')
    ? undefined
    : { reason: `${host}: ${describeCode(code)}` };
}
