import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Answer } from '../http/response';
import type { BodySink, Reception } from '../http/response-body';
import type { CallFailure } from '../errors/call-failure';
import type { CallTrouble } from '../errors/call-problems';
import { describeSystemError } from '../errors/system-error';
import type { AccessToken } from '../identity/identity';
import type { RequestedCall } from '../inputs/task-inputs';
import { Caller, type CallerOptions, type Transfer } from './rest-client';
import { EchoGuard } from './reflected-token';
import { keepSecret, toOutcome, type Outcome } from './success';
import { readPages } from './read-pages';
import { ResponseFile, type FilePlace } from './response-file';

export interface LookerOptions extends Omit<CallerOptions, 'getToken'> {
  /** A token that was checked and lives for some minutes more. */
  readonly getToken: () => Promise<AccessToken>;
  readonly temporaryFolder: string;
}

/** Enough to be looked at as JSON, and still at home in the memory of a small machine. */
const LARGEST_JSON = 256 * 1024 * 1024;
const LARGEST_WORDS = 1024 * 1024;

/** Asks for one answer after the other. The last one is in the file. */
export class Looker {
  readonly file: ResponseFile;
  readonly guard: EchoGuard;
  readonly caller: Caller;
  /** The last answer that came to its end; a page of a list, too. */
  lastAnswer: Answer | undefined;
  readonly #options: LookerOptions;
  readonly #temporary: string;

  /** @param toFailure makes a failure of what stands in the way of an answer */
  constructor(options: LookerOptions, toFailure: (trouble: CallTrouble) => CallFailure) {
    const guard = new EchoGuard(() => toFailure({ kind: 'echo' }));
    const getToken = async () => {
      const { token } = await options.getToken();
      guard.watchFor(token);
      return token;
    };
    this.guard = guard;
    this.caller = new Caller({ ...options, getToken });
    this.#options = options;
    this.#temporary = join(options.temporaryFolder, `azure-devops-${randomUUID()}`);
    this.file = new ResponseFile((path, error) => {
      const input = path === this.#temporary ? 'Agent.TempDirectory' : 'outputFile';
      return toFailure({ kind: 'file', input, path, reason: describeSystemError(error) });
    });
  }

  /**
   * Asks for an answer, or for all pages of one.
   * @throws {NoAnswer}
   * @throws {Failure}
   */
  async look(call: RequestedCall, transfer: Omit<Transfer, 'reception'>): Promise<Outcome> {
    const { guard } = this;
    const send = async (one: RequestedCall, reception: Reception) => {
      this.lastAnswer = await this.caller.send(one, { ...transfer, reception });
      return this.lastAnswer;
    };
    const sink = this.#openSink(call);
    const keptBytes = needsAll(call) ? LARGEST_JSON : LARGEST_WORDS;
    if (!call.allPages) {
      return toOutcome(call, await send(call, { keptBytes, sink: guard.before(sink) }));
    }
    const ask = (page: RequestedCall) =>
      send(page, { keptBytes: LARGEST_JSON, sink: guard.before() });
    return readPages(call, { ...this.#options, ask, sink, keptBytes });
  }

  #openSink(call: RequestedCall): BodySink {
    return {
      start: async ({ status, url }) => {
        const place = findPlace(keepSecret(call, url), status, this.#temporary);
        await this.file.start(place);
        return place !== undefined;
      },
      write: this.file.write,
    };
  }
}

/** Whether the body is looked at as JSON, or has no file to be in. */
function needsAll({ query, failWhen, wait, isResultSecret, outputFile }: RequestedCall): boolean {
  const expressions = [query, failWhen, wait];
  return expressions.some((one) => one !== undefined) || (isResultSecret && !outputFile);
}

/** An answer that the step does not expect is never put where the step wants a good one. */
function findPlace(
  { outputFile, isExpected, isResultSecret }: RequestedCall,
  status: number,
  temporary: string,
): FilePlace | undefined {
  if (outputFile !== undefined && isExpected(status)) {
    return { path: outputFile, isPrivate: isResultSecret };
  }
  return isResultSecret ? undefined : { path: temporary, isPrivate: true };
}
