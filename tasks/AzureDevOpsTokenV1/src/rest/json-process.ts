// The entry of the child process that reads a large response. The task can end it at any time, and it has a memory limit.
// It reads a header and the response from standard input, and writes one line of JSON to standard output.
import { isAscii } from 'node:buffer';
import { readSync, writeSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { countMark } from '../json-text';
import {
  decodeJson,
  OUT_OF_MEMORY,
  readJsonText,
  type JsonHeader,
  type JsonReading,
  type UnreadableResponse,
} from './read-json';

/** More than a page has besides its items, and more than fits into an output. */
const MAX_READING_BYTES = 4 * 1024 * 1024;
const FULL_PIPE_MS = 5;

/**
 * A thread that ends this process if the task ends or the memory limit is exceeded, also while the main thread is busy. The heap
 * limit of Node.js is not enough: to parse 60 MB of `[],` took 1.7 GiB with a limit of 0.8.
 */
const WATCH = `
  const { read, writeSync } = require('node:fs');
  const { workerData: mostBytes } = require('node:worker_threads');
  const end = () => process.kill(process.pid, 'SIGKILL');
  read(0, Buffer.alloc(1), 0, 1, null, end);
  setInterval(() => {
    if (process.memoryUsage.rss() > mostBytes) {
      writeSync(1, ${JSON.stringify(`${JSON.stringify(OUT_OF_MEMORY)}\n`)});
      end();
    }
  }, 10);
`;

function main(): void {
  const header = JSON.parse(receive(receive(4).readUInt32LE()).toString()) as JsonHeader;
  const text = receiveText(header);
  // Frees the buffer of the response, of which only the text is needed.
  (globalThis as { readonly gc?: () => void }).gc?.();
  const reading =
    typeof text.json === 'string' ? readJsonText(header.request, text.json, text.offset) : text;
  const line = toLine(reading);
  send(line.length > MAX_READING_BYTES ? toLine(OUT_OF_MEMORY) : line);
}

/** The text of a response, and the number of bytes before it (a byte order mark). */
type ResponseText =
  | { readonly json: string; readonly offset: number }
  | ((JsonReading | UnreadableResponse) & { readonly json?: undefined });

function receiveText({ size, memoryBytes }: JsonHeader): ResponseText {
  const bytes = receive(size);
  new Worker(WATCH, { eval: true, workerData: memoryBytes });
  // A text with any character outside Latin-1 needs two bytes for each character.
  if (size * (isAscii(bytes) ? 2 : 3) > memoryBytes) {
    return OUT_OF_MEMORY;
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

function toLine(reading: JsonReading | UnreadableResponse): Buffer {
  return Buffer.from(`${JSON.stringify(reading)}\n`);
}

function send(line: Buffer): void {
  for (let at = 0; at < line.length;) {
    at += writeSome(line, at);
  }
}

/** The thread makes Node.js open standard output without blocking, so that a write to a full pipe fails with EAGAIN. */
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
  // The process does not end by itself, because its thread still reads standard input.
  const reason = error instanceof Error ? error.name : 'unknown';
  send(toLine({ kind: 'unreadable', reason }));
}
