import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout } from 'node:timers/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  OUT_OF_MEMORY,
  type JsonHeader,
  type JsonReading,
  type JsonRequest,
  type UnreadableResponse,
} from './read-json';
import { MAX_JSON_MEMORY_BYTES, MAX_JSON_READING_MS, MIB } from '../limits';

interface ProcessOptions {
  readonly entry?: string;
  readonly timeoutMs?: number;
  /** The memory of the task. */
  readonly usedBytes?: number;
}

/** The process can grow a little before that is seen. */
const MAX_MEMORY_MIB = MAX_JSON_MEMORY_BYTES / MIB - 64;
const TIMED_OUT: UnreadableResponse = { kind: 'unreadable', exceeded: 'time' };
const LINE_FEED = 10;
const ENTRY = fileURLToPath(new URL('json-process.js', import.meta.url));

const running = new Set<ChildProcess>();
process.on('exit', () => {
  running.forEach((child) => child.kill('SIGKILL'));
});

/**
 * Reads JSON in a child process that ends with this one. The child has an empty environment (on Windows, libuv adds SYSTEMROOT
 * and a few others: src/win/process.c), and its standard error is discarded.
 * @param pieces the response, which has been searched for the token before
 */
export async function readInProcess(
  request: JsonRequest,
  pieces: readonly Buffer[],
  {
    entry = ENTRY,
    timeoutMs = MAX_JSON_READING_MS,
    usedBytes = process.memoryUsage.rss(),
  }: ProcessOptions = {},
): Promise<JsonReading | UnreadableResponse> {
  const size = pieces.reduce((sum, { length }) => sum + length, 0);
  const memoryMiB = MAX_MEMORY_MIB - Math.ceil(usedBytes / MIB);
  if (memoryMiB * MIB < 2 * size) {
    return OUT_OF_MEMORY;
  }
  let child;
  try {
    child = startProcess(entry, memoryMiB);
  } catch (error) {
    return toUnreadable(error);
  }
  running.add(child);
  const timer = new AbortController();
  try {
    const sent = [toFrame({ size, memoryBytes: memoryMiB * MIB, request }), ...pieces];
    // An error here means that the process has ended early, which receive() reports.
    pipeline(Readable.from(sent), child.stdin, { end: false }).catch(() => undefined);
    const timeout = setTimeout(timeoutMs, TIMED_OUT, { signal: timer.signal });
    return await Promise.race([receive(child, child.stdout), timeout]);
  } catch (error) {
    return toUnreadable(error);
  } finally {
    timer.abort();
    child.kill('SIGKILL');
    running.delete(child);
  }
}

function startProcess(entry: string, memoryMiB: number) {
  // The child watches its memory itself. Near the limit of its heap, Node.js would collect garbage for half a minute first.
  const args = [`--max-old-space-size=${2 * memoryMiB}`, '--expose-gc', entry];
  const stdio: ['pipe', 'pipe', 'ignore'] = ['pipe', 'pipe', 'ignore'];
  // Node.js passes this variable to a child, unless the environment names it.
  const env = { NODE_V8_COVERAGE: undefined };
  return spawn(process.execPath, args, { cwd: dirname(entry), env, stdio, windowsHide: true });
}

/** The header as JSON, with its length before it. */
function toFrame(header: JsonHeader): Buffer {
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(text.length);
  return Buffer.concat([length, text]);
}

/** Receives the one line of JSON that the process writes. */
async function receive(
  child: ChildProcess,
  stdout: Readable,
): Promise<JsonReading | UnreadableResponse> {
  const line = new Promise<JsonReading | UnreadableResponse>((resolve) => {
    const chunks: Buffer[] = [];
    stdout.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      if (chunk.at(-1) === LINE_FEED) {
        resolve(parseLine(Buffer.concat(chunks).toString()));
      }
    });
  });
  // once() also throws the error of a process that does not start.
  const ended = once(child, 'close').then(([exitCode, signal]) =>
    describeEnd(exitCode as number | null, signal as string | null),
  );
  return Promise.race([line, ended]);
}

/** If the line is not JSON, the thread that watches the memory has ended the process in the middle of a line. */
function parseLine(line: string): JsonReading | UnreadableResponse {
  try {
    return JSON.parse(line) as JsonReading | UnreadableResponse;
  } catch {
    return OUT_OF_MEMORY;
  }
}

/** Node.js aborts at its limit, by a signal or with exit code 134. Linux kills a process if the memory of the machine is used up. */
function describeEnd(exitCode: number | null, signal: string | null): UnreadableResponse {
  const isOutOfMemory = signal !== null || exitCode === 134 || (exitCode ?? 0) > 0x7fffffff;
  return isOutOfMemory
    ? OUT_OF_MEMORY
    : { kind: 'unreadable', reason: `exit code ${String(exitCode)}` };
}

function toUnreadable(error: unknown): UnreadableResponse {
  const { code } = (error ?? {}) as { readonly code?: unknown };
  return { kind: 'unreadable', reason: typeof code === 'string' ? code : 'it does not start' };
}
