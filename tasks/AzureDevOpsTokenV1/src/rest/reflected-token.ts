import type { BodySink, Head } from '../http/response-body';
import type { TaskError } from '../errors/task-error';
import { listTokenForms } from '../untrusted-text';
import { TokenWatch } from './token-watch';

/** Stops a response that contains a token. A server can return the token that it was sent, and a file would keep it. */
export class ReflectedTokenCheck {
  /** The head of the last response that was accepted. */
  last: Head | undefined;
  readonly #tokens = new Set<string>();
  /** All forms of all tokens. */
  #forms: readonly Buffer[] = [];
  readonly #report: () => TaskError;

  constructor(report: () => TaskError) {
    this.#report = report;
  }

  /** To be called before a token is sent. */
  watchFor(token: string): void {
    if (!this.#tokens.has(token)) {
      this.#tokens.add(token);
      this.#forms = [...this.#forms, ...listTokenForms(token).map((form) => Buffer.from(form))];
    }
  }

  /** @param sink receives the body; absent if the body is only kept in memory */
  before(sink?: BodySink): BodySink {
    let watch: TokenWatch | undefined;
    let decoded = new TokenWatch(this.#listForms);
    let isJson = false;
    return {
      start: async (head) => {
        if (this.repeatsToken(Object.entries(head.headers).flat().join('\n'))) {
          throw this.#report();
        }
        this.last = head;
        isJson = /\bjson\b/i.test(head.headers['content-type'] ?? '');
        watch = undefined;
        decoded = new TokenWatch(this.#listForms);
        return (await sink?.start(head)) ?? false;
      },
      write: async (piece) => {
        const bytes = Buffer.from(piece.buffer, piece.byteOffset, piece.length);
        if (watch !== undefined || isJson || !isBlank(bytes)) {
          watch ??= new TokenWatch(
            this.#listForms,
            isJson || startsAsJson(bytes) ? {} : { depth: 0 },
          );
          if (watch.sees(bytes)) {
            throw this.#report();
          }
        }
        await sink?.write(piece);
      },
      inspect: (piece) => {
        if (decoded.sees(Buffer.from(piece.buffer, piece.byteOffset, piece.length))) {
          throw this.#report();
        }
      },
    };
  }

  /** Whether a text that is about to become an output contains a token. */
  repeatsToken(text: string): boolean {
    return new TokenWatch(this.#listForms).sees(Buffer.from(text));
  }

  readonly #listForms = (): readonly Buffer[] => this.#forms;
}

/** White space and the byte order mark, which can come before the body and do not show whether it is JSON. */
const BLANK = new Set([...Buffer.from(' \t\r\n\uFEFF')]);
const START_OF_JSON = new Set([...Buffer.from('"{[')]);

function isBlank(bytes: Buffer): boolean {
  return bytes.every((byte) => BLANK.has(byte));
}

function startsAsJson(bytes: Buffer): boolean {
  const first = bytes.find((byte) => !BLANK.has(byte));
  return first !== undefined && START_OF_JSON.has(first);
}
