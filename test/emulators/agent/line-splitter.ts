import { StringDecoder } from 'node:string_decoder';

/** Cuts a stream of bytes into lines as .NET's StreamReader does: at \n, \r\n and a \r that stands alone. */
export class LineSplitter {
  readonly #decoder = new StringDecoder('utf8');
  #rest = '';

  push(chunk: Buffer): string[] {
    return this.#cut(this.#rest + this.#decoder.write(chunk));
  }

  end(): string[] {
    const lines = this.#cut(`${this.#rest}${this.#decoder.end()}`);
    const last = this.#rest.replace(/\r$/, '');
    this.#rest = '';
    return last === '' ? lines : [...lines, last];
  }

  #cut(text: string): string[] {
    // A \r at the very end may be the first half of \r\n.
    const lines = text.split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop() ?? '';
    return lines;
  }
}
