// The process of a step, as the agent starts, reads and cancels it (ProcessInvoker.cs in
// microsoft/azure-pipelines-agent).
import { spawn, type ChildProcess } from 'node:child_process';
import { OutputQueue } from './output-queue';

const SIGINT_TIMEOUT_MS = 7_500;
const SIGTERM_TIMEOUT_MS = 2_500;

export interface ProcessOptions {
  readonly file: string;
  readonly args: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  readonly folder: string;
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
  const child = spawn(options.file, options.args, {
    cwd: options.folder,
    env: options.environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const queue = new OutputQueue();
  queue.out.follow(child.stdout);
  queue.err.follow(child.stderr);
  const drain = () => {
    options.take(queue.takeBatch());
  };
  const timer = setInterval(drain, 20);
  let cancelledAt: number | undefined;
  const stopCancelling = onCancel(options.cancel, () => {
    cancelledAt = performance.now();
    return cancel(child, options.cancelSignal ?? 'SIGINT');
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
    stdout: queue.out.text(),
    stderr: queue.err.text(),
    exitCode,
    elapsedMs: endedAt - startedAt,
    cancelledAfterMs: cancelledAt === undefined ? undefined : endedAt - cancelledAt,
  };
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
function cancel(child: ChildProcess, signal: 'SIGINT' | 'SIGTERM'): () => void {
  child.kill(signal);
  const terminate = setTimeout(() => child.kill('SIGTERM'), SIGINT_TIMEOUT_MS);
  const kill = setTimeout(() => child.kill('SIGKILL'), SIGINT_TIMEOUT_MS + SIGTERM_TIMEOUT_MS);
  return () => {
    clearTimeout(terminate);
    clearTimeout(kill);
  };
}
