import { addAbortSignal, Readable } from 'node:stream';
import type { PipelineResponse } from '@azure/core-rest-pipeline';
import { TaskError } from '../errors/task-error';
import { MAX_IN_PROCESS_BYTES, REDIRECT_BODY } from '../limits';
import { ByteStore } from './byte-store';
import { CodingError, decode, inspect, parseCodings } from './content-coding';
import { isSuccessStatus, type ReceivedBody } from './response';

/** A body that is sent in pieces, and opened again for each attempt. */
export interface StreamedBody {
  /** In bytes. */
  readonly size: number;
  /** @param fail called if the body cannot be read to its end */
  readonly open: (fail: (failure: TaskError) => void) => Readable;
}

/** The part of a response before its body. */
export interface Head {
  /** The URL that was requested last, after any redirects. */
  readonly url: URL;
  readonly status: number;
  /** By name in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Receives a body while it arrives. */
export interface BodySink {
  /** Starts a body, and discards that of an earlier attempt. Returns whether the whole body is needed. */
  readonly start: (head: Head) => Promise<boolean>;
  /** @throws {TaskError} */
  readonly write: (piece: Uint8Array) => Promise<void>;
  /** Sees the decoded form of a body that is not decoded for `write`. @throws {TaskError} */
  readonly inspect?: (piece: Uint8Array) => void;
}

/** How to receive the body of a response. */
export interface Reception {
  /** The number of bytes to keep in memory. */
  readonly keptBytes: number;
  readonly sink?: BodySink | undefined;
  /** Absent: the body is decoded. */
  readonly isEncoded?: boolean;
}

export const NO_BODY: ReceivedBody = {
  bytes: Buffer.alloc(0),
  pieces: undefined,
  isKept: true,
  isWhole: true,
};
export const MESSAGE_ONLY: Reception = { keptBytes: MAX_IN_PROCESS_BYTES };

/** The kept bytes as a received body. A body that is too large has only its beginning. */
export function toReceivedBody(kept: ByteStore, isKept: boolean): Omit<ReceivedBody, 'isWhole'> {
  const isLarge = isKept && kept.size > MAX_IN_PROCESS_BYTES;
  return {
    bytes: kept.first(MAX_IN_PROCESS_BYTES),
    pieces: isLarge ? kept.pieces() : undefined,
    isKept,
  };
}

/**
 * Receives the body of a response. If the body of an error response breaks off, its status is enough.
 * @param onProgress called for each piece
 * @throws {TaskError} of the sink
 * @throws the error of the connection if the body of a success breaks off
 */
export async function receiveBody(
  response: PipelineResponse,
  reception: Reception,
  onProgress: () => void,
): Promise<ReceivedBody> {
  const { status, headers, request } = response;
  const { keptBytes, sink } = reception;
  const kept = new ByteStore();
  let size = 0;
  let isWhole = true;
  let end: Buffer = Buffer.alloc(0);
  const isWanted =
    (await sink?.start({ url: new URL(request.url), status, headers: headers.toJSON() })) ?? false;
  try {
    for await (const piece of openBody(response, reception, onProgress)) {
      onProgress();
      if (size > keptBytes && !isWanted) {
        // The rest is not needed, and may be endless.
        break;
      }
      kept.add(piece.subarray(0, Math.max(0, keptBytes - size)));
      size += piece.length;
      end = endOf(end, piece);
      await sink?.write(piece);
    }
  } catch (error) {
    if (error instanceof CodingError) {
      const coding = headers.get('content-encoding') ?? '';
      const { reason } = error;
      const isRequested = reception.isEncoded === true;
      return { ...NO_BODY, isWhole: false, codingProblem: { coding, reason, isRequested } };
    }
    if (error instanceof TaskError || isSuccessStatus(status)) {
      throw error;
    }
    isWhole = false;
  }
  const coding = reception.isEncoded === true ? headers.get('content-encoding') : undefined;
  return { ...toReceivedBody(kept, isWhole && size <= keptBytes), end, isWhole, coding };
}

/**
 * Discards the body of a redirect that is followed. A short body is read, so that the connection can serve the next request. The body
 * can also be endless, so that any other one ends with its connection.
 */
export async function discardBody({ readableStreamBody }: PipelineResponse): Promise<void> {
  if (!(readableStreamBody instanceof Readable)) {
    return;
  }
  addAbortSignal(AbortSignal.timeout(REDIRECT_BODY.maxMs), readableStreamBody);
  let size = 0;
  try {
    for await (const piece of readableStreamBody as AsyncIterable<Uint8Array>) {
      size += piece.length;
      if (size > REDIRECT_BODY.maxBytes) {
        break;
      }
    }
  } catch {
    // The redirect is followed whatever becomes of its body.
  }
}

/** Longer than a link to the next page, which OData writes at the end of a body. */
const END_BYTES = 16 * 1024;

function endOf(before: Buffer, piece: Uint8Array): Buffer {
  // Most pieces of a large body are that long, and need not be copied. Many short ones would hold the memory around them.
  return piece.length < END_BYTES
    ? Buffer.concat([before, piece]).subarray(-END_BYTES)
    : Buffer.from(piece.buffer, piece.byteOffset + piece.length - END_BYTES, END_BYTES);
}

/** The pieces of a body, decoded if the author of the request did not request another form. */
function openBody(
  { headers, readableStreamBody = Readable.from([]) }: PipelineResponse,
  { sink, isEncoded = false }: Reception,
  onProgress: () => void,
): AsyncIterable<Uint8Array> {
  const codings = parseCodings(headers.get('content-encoding'));
  const source = readableStreamBody as AsyncIterable<Uint8Array>;
  if (codings.length === 0) {
    return source;
  }
  if (!isEncoded) {
    return decode(watch(source, onProgress), codings);
  }
  return sink?.inspect === undefined ? source : inspect(source, codings, sink.inspect);
}

/** A few received bytes can become many, so that the decoded pieces alone do not show whether the server still sends. */
async function* watch(
  pieces: AsyncIterable<Uint8Array>,
  onProgress: () => void,
): AsyncIterable<Uint8Array> {
  for await (const piece of pieces) {
    onProgress();
    yield piece;
  }
}
