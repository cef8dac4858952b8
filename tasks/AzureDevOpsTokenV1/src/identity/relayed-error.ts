import { entraError } from '../errors/entra';
import { findEntraErrorKind } from '../errors/entra-codes';
import type { Requester } from '../errors/requester';
import type { TaskError } from '../errors/task-error';
import type { EntraError } from './entra-error';

/** The error of Microsoft Entra that an identity endpoint has passed on. */
export function relayedError(
  status: number,
  { code, serverMessage, correlationId, isPassing }: EntraError,
  requester: Omit<Extract<Requester, { kind: 'managed-identity' }>, 'kind'>,
): TaskError {
  return entraError({
    kind: findEntraErrorKind({ status, code, isPassing, serverMessage }),
    status,
    serverMessage,
    correlationId,
    requester: { kind: 'managed-identity', ...requester },
  });
}
