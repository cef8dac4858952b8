import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { HttpResponse } from '../http/response';
import type { BodySink, Reception } from '../http/response-body';
import type { CallFailure } from '../errors/call-failure';
import type { CallProblemDetails } from '../errors/call-problems';
import { describeSystemError } from '../errors/system-error';
import type { AccessToken } from '../identity/identity';
import type { RestCall } from '../inputs/task-inputs';
import { RestClient, type RestClientOptions, type Transfer } from './rest-client';
import { ReflectedTokenCheck } from './reflected-token';
import { keepSecret, toOutcome, type Outcome } from './success';
import { readPages } from './read-pages';
import { ResponseFile, type FilePlace } from './response-file';

export interface ResponseReaderOptions extends Omit<RestClientOptions, 'getToken'> {
  /** A token that was checked and lives for some minutes more. */
  readonly getToken: () => Promise<AccessToken>;
  readonly temporaryFolder: string;
}

/** Enough to be looked at as JSON, and still at home in the memory of a small machine. */
const MAX_JSON_BYTES = 256 * 1024 * 1024;
const MAX_MESSAGE_BYTES = 1024 * 1024;

/** Asks for one answer after the other. The last one is in the file. */
export class ResponseReader {
  readonly file: ResponseFile;
  readonly guard: ReflectedTokenCheck;
  readonly restClient: RestClient;
  /** The last answer that came to its end; a page of a list, too. */
  lastResponse: HttpResponse | undefined;
  readonly #options: ResponseReaderOptions;
  readonly #temporary: string;

  /** @param toFailure makes a failure of what stands in the way of an answer */
  constructor(
    options: ResponseReaderOptions,
    toFailure: (problem: CallProblemDetails) => CallFailure,
  ) {
    const guard = new ReflectedTokenCheck(() => toFailure({ kind: 'echo' }));
    const getToken = async () => {
      const { token } = await options.getToken();
      guard.watchFor(token);
      return token;
    };
    this.guard = guard;
    this.restClient = new RestClient({ ...options, getToken });
    this.#options = options;
    this.#temporary = join(options.temporaryFolder, `azure-devops-${randomUUID()}`);
    this.file = new ResponseFile((path, error) => {
      const input = path === this.#temporary ? 'Agent.TempDirectory' : 'outputFile';
      return toFailure({ kind: 'file', input, path, reason: describeSystemError(error) });
    });
  }

  /**
   * Asks for an answer, or for all pages of one.
   * @throws {ConnectionError}
   * @throws {Failure}
   */
  async poll(call: RestCall, transfer: Omit<Transfer, 'reception'>): Promise<Outcome> {
    const { guard } = this;
    const send = async (one: RestCall, reception: Reception) => {
      this.lastResponse = await this.restClient.send(one, { ...transfer, reception });
      return this.lastResponse;
    };
    const sink = this.#openSink(call);
    const keptBytes = needsAll(call) ? MAX_JSON_BYTES : MAX_MESSAGE_BYTES;
    if (!call.allPages) {
      return toOutcome(call, await send(call, { keptBytes, sink: guard.before(sink) }));
    }
    const sendPage = (page: RestCall) =>
      send(page, { keptBytes: MAX_JSON_BYTES, sink: guard.before() });
    return readPages(call, { ...this.#options, send: sendPage, sink, keptBytes });
  }

  #openSink(call: RestCall): BodySink {
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
function needsAll({ query, failWhen, wait, isResultSecret, outputFile }: RestCall): boolean {
  const expressions = [query, failWhen, wait];
  return expressions.some((one) => one !== undefined) || (isResultSecret && !outputFile);
}

/** An answer that the step does not expect is never put where the step wants a good one. */
function findPlace(
  { outputFile, isExpected, isResultSecret }: RestCall,
  status: number,
  temporary: string,
): FilePlace | undefined {
  if (outputFile !== undefined && isExpected(status)) {
    return { path: outputFile, isPrivate: isResultSecret };
  }
  return isResultSecret ? undefined : { path: temporary, isPrivate: true };
}
