import { NoAnswer, type AnswerHead } from './no-local-answer';

/** Two timers, one for a step of the request and one for a stretch of it. */
export class Watch {
  readonly expired: Promise<never>;
  /** The answer, once it began. */
  begun: AnswerHead | undefined;
  #expire: (reason: NoAnswer) => void = () => undefined;
  readonly #timers = new Map<string, NodeJS.Timeout>();

  constructor() {
    this.expired = new Promise((_, reject) => {
      this.#expire = reject;
    });
  }

  expect(timer: 'step' | 'stretch', ms: number, code: string): void {
    clearTimeout(this.#timers.get(timer));
    const expire = () => {
      this.#expire(new NoAnswer(code, this.begun));
    };
    this.#timers.set(timer, setTimeout(expire, ms));
  }

  stop(...timers: readonly ('step' | 'stretch')[]): void {
    for (const timer of timers) {
      clearTimeout(this.#timers.get(timer));
    }
  }
}
