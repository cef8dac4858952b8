import { runInNewContext } from 'node:vm';
import type { ReceivedBody } from '../http/response';
import { MAX_EVALUATION_MS } from '../limits';
import { readInProcess } from './json-process-runner';
import { readJson, type JsonReading, type JsonRequest, type UnreadableResponse } from './read-json';

/**
 * Reads the JSON of a response. Another process reads a large response or evaluates a slow expression, so that the step can be
 * cancelled meanwhile.
 * @param body a body that is kept as a whole
 */
export async function readJsonOf(
  { bytes, pieces }: Pick<ReceivedBody, 'bytes' | 'pieces'>,
  request: JsonRequest,
): Promise<JsonReading | UnreadableResponse> {
  const reading = pieces === undefined ? readInTime(request, bytes) : undefined;
  return reading ?? readInProcess(request, pieces ?? [bytes]);
}

/** @returns undefined if it takes too long */
function readInTime(request: JsonRequest, bytes: Buffer): JsonReading | undefined {
  const read = () => readJson(request, bytes);
  if (request.kind === 'page') {
    // The time to read a page depends only on its size, which is small here.
    return read();
  }
  try {
    // The timeout also interrupts functions that the script calls: https://nodejs.org/api/vm.html (timeout).
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
