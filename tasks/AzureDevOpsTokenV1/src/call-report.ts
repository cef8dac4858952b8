import type { RequestedCall } from './inputs/task-inputs';
import { quoteForeign } from './untrusted-text';
import type { RestResult } from './rest/rest-result';

/** For the log: what is called, without its query, which may hold secrets. */
export function describeCall({ method, url }: Pick<RequestedCall, 'method' | 'url'>): string {
  return `Calling Azure DevOps: ${method} ${url.origin}${url.pathname}`;
}

/** For the log: what came of a call that was a success, and where to find it. Never the body itself. */
export function describeResult(result: RestResult): readonly string[] {
  const { statusCode, isResultSecret, responseFile } = result;
  const size = Buffer.byteLength(result.result);
  const what = isResultSecret ? 'a secret' : `${size.toLocaleString('en')} bytes`;
  return [
    `It answered ${statusCode}.`,
    ...(size === 0 ? [] : [`  $(devops.result)        ${what}`]),
    ...(responseFile === undefined
      ? []
      : [`  $(devops.responseFile)  ${quoteForeign(responseFile)}`]),
  ];
}
