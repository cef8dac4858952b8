import type { Readable } from 'node:stream';
import type { PipelineResponse } from '@azure/core-rest-pipeline';
import { ByteStore } from '../byte-store';
import { TaskError } from '../errors/task-error';
import { isSuccessStatus } from './response';

/** A body that is sent piece by piece, and again where a request is repeated. */
export interface StreamedBody {
  /** In bytes. */
  readonly size: number;
  /** @param fail called where it cannot be read to its end */
  readonly open: (fail: (failure: TaskError) => void) => Readable;
}

/** What comes before a body. */
export interface Head {
  /** Of the response: after redirects, the last one. */
  readonly url: URL;
  readonly status: number;
  /** By name in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Where a body goes as it comes. */
export interface BodySink {
  /** A body begins; what an earlier attempt wrote is forgotten. Says whether all of it is wanted. */
  readonly start: (head: Head) => Promise<boolean>;
  /** @throws {Failure} */
  readonly write: (piece: Uint8Array) => Promise<void>;
}

/** What is wanted of the body of an answer. */
export interface Reception {
  /** How many bytes of it are kept in memory. */
  readonly keptBytes: number;
  readonly sink?: BodySink | undefined;
}

/** What came of the body of an answer. */
export interface ReceivedBody {
  /** Its beginning: 1 MiB at most. */
  readonly bytes: Buffer;
  /** All of a body that is kept and larger than `bytes`. */
  readonly pieces?: readonly Buffer[] | undefined;
  /** There is no more of it than `bytes` or `pieces`. */
  readonly isKept: boolean;
  /** It did not break off. */
  readonly isWhole: boolean;
}

export const NO_BODY: ReceivedBody = {
  bytes: Buffer.alloc(0),
  pieces: undefined,
  isKept: true,
  isWhole: true,
};
/**
 * Enough for what an answer says of itself. JSON of this size is read within half a second, whatever is in it: docs/performance.md. What
 * is larger is read by a process of its own.
 */
export const MAX_IN_PROCESS_BYTES = 1024 * 1024;
export const MESSAGE_ONLY: Reception = { keptBytes: MAX_IN_PROCESS_BYTES };

/** What is kept of a body; nothing of one that is too large. */
export function toReceivedBody(kept: ByteStore, isKept: boolean): Omit<ReceivedBody, 'isWhole'> {
  const isLarge = isKept && kept.size > MAX_IN_PROCESS_BYTES;
  return {
    bytes: kept.first(MAX_IN_PROCESS_BYTES),
    pieces: isLarge ? kept.pieces() : undefined,
    isKept,
  };
}

/**
 * Reads the body of an answer.
 * @param onProgress called with each piece
 * @throws {Failure} of the sink; and what the connection throws, but of a refusal that breaks off its status tells enough
 */
export async function receiveBody(
  { status, headers, request, readableStreamBody }: PipelineResponse,
  { keptBytes, sink }: Reception,
  onProgress: () => void,
): Promise<ReceivedBody> {
  const kept = new ByteStore();
  let size = 0;
  let isWhole = true;
  const isWanted =
    (await sink?.start({ url: new URL(request.url), status, headers: headers.toJSON() })) ?? false;
  try {
    for await (const piece of (readableStreamBody ?? []) as AsyncIterable<Uint8Array>) {
      onProgress();
      if (size > keptBytes && !isWanted) {
        // Nobody wants the rest, which may have no end.
        break;
      }
      kept.add(piece.subarray(0, Math.max(0, keptBytes - size)));
      size += piece.length;
      await sink?.write(piece);
    }
  } catch (error) {
    if (error instanceof TaskError || isSuccessStatus(status)) {
      throw error;
    }
    isWhole = false;
  }
  return { ...toReceivedBody(kept, isWhole && size <= keptBytes), isWhole };
}
