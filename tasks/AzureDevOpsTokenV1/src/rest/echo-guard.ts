import type { BodySink, Head } from '../azure-devops/body';
import type { CallFailure } from '../errors/call-failure';

/** Lets nothing through that holds a token: a server may repeat what it was sent, and a file would keep it. */
export class EchoGuard {
  /** Of the last answer that was let through. */
  last: Head | undefined;
  readonly #tokens = new Set<string>();
  readonly #report: () => CallFailure;

  constructor(report: () => CallFailure) {
    this.#report = report;
  }

  /** A token is about to be sent. */
  watchFor(token: string): void {
    this.#tokens.add(token);
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
        const known = Buffer.concat([tail, piece]);
        this.#check(known);
        const longest = Math.max(0, ...[...this.#tokens].map(({ length }) => length));
        tail = Buffer.from(known.subarray(Math.max(0, known.length - longest + 1)));
        await sink?.write(piece);
      },
    };
  }

  #check(bytes: Buffer): void {
    if ([...this.#tokens].some((token) => bytes.includes(token))) {
      throw this.#report();
    }
  }
}
