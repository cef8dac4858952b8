import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { HttpResponse } from '../http/response';
import { MESSAGE_ONLY, type BodySink, type Reception } from '../http/response-body';
import { restError, type RestProblemDetails } from '../errors/rest-request';
import {
  toIdentityDetails,
  type AzureDevOpsContext,
  type IdentityDetails,
  type PollProgress,
} from '../errors/azure-devops-problem';
import { describeSystemError } from '../errors/system-error';
import type { TaskError } from '../errors/task-error';
import { readOrganizationName } from '../hosts';
import type { AccessToken } from '../identity/identity';
import type { RestCall } from '../inputs/task-inputs';
import { listLiveTokens, untrustedText } from '../untrusted-text';
import { RestClient, type RestClientOptions, type Transfer } from './rest-client';
import { ReflectedTokenCheck } from './reflected-token';
import { keepSecret, toOutcome, type CurrentCall, type Outcome } from './outcome';
import { readPages } from './read-pages';
import { ResponseFile, type FilePlace } from './response-file';
import { MAX_JSON_BYTES } from '../limits';

export interface ResponseReaderOptions extends Omit<RestClientOptions, 'getToken'> {
  /** Returns a checked token that is valid for some more minutes. */
  readonly getToken: () => Promise<AccessToken>;
  readonly temporaryFolder: string;
  /** The identity of the token. */
  readonly identityDetails: IdentityDetails;
}

/** What is requested now, or was requested last. */
export interface CallInProgress {
  readonly call: RestCall;
  /** The progress of polling; absent before the first poll. */
  readonly progress?: PollProgress | undefined;
}

/** Reads one response after the other of a REST call. The last one is in the file. */
export class ResponseReader {
  readonly file: ResponseFile;
  readonly tokenCheck: ReflectedTokenCheck;
  readonly restClient: RestClient;
  inProgress: CallInProgress;
  /** The outcome of the last request that ended. */
  lastOutcome: Outcome | undefined;
  /** The last response that ended, the pages of a list included. */
  lastResponse: HttpResponse | undefined;
  readonly #options: ResponseReaderOptions;
  readonly #temporary: string;

  constructor(call: RestCall, options: ResponseReaderOptions) {
    this.inProgress = { call };
    this.#options = options;
    this.#temporary = join(options.temporaryFolder, `azure-devops-${randomUUID()}`);
    this.tokenCheck = new ReflectedTokenCheck(() => this.toError({ kind: 'reflected-token' }));
    // Azure DevOps has received the job token too, if it issued an OIDC token for a service connection.
    listLiveTokens().forEach((token) => {
      this.tokenCheck.watchFor(token);
    });
    this.restClient = new RestClient({ ...options, getToken: () => this.#getToken() });
    this.file = new ResponseFile({
      clock: options.clock,
      report: (path, error, isHeld) => this.toError(this.#describeFile(path, error, isHeld)),
    });
  }

  #describeFile(path: string, error: unknown, isHeld: boolean): RestProblemDetails {
    const input = path === this.#temporary ? 'Agent.TempDirectory' : 'outputFile';
    const problem = { input, path, reason: describeSystemError(error) } as const;
    return isHeld
      ? { kind: 'file-held', ...problem, status: this.lastResponse?.status }
      : { kind: 'file', ...problem };
  }

  /** The error of a problem with the request in progress. */
  toError(problem: RestProblemDetails & Pick<AzureDevOpsContext, 'respondedBy'>): TaskError {
    const { call, progress } = this.inProgress;
    const context = describeCall(call, this.#options.identityDetails);
    return restError({ ...context, progress, ...problem });
  }

  /**
   * Sends a request and reads its response, or those of all pages.
   * @throws {ConnectionError}
   * @throws {TaskError}
   */
  async read(inProgress: CallInProgress, transfer: Omit<Transfer, 'reception'>): Promise<Outcome> {
    this.inProgress = inProgress;
    this.lastOutcome = await this.#read(inProgress.call, transfer);
    return this.lastOutcome;
  }

  async #read(call: CurrentCall, transfer: Omit<Transfer, 'reception'>): Promise<Outcome> {
    const { tokenCheck } = this;
    const send = async (one: CurrentCall, reception: Reception, body = transfer.body) => {
      this.lastResponse = await this.restClient.send(one, { ...transfer, body, reception });
      return this.lastResponse;
    };
    const sink = this.#openSink(call);
    const keptBytes = needsAll(call) ? MAX_JSON_BYTES : MESSAGE_ONLY.keptBytes;
    if (!call.allPages) {
      return toOutcome(call, await send(call, { keptBytes, sink: tokenCheck.before(sink) }));
    }
    const sendPage = (page: CurrentCall) =>
      send(page, { keptBytes: MAX_JSON_BYTES, sink: tokenCheck.before() }, bodyOf(page, transfer));
    return readPages(call, { ...this.#options, send: sendPage, sink, keptBytes });
  }

  async #getToken(): Promise<string> {
    const { token } = await this.#options.getToken();
    this.tokenCheck.watchFor(token);
    return token;
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

/** The body of the request of a page, which can have a continuation token. */
function bodyOf({ body }: RestCall, transfer: Omit<Transfer, 'reception'>): Transfer['body'] {
  return transfer.body && body !== undefined ? { ...transfer.body, body } : transfer.body;
}

/** Whether the whole body is kept in memory, because it is read as JSON or written to no file. */
function needsAll({ query, failWhen, wait, isResultSecret, outputFile }: RestCall): boolean {
  const expressions = [query, failWhen, wait];
  return expressions.some((one) => one !== undefined) || (isResultSecret && !outputFile);
}

/** Where to write the body. An unexpected response never becomes the `outputFile`. */
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

function describeCall(
  { method, url, organization }: RestCall,
  identityDetails: IdentityDetails,
): AzureDevOpsContext {
  return {
    method,
    url: `${url.origin}${url.pathname}`,
    organization: untrustedText(readOrganizationName(url) ?? organization?.name ?? url.host),
    identityDetails: toIdentityDetails(identityDetails),
  };
}
