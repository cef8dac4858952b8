import type { Readable } from 'node:stream';
import type { PipelineResponse } from '@azure/core-rest-pipeline';
import { Failure } from '../errors/failure';
import { isSuccessStatus } from './answer';

/** A body that is sent piece by piece, and again where a request is repeated. */
export interface StreamedBody {
  /** In bytes. */
  readonly size: number;
  /** @param fail called where it cannot be read to its end */
  readonly open: (fail: (failure: Failure) => void) => Readable;
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
  /** Its beginning. */
  readonly bytes: Buffer;
  /** There is no more of it than `bytes`. */
  readonly isKept: boolean;
  /** It did not break off. */
  readonly isWhole: boolean;
}

export const NO_BODY: ReceivedBody = { bytes: Buffer.alloc(0), isKept: true, isWhole: true };
/** Enough for what an answer says of itself. */
export const WORDS_ONLY: Reception = { keptBytes: 1024 * 1024 };

/**
 * Reads the body of an answer.
 * @param tellProgress called with each piece
 * @throws {Failure} of the sink; and what the connection throws, but of a refusal that breaks off its status tells enough
 */
export async function receiveBody(
  { status, headers, request, readableStreamBody }: PipelineResponse,
  { keptBytes, sink }: Reception,
  tellProgress: () => void,
): Promise<ReceivedBody> {
  const chunks: Buffer[] = [];
  let size = 0;
  let isWhole = true;
  const isWanted =
    (await sink?.start({ url: new URL(request.url), status, headers: headers.toJSON() })) ?? false;
  try {
    for await (const piece of (readableStreamBody ?? []) as AsyncIterable<Uint8Array>) {
      tellProgress();
      if (size <= keptBytes) {
        chunks.push(Buffer.from(piece));
      } else if (!isWanted) {
        // Nobody wants the rest, which may have no end.
        break;
      }
      size += piece.length;
      await sink?.write(piece);
    }
  } catch (error) {
    if (error instanceof Failure || isSuccessStatus(status)) {
      throw error;
    }
    isWhole = false;
  }
  const bytes = Buffer.concat(chunks).subarray(0, keptBytes);
  return { bytes, isWhole, isKept: isWhole && size <= keptBytes };
}
