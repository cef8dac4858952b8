import type { BodySink, Head } from '../azure-devops/body';
import type { CallFailure } from '../errors/call-failure';

/** Lets nothing through to a sink that holds the token: a server may repeat what it was sent, and a file would keep it. */
export class EchoGuard implements BodySink {
  /** Of the last answer that was let through. */
  last: Head | undefined;
  readonly #sink: BodySink;
  readonly #token: string;
  readonly #report: () => CallFailure;
  /** The end of what has come, in which the token may have begun. */
  #tail = Buffer.alloc(0);

  constructor(sink: BodySink, token: string, report: () => CallFailure) {
    this.#sink = sink;
    this.#token = token;
    this.#report = report;
  }

  readonly start = (head: Head): Promise<boolean> => {
    this.#check(JSON.stringify(head.headers));
    this.last = head;
    this.#tail = Buffer.alloc(0);
    return this.#sink.start(head);
  };

  readonly write = async (piece: Uint8Array): Promise<void> => {
    const known = Buffer.concat([this.#tail, piece]);
    if (known.includes(this.#token)) {
      throw this.#report();
    }
    this.#tail = Buffer.from(known.subarray(Math.max(0, known.length - this.#token.length + 1)));
    await this.#sink.write(piece);
  };

  #check(text: string): void {
    if (text.includes(this.#token)) {
      throw this.#report();
    }
  }
}
