import { getSystemErrorMap } from 'node:util';
import { describeKind } from './task-error';

/** Why the system did not do something, by its own table: `no such file or directory (ENOENT)`. */
export function describeSystemError(error: unknown): string {
  const { errno, code } = error as { errno?: unknown; code?: unknown };
  const [, text] = (typeof errno === 'number' ? getSystemErrorMap().get(errno) : undefined) ?? [];
  return text === undefined || typeof code !== 'string' ? describeKind(error) : `${text} (${code})`;
}
