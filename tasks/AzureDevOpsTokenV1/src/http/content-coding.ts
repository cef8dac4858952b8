import { once } from 'node:events';
import { PassThrough, pipeline, Readable, type Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from 'node:zlib';
import { MAX_DECODED_BYTES } from '../limits';

/** Why a body cannot be decoded. */
export interface CodingProblem {
  /** The value of the header Content-Encoding: untrusted text. */
  readonly coding: string;
  readonly reason: 'unsupported' | 'broken' | 'too-large';
  /** Whether the author requested the encoded form, by an Accept-Encoding or a Range. */
  readonly isRequested: boolean;
}

/** A body cannot be decoded. */
export class CodingError extends Error {
  readonly reason: CodingProblem['reason'];

  constructor(reason: CodingProblem['reason']) {
    super(reason);
    this.reason = reason;
  }
}

type Coding = 'gzip' | 'deflate' | 'br';
/** In the order in which they are removed. */
type Codings = readonly Coding[] | 'unsupported';
type Pieces = AsyncIterable<Uint8Array>;

const SUPPORTED: Readonly<Record<string, Coding>> = {
  gzip: 'gzip',
  'x-gzip': 'gzip',
  deflate: 'deflate',
  br: 'br',
};
/** The other codings of the IANA registry. Values such as `utf-8` or `none`, which servers also send, are no codings and change nothing. */
const UNSUPPORTED = /^(?:aes128gcm|compress|dcb|dcz|exi|pack200-gzip|x-compress|zstd)$/;
/** No server has a reason for more. Each coding multiplies the size that a small response can have. */
const MAX_CODINGS = 2;

/**
 * Whether the body of the response is decoded. With an Accept-Encoding or Range of the author, it stays as the server sends it: the
 * author wants these bytes, and a part of an encoded body cannot be decoded.
 * @param headers of the author
 */
export function isDecoded(headers: ReadonlyMap<string, string> | undefined): boolean {
  return headers === undefined || !(headers.has('accept-encoding') || headers.has('range'));
}

/** Parses Content-Encoding (RFC 9110, 8.4). */
export function parseCodings(header: string | undefined): Codings {
  const names = (header ?? '').split(',').map((name) => name.trim().toLowerCase());
  const codings = names.flatMap((name) => SUPPORTED[name] ?? []);
  return codings.length > MAX_CODINGS || names.some((name) => UNSUPPORTED.test(name))
    ? 'unsupported'
    : codings.reverse();
}

/**
 * Decodes a body while it arrives, up to a limit that counts for the result of each coding.
 * @throws {CodingError}
 * @throws the error of the source
 */
export function decode(source: Pieces, codings: Codings): Pieces {
  return codings === 'unsupported'
    ? refuseContent(source)
    : codings.reduce((pieces, coding) => limitSize(decodeOne(pieces, coding)), source);
}

/**
 * Passes a body on as it arrives, and shows its decoded form, as far as it can be decoded.
 * @param see may throw
 * @throws {CodingError} if the decoded form is too large to be seen
 */
export async function* inspect(
  source: Pieces,
  codings: Codings,
  see: (piece: Uint8Array) => void,
): Pieces {
  const copy = new PassThrough();
  let failure: Error | undefined;
  const inspected = seeAll(decode(copy, codings), see).catch((error: unknown) => {
    failure = error instanceof Error && !isUndecodable(error) ? error : undefined;
    copy.destroy();
  });
  for await (const piece of source) {
    if (!copy.destroyed && !copy.write(piece)) {
      await Promise.race([once(copy, 'drain'), inspected]);
    }
    if (failure !== undefined) {
      throw failure;
    }
    yield piece;
  }
  copy.end();
  await inspected;
  if (failure !== undefined) {
    throw failure;
  }
}

/** Whether the body has no decoded form that anyone could read, such as a part of an encoded body. */
function isUndecodable(error: Error): boolean {
  return error instanceof CodingError && error.reason !== 'too-large';
}

async function seeAll(pieces: Pieces, see: (piece: Uint8Array) => void): Promise<void> {
  for await (const piece of pieces) {
    see(piece);
  }
}

/** A response without a body can name a coding, too. */
async function* refuseContent(source: Pieces): Pieces {
  for await (const piece of source) {
    if (piece.length > 0) {
      throw new CodingError('unsupported');
    }
    yield piece;
  }
}

async function* limitSize(pieces: Pieces): Pieces {
  let size = 0;
  for await (const piece of pieces) {
    size += piece.length;
    if (size > MAX_DECODED_BYTES) {
      throw new CodingError('too-large');
    }
    yield piece;
  }
}

async function* decodeOne(source: Pieces, coding: Coding): Pieces {
  const iterator = source[Symbol.asyncIterator]();
  const first = await iterator.next();
  if (first.done === true) {
    return;
  }
  let sourceError: Error | undefined;
  const encoded = rejoin(first.value, iterator, (error) => {
    sourceError = error instanceof Error ? error : undefined;
  });
  const decoder = openDecoder(coding, first.value);
  // Its errors are thrown by the loop below.
  pipeline(Readable.from(encoded), decoder, () => undefined);
  try {
    yield* decoder as Pieces;
  } catch {
    throw sourceError ?? new CodingError('broken');
  }
}

/** The pieces of a body of which the first one was already taken. */
async function* rejoin(
  first: Uint8Array,
  iterator: AsyncIterator<Uint8Array>,
  onError: (error: unknown) => void,
): AsyncGenerator<Uint8Array> {
  try {
    yield first;
    for (;;) {
      const next = await iterator.next().catch((error: unknown) => {
        onError(error);
        throw error;
      });
      if (next.done === true) {
        return;
      }
      yield next.value;
    }
  } finally {
    await iterator.return?.();
  }
}

function openDecoder(coding: Coding, start: Uint8Array): Transform {
  switch (coding) {
    case 'gzip':
      return createGunzip();
    case 'br':
      return createBrotliDecompress();
    case 'deflate':
      // Old servers leave out the header of zlib (RFC 1950, 2.2), as undici has learned: https://github.com/nodejs/undici/pull/2650
      return ((start[0] ?? 0) & 0x0f) === 8 ? createInflate() : createInflateRaw();
  }
}
