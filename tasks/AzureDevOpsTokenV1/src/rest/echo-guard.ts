import type { BodySink, Head } from '../azure-devops/body';
import type { CallFailure } from '../errors/call-failure';

/** Lets nothing through that holds a token: a server may repeat what it was sent, and a file would keep it. */
export class EchoGuard {
  /** Of the last answer that was let through. */
  last: Head | undefined;
  readonly #tokens = new Map<string, Buffer>();
  readonly #report: () => CallFailure;

  constructor(report: () => CallFailure) {
    this.#report = report;
  }

  /** A token is about to be sent. */
  watchFor(token: string): void {
    this.#tokens.set(token, Buffer.from(token));
  }

  /** @param sink where the body goes on to; absent where it is only kept in memory */
  before(sink?: BodySink): BodySink {
    /** The end of what has come, in which a token may have begun. */
    let tail = Buffer.alloc(0);
    return {
      start: async (head) => {
        this.#check(Buffer.from(JSON.stringify(head.headers)));
        this.last = head;
        tail = Buffer.alloc(0);
        return (await sink?.start(head)) ?? false;
      },
      write: async (piece) => {
        const rest = Math.max(0, ...[...this.#tokens.values()].map(({ length }) => length - 1));
        // Not all of it is copied to be looked at: of large answers, there are many pieces.
        const joint = Buffer.concat([tail, piece.subarray(0, rest)]);
        this.#check(joint);
        this.#check(Buffer.from(piece.buffer, piece.byteOffset, piece.length));
        const last = piece.length < rest ? joint : piece;
        tail = Buffer.from(last.subarray(Math.max(0, last.length - rest)));
        await sink?.write(piece);
      },
    };
  }

  #check(bytes: Buffer): void {
    if ([...this.#tokens.values()].some((token) => bytes.includes(token))) {
      throw this.#report();
    }
  }
}
