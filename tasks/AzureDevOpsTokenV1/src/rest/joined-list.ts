import { ByteStore } from '../http/byte-store';
import type { ReceivedBody } from '../http/response';
import { type BodySink, type Head, toReceivedBody } from '../http/response-body';
import { isOfPage, type Page } from './page';

/**
 * Joins the pages of a list to one JSON document while they arrive. The document has the other fields of the first page, all
 * items, and a new `count` if the pages have one. Every value stays as the server wrote it.
 */
export class JoinedList {
  count = 0;
  pages = 0;
  readonly #sink: BodySink;
  readonly #keptBytes: number;
  readonly #kept = new ByteStore();
  #size = 0;
  #end = '';

  /** @param keptBytes how much of the document is kept in memory */
  constructor(sink: BodySink, keptBytes: number) {
    this.#sink = sink;
    this.#keptBytes = keptBytes;
  }

  /**
   * @param items the text of the items
   * @throws {TaskError} of the sink
   */
  async add(page: Page, head: Head, items: readonly Buffer[]): Promise<void> {
    this.pages += 1;
    if (this.pages === 1) {
      await this.#sink.start(head);
      await this.#write(this.#open(page));
    }
    if (page.count > 0) {
      if (this.count > 0) {
        await this.#write(',');
      }
      for (const piece of items) {
        await this.#write(piece);
      }
    }
    this.count += page.count;
  }

  async end(): Promise<ReceivedBody> {
    await this.#write(this.#end.replace('COUNT', String(this.count)));
    const isKept = this.#size <= this.#keptBytes;
    return { ...toReceivedBody(this.#kept, isKept), isWhole: true };
  }

  /** @returns the text before the items */
  #open({ name, others }: Page): string {
    if (name === undefined) {
      this.#end = ']';
      return '[';
    }
    this.#end = others.some(([other]) => other === 'count') ? '],"count":COUNT}' : ']}';
    const fields = others
      .filter(([other]) => !isOfPage(other))
      .map(([other, value]) => `${JSON.stringify(other)}:${value},`);
    return `{${fields.join('')}${JSON.stringify(name)}:[`;
  }

  async #write(text: string | Buffer): Promise<void> {
    const piece = typeof text === 'string' ? Buffer.from(text) : text;
    this.#size += piece.length;
    if (this.#size <= this.#keptBytes) {
      this.#kept.add(piece);
    } else {
      // The document is too large to be read as JSON, so no part of it is needed in memory.
      this.#kept.clear();
    }
    await this.#sink.write(piece);
  }
}
