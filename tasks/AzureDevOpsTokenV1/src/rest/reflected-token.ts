import type { BodySink, Head } from '../http/response-body';
import type { CallFailure } from '../errors/call-failure';
import { listTokenForms } from '../live-tokens';
import { TokenWatch } from './token-watch';

/** Lets nothing through that holds a token: a server may repeat what it was sent, and a file would keep it. */
export class ReflectedTokenCheck {
  /** Of the last answer that was let through. */
  last: Head | undefined;
  readonly #forms = new Map<string, readonly Buffer[]>();
  readonly #report: () => CallFailure;

  constructor(report: () => CallFailure) {
    this.#report = report;
  }

  /** A token is about to be sent. */
  watchFor(token: string): void {
    if (!this.#forms.has(token)) {
      this.#forms.set(
        token,
        listTokenForms(token).map((form) => Buffer.from(form)),
      );
    }
  }

  /** @param sink where the body goes on to; absent where it is only kept in memory */
  before(sink?: BodySink): BodySink {
    let watch: TokenWatch | undefined;
    let isJson = false;
    return {
      start: async (head) => {
        if (this.repeatsToken(Object.entries(head.headers).flat().join('\n'))) {
          throw this.#report();
        }
        this.last = head;
        isJson = /\bjson\b/i.test(head.headers['content-type'] ?? '');
        watch = undefined;
        return (await sink?.start(head)) ?? false;
      },
      write: async (piece) => {
        const bytes = Buffer.from(piece.buffer, piece.byteOffset, piece.length);
        if (watch !== undefined || isJson || !isBlank(bytes)) {
          watch ??= new TokenWatch(
            this.#listForms,
            isJson || looksLikeJson(bytes) ? {} : { depth: 0 },
          );
          if (watch.sees(bytes)) {
            throw this.#report();
          }
        }
        await sink?.write(piece);
      },
    };
  }

  /** Whether a text that is about to leave the step holds a token. */
  repeatsToken(text: string): boolean {
    return new TokenWatch(this.#listForms).sees(Buffer.from(text));
  }

  readonly #listForms = (): readonly Buffer[] => [...this.#forms.values()].flat();
}

/** White space and a byte order mark, which can come in pieces: they say nothing of what follows. */
const BLANK = new Set([...Buffer.from(' \t\r\n\uFEFF')]);
const START_OF_JSON = new Set([...Buffer.from('"{[')]);

function isBlank(bytes: Buffer): boolean {
  return bytes.every((byte) => BLANK.has(byte));
}

function looksLikeJson(bytes: Buffer): boolean {
  const first = bytes.find((byte) => !BLANK.has(byte));
  return first !== undefined && START_OF_JSON.has(first);
}
