// The process of a step, as the agent starts, reads and cancels it (ProcessInvoker.cs in
// microsoft/azure-pipelines-agent).
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { OutputQueue } from './output-queue';

const SIGINT_TIMEOUT_MS = 7_500;
const SIGTERM_TIMEOUT_MS = 2_500;

/** A program to start. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
}

/** A program between the agent and the step, for a step of another system than that of the test. */
export interface Launcher {
  readonly wrap: (command: Command) => Command;
  /** What to write to its standard input in place of a signal. */
  readonly orders: Readonly<Record<'SIGINT' | 'SIGTERM', string>>;
  /** Makes paths of this system of those in the output of the step; absent: they stay. */
  readonly translate?: (text: string) => string;
}

export interface ProcessOptions extends Command {
  readonly folder: string;
  readonly launcher?: Launcher | undefined;
  readonly cancel: AbortSignal | undefined;
  readonly cancelSignal?: 'SIGINT' | 'SIGTERM';
  readonly take: (lines: readonly string[]) => void;
}

/** How it ended. */
export interface ProcessEnd {
  /** What it wrote, unmasked. */
  readonly stdout: string;
  readonly stderr: string;
  /** null after a signal, undefined where it was not started. */
  readonly exitCode: number | null | undefined;
  /** From its start to its end. */
  readonly elapsedMs: number;
  /** From the cancelling of the job to its end. */
  readonly cancelledAfterMs: number | undefined;
}

export async function runProcess(options: ProcessOptions): Promise<ProcessEnd> {
  const startedAt = performance.now();
  const { launcher } = options;
  const { translate = withLineFeeds } = launcher ?? {};
  const { file, args, environment } = launcher?.wrap(options) ?? options;
  const child = spawn(file, args, {
    cwd: options.folder,
    env: environment,
    stdio: [launcher === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  }) as ChildProcessByStdio<Writable | null, Readable, Readable>;
  // It has ended before the order.
  child.stdin?.on('error', () => undefined);
  const send = (signal: 'SIGINT' | 'SIGTERM') => {
    if (launcher === undefined) {
      child.kill(signal);
    } else {
      child.stdin?.write(launcher.orders[signal]);
    }
  };
  const queue = new OutputQueue();
  queue.out.follow(child.stdout);
  queue.err.follow(child.stderr);
  const drain = () => {
    options.take(queue.takeBatch().map(translate));
  };
  const timer = setInterval(drain, 20);
  let cancelledAt: number | undefined;
  const stopCancelling = onCancel(options.cancel, () => {
    cancelledAt = performance.now();
    return cancel(options.cancelSignal ?? 'SIGINT', { send, kill: () => child.kill('SIGKILL') });
  });
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  const endedAt = performance.now();
  clearInterval(timer);
  stopCancelling();
  drain();
  return {
    stdout: translate(queue.out.text()),
    stderr: translate(queue.err.text()),
    exitCode,
    elapsedMs: endedAt - startedAt,
    cancelledAfterMs: cancelledAt === undefined ? undefined : endedAt - cancelledAt,
  };
}

/** The task library ends a line as its platform does. */
function withLineFeeds(text: string): string {
  return process.platform === 'win32' ? text.replaceAll('\r\n', '\n') : text;
}

function onCancel(signal: AbortSignal | undefined, start: () => () => void): () => void {
  let stop: () => void = () => undefined;
  signal?.addEventListener('abort', () => {
    stop = start();
  });
  return () => {
    stop();
  };
}

/** SIGINT, after 7.5 seconds SIGTERM, after 2.5 more the end. */
function cancel(
  signal: 'SIGINT' | 'SIGTERM',
  {
    send,
    kill,
  }: { readonly send: (signal: 'SIGINT' | 'SIGTERM') => void; readonly kill: () => void },
): () => void {
  send(signal);
  const terminate = setTimeout(send, SIGINT_TIMEOUT_MS, 'SIGTERM');
  const end = setTimeout(kill, SIGINT_TIMEOUT_MS + SIGTERM_TIMEOUT_MS);
  return () => {
    clearTimeout(terminate);
    clearTimeout(end);
  };
}
