import type { IncomingHttpHeaders } from 'node:http';

/** The one who answers has another certificate than the machine says. */
export const WRONG_CERTIFICATE = 'WRONG_CERTIFICATE';

/** What of an answer comes before its body. */
export interface AnswerHead {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
}

/** The attempt ended without a whole answer. */
export class NoAnswer extends Error {
  /**
   * An errno such as `ECONNREFUSED`, an error of Node's HTTP parser (`HPE_…`), or one of our own: `CONNECT_TIMEOUT`,
   * `SILENT`, `STALLED`, `TOO_LARGE`, `WRONG_CERTIFICATE`.
   */
  readonly code: string;
  /** The answer as far as it came, where one began. */
  readonly begun: AnswerHead | undefined;

  constructor(code: string, begun: AnswerHead | undefined) {
    super(code);
    this.code = code;
    this.begun = begun;
  }
}
