// Reads a large response in a process of its own, which can be ended at any time and has a limit of memory. On standard input are a
// header and the response; on standard output is one line of JSON.
import { isAscii } from 'node:buffer';
import { readSync, writeSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import {
  countMark,
  decodeJson,
  readJsonText,
  type JsonReading,
  type JsonRequest,
} from './read-json';
import type { Unread } from './json-process-runner';

/** What comes before the response. */
export interface JsonHeader {
  /** In bytes. */
  readonly size: number;
  /** Of this process. */
  readonly memoryBytes: number;
  readonly request: JsonRequest;
}

/** More than what is in a page besides its items, and than what an output can hold. */
const MAX_READING_BYTES = 4 * 1024 * 1024;
const FULL_PIPE_MS = 5;
const UNREAD: Unread = { kind: 'unread', exceeded: 'memory' };

/**
 * Ends this process when the task ends, and when it needs too much memory, also while the main thread reads. The limit of Node.js for
 * its heap alone does not hold: to parse 60 MB of `[],` took 1.7 GiB with a limit of 0.8.
 */
const WATCH = `
  const { read, writeSync } = require('node:fs');
  const { workerData: mostBytes } = require('node:worker_threads');
  const end = () => process.kill(process.pid, 'SIGKILL');
  read(0, Buffer.alloc(1), 0, 1, null, end);
  setInterval(() => {
    if (process.memoryUsage.rss() > mostBytes) {
      writeSync(1, ${JSON.stringify(`${JSON.stringify(UNREAD)}\n`)});
      end();
    }
  }, 10);
`;

function main(): void {
  const header = JSON.parse(receive(receive(4).readUInt32LE()).toString()) as JsonHeader;
  const text = receiveText(header);
  // Frees what held the bytes.
  (globalThis as { readonly gc?: () => void }).gc?.();
  const reading =
    typeof text.json === 'string' ? readJsonText(header.request, text.json, text.offset) : text;
  const line = toLine(reading);
  send(line.length > MAX_READING_BYTES ? toLine(UNREAD) : line);
}

/** The text of a response, which begins after so many bytes. */
type ResponseText =
  | { readonly json: string; readonly offset: number }
  | ((JsonReading | Unread) & { readonly json?: undefined });

function receiveText({ size, memoryBytes }: JsonHeader): ResponseText {
  const bytes = receive(size);
  new Worker(WATCH, { eval: true, workerData: memoryBytes });
  // Text with other characters than those of ASCII can have two bytes for each.
  if (size * (isAscii(bytes) ? 2 : 3) > memoryBytes) {
    return UNREAD;
  }
  const json = decodeJson(bytes);
  return json === undefined ? { kind: 'not-json' } : { json, offset: countMark(bytes) };
}

function receive(size: number): Buffer {
  const bytes = Buffer.allocUnsafeSlow(size);
  for (let at = 0; at < size;) {
    const count = readSync(0, bytes, at, size - at, null);
    if (count === 0) {
      // The task ended.
      process.exit(1);
    }
    at += count;
  }
  return bytes;
}

function toLine(reading: JsonReading | Unread): Buffer {
  return Buffer.from(`${JSON.stringify(reading)}\n`);
}

function send(line: Buffer): void {
  for (let at = 0; at < line.length;) {
    at += writeSome(line, at);
  }
}

/** The thread that watches has Node.js open standard output, after which a write to a full pipe is refused. */
function writeSome(line: Buffer, at: number): number {
  try {
    return writeSync(1, line, at);
  } catch (error) {
    if ((error as { readonly code?: unknown }).code !== 'EAGAIN') {
      throw error;
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, FULL_PIPE_MS);
    return 0;
  }
}

try {
  main();
} catch (error) {
  // It would not end by itself while its other thread reads.
  const reason = error instanceof Error ? error.name : 'unknown';
  send(toLine({ kind: 'unread', reason }));
}
