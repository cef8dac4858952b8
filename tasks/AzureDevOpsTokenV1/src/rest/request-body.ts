import { createReadStream, readFileSync, statSync } from 'node:fs';
import { Readable } from 'node:stream';
import type { StreamedBody } from '../http/response-body';
import type { TaskError } from '../errors/task-error';
import type { RestCall } from '../inputs/task-inputs';
import { countMark, isSentAsJson, readStart } from '../json-text';
import { MAX_IN_PROCESS_BYTES } from '../limits';

/** The body of a request. */
export interface RequestBody {
  readonly body: string | StreamedBody;
  readonly contentType: string;
}

type Report = (reason: unknown) => TaskError;

const PATCH_TYPE = 'application/json-patch+json';
// RFC 6902, 4
const OPERATIONS: readonly unknown[] = ['add', 'remove', 'replace', 'move', 'copy', 'test'];

/**
 * Reads the body of a REST call. A file is opened as a stream.
 * @throws the error that `report` returns for a file that cannot be read
 */
export function readBody(call: RestCall, report: Report): RequestBody | undefined {
  const { body, bodyFile } = call;
  if (body !== undefined) {
    return { body, contentType: findType(call, body) };
  }
  if (bodyFile === undefined) {
    return undefined;
  }
  try {
    const { size } = statSync(bodyFile);
    if (!isSentAsJson(bodyFile, call.headers.get('content-type'))) {
      return {
        body: openFile({ path: bodyFile, start: 0, size }, report),
        contentType: 'application/octet-stream',
      };
    }
    // Windows PowerShell 5.1 writes a byte order mark, which JSON must not have (RFC 8259, 8.1).
    const start = countMark(readStart(bodyFile));
    const text = size <= MAX_IN_PROCESS_BYTES ? readFileSync(bodyFile).toString('utf8', start) : '';
    return {
      body: openFile({ path: bodyFile, start, size: size - start }, report),
      contentType: findType(call, text),
    };
  } catch (error) {
    throw report(error);
  }
}

/** The part of a file to send. */
interface FilePart {
  readonly path: string;
  /** The number of bytes to skip. */
  readonly start: number;
  /** The announced length, of which neither less nor more is sent. */
  readonly size: number;
}

function openFile({ path, start, size }: FilePart, report: Report): StreamedBody {
  return {
    size,
    open: (fail) => {
      if (size === 0) {
        return Readable.from([]);
      }
      const stream = createReadStream(path, { start, end: start + size - 1 });
      stream.on('error', (error) => {
        fail(report(error));
      });
      stream.on('end', () => {
        if (stream.bytesRead < size) {
          fail(report('it became shorter while it was sent'));
        }
      });
      return stream;
    },
  };
}

/** The content type: JSON Patch if a POST or PATCH sends a list of its operations, otherwise JSON. */
function findType({ method }: RestCall, text: string): string {
  const isForPatch = method === 'POST' || method === 'PATCH';
  return isForPatch && isPatch(text) ? PATCH_TYPE : 'application/json';
}

function isPatch(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && value.length > 0 && value.every(isOperation);
  } catch {
    return false;
  }
}

function isOperation(element: unknown): boolean {
  const { op, path } = (element ?? {}) as { op?: unknown; path?: unknown };
  return OPERATIONS.includes(op) && typeof path === 'string';
}
