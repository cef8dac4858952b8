import { LineSplitter } from './line-splitter';

/** What a task wrote and the agent has not acted on yet. */
export class OutputQueue {
  readonly out = new StreamLines();
  readonly err = new StreamLines();

  /** The lines since the last call: of a batch, the agent takes those of standard error first. */
  takeBatch(): readonly string[] {
    return [...this.err.lines.splice(0), ...this.out.lines.splice(0)];
  }
}

/** One stream of a task: its lines, and all its bytes. */
export class StreamLines {
  readonly lines: string[] = [];
  readonly #splitter = new LineSplitter();
  readonly #chunks: Buffer[] = [];

  follow(stream: NodeJS.ReadableStream): void {
    stream.on('data', (chunk: Buffer) => {
      this.#chunks.push(chunk);
      this.lines.push(...this.#splitter.push(chunk));
    });
    stream.on('end', () => {
      this.lines.push(...this.#splitter.end());
    });
  }

  text(): string {
    return Buffer.concat(this.#chunks).toString('utf8');
  }
}
