import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout } from 'node:timers/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { JsonHeader } from './json-process';
import type { JsonReading, JsonRequest } from './read-json';

/** The response could not be read: it needs more than a limit, or the process does not run. */
export type Unread =
  | { readonly kind: 'unread'; readonly exceeded: 'memory' | 'time' }
  | { readonly kind: 'unread'; readonly reason: string };

interface ProcessOptions {
  readonly entry?: string;
  readonly timeoutMs?: number;
  /** The memory of the task. */
  readonly usedBytes?: number;
}

/** The task and the process together: the rule is 1 GiB, and the process can grow a little before that is seen. */
const MAX_MEMORY_MIB = 960;
const MIB = 1024 * 1024;
/** JSON that fits into that memory is parsed within half a minute: docs/performance.md. An expression may have no end in sight. */
const MAX_READING_MS = 5 * 60_000;
const OUT_OF_MEMORY: Unread = { kind: 'unread', exceeded: 'memory' };
const OUT_OF_TIME: Unread = { kind: 'unread', exceeded: 'time' };
const LINE_FEED = 10;
const ENTRY = fileURLToPath(new URL('json-process.js', import.meta.url));

const running = new Set<ChildProcess>();
process.on('exit', () => {
  running.forEach((child) => child.kill('SIGKILL'));
});

/**
 * Reads JSON in a process that ends with this one. It gets an empty environment (on Windows, libuv adds SYSTEMROOT and the like:
 * src/win/process.c), and its standard error goes nowhere.
 * @param pieces the response, in which the token was searched for before
 */
export async function readInProcess(
  request: JsonRequest,
  pieces: readonly Buffer[],
  {
    entry = ENTRY,
    timeoutMs = MAX_READING_MS,
    usedBytes = process.memoryUsage.rss(),
  }: ProcessOptions = {},
): Promise<JsonReading | Unread> {
  const size = pieces.reduce((sum, { length }) => sum + length, 0);
  const memoryMiB = MAX_MEMORY_MIB - Math.ceil(usedBytes / MIB);
  if (memoryMiB * MIB < 2 * size) {
    return OUT_OF_MEMORY;
  }
  let child;
  try {
    child = startProcess(entry, memoryMiB);
  } catch (error) {
    return toUnread(error);
  }
  running.add(child);
  const timer = new AbortController();
  try {
    const sent = [toFrame({ size, memoryBytes: memoryMiB * MIB, request }), ...pieces];
    // A process that ends before it has read all is known by its end.
    pipeline(Readable.from(sent), child.stdin, { end: false }).catch(() => undefined);
    const timeout = setTimeout(timeoutMs, OUT_OF_TIME, { signal: timer.signal });
    return await Promise.race([receive(child, child.stdout), timeout]);
  } catch (error) {
    return toUnread(error);
  } finally {
    timer.abort();
    child.kill('SIGKILL');
    running.delete(child);
  }
}

function startProcess(entry: string, memoryMiB: number) {
  // The process keeps its limit itself. Near a limit of its own, Node.js would collect garbage for half a minute before it gives up.
  const args = [`--max-old-space-size=${2 * memoryMiB}`, '--expose-gc', entry];
  const stdio: ['pipe', 'pipe', 'ignore'] = ['pipe', 'pipe', 'ignore'];
  // Node.js passes this variable on by itself, unless it is named.
  const env = { NODE_V8_COVERAGE: undefined };
  return spawn(process.execPath, args, { cwd: dirname(entry), env, stdio, windowsHide: true });
}

/** The length of a header, and the header. */
function toFrame(header: JsonHeader): Buffer {
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(text.length);
  return Buffer.concat([length, text]);
}

/** A line of JSON is the reading; the process says nothing else. */
async function receive(child: ChildProcess, stdout: Readable): Promise<JsonReading | Unread> {
  const line = new Promise<JsonReading | Unread>((resolve) => {
    const chunks: Buffer[] = [];
    stdout.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      if (chunk.at(-1) === LINE_FEED) {
        resolve(parseLine(Buffer.concat(chunks).toString()));
      }
    });
  });
  // What keeps it from starting is an event, too, and thrown here.
  const ended = once(child, 'close').then(([exitCode, signal]) =>
    describeEnd(exitCode as number | null, signal as string | null),
  );
  return Promise.race([line, ended]);
}

/** The thread that watches the memory can end a line that the other one has begun. */
function parseLine(line: string): JsonReading | Unread {
  try {
    return JSON.parse(line) as JsonReading | Unread;
  } catch {
    return OUT_OF_MEMORY;
  }
}

/** Node.js aborts at its limit: by a signal, or with 134 where there are none. Linux kills what takes the last memory. */
function describeEnd(exitCode: number | null, signal: string | null): Unread {
  const isOutOfMemory = signal !== null || exitCode === 134 || (exitCode ?? 0) > 0x7fffffff;
  return isOutOfMemory
    ? OUT_OF_MEMORY
    : { kind: 'unread', reason: `exit code ${String(exitCode)}` };
}

function toUnread(error: unknown): Unread {
  const { code } = (error ?? {}) as { readonly code?: unknown };
  return { kind: 'unread', reason: typeof code === 'string' ? code : 'it does not start' };
}
