import type { HttpResponse } from '../../../tasks/AzureDevOpsTokenV1/src/http/response';

/** An answer as if `dev.azure.com` had sent it. */
export function response(
  status: number,
  headers: Readonly<Record<string, string>> = {},
  text = '',
): HttpResponse {
  return {
    url: new URL('https://dev.azure.com/MyOrg'),
    status,
    header: (name: string) => headers[name],
    headers,
    bytes: Buffer.from(text),
    text,
    isKept: true,
    isWhole: true,
    isJsonWanted: true,
    isRetried: false,
    isAfterSuccess: false,
  };
}
