import { runInNewContext } from 'node:vm';
import type { ReceivedBody } from '../http/response-body';
import { readInProcess, type Unread } from './json-process-runner';
import { readJson, type JsonReading, type JsonRequest } from './read-json';

/** Then an expression is evaluated by another process, because this one cannot be cancelled meanwhile. */
const MAX_EVALUATION_MS = 250;

/**
 * Reads the JSON of a response so that a step can be cancelled meanwhile: a large response, and an expression that takes long, in
 * another process.
 * @param body all of which is kept
 */
export async function readJsonOf(
  { bytes, pieces }: Pick<ReceivedBody, 'bytes' | 'pieces'>,
  request: JsonRequest,
): Promise<JsonReading | Unread> {
  const reading = pieces === undefined ? readInTime(request, bytes) : undefined;
  return reading ?? readInProcess(request, pieces ?? [bytes]);
}

/** @returns nothing if it takes too long */
function readInTime(request: JsonRequest, bytes: Buffer): JsonReading | undefined {
  const read = () => readJson(request, bytes);
  if (request.kind === 'page') {
    // Its time depends on its size only.
    return read();
  }
  try {
    // Node.js interrupts what the script calls, too: https://nodejs.org/api/vm.html (timeout).
    return runInNewContext('read()', { read }, { timeout: MAX_EVALUATION_MS }) as JsonReading;
  } catch (error) {
    if (isTimeout(error)) {
      return undefined;
    }
    throw error;
  }
}

function isTimeout(error: unknown): boolean {
  return (error as { readonly code?: unknown }).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
}
