export const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD'] as const;

export type Method = (typeof METHODS)[number];

/** Whether a request may be retried although the server may have acted on it (RFC 9110, 9.2.2). */
export function isIdempotent(method: Method): boolean {
  return method !== 'POST' && method !== 'PATCH';
}

/** Whether a request only reads (RFC 9110, 9.2.1). */
export function isSafe(method: Method): boolean {
  return method === 'GET' || method === 'HEAD';
}
