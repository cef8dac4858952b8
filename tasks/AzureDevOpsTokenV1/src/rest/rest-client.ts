import type { HttpResponse } from '../http/response';
import type { Reception } from '../http/response-body';
import { Client, type ClientOptions } from '../http/client';
import type { RequestLimits } from '../http/request';
import { REST_CALL_RETRY } from '../limits';
import type { RestCall } from '../inputs/task-inputs';
import { isBelowOrganization } from '../hosts';
import { addVersion, isPreviewOnly } from './api-version';
import type { RequestBody } from './request-body';

export interface RestClientOptions extends ClientOptions {
  readonly getToken: () => Promise<string>;
}

/** How an answer is received, and what is sent before it. */
export interface Transfer {
  readonly body?: RequestBody | undefined;
  readonly reception: Reception;
  /** No attempt starts later than so many milliseconds after the first. */
  readonly lastAttemptAtMs?: number;
}

/** Makes the calls of a step, as its inputs say. */
export class RestClient {
  readonly #options: RestClientOptions;
  readonly #client: Client;
  /** The resource turned out to be in preview. */
  #isPreview = false;

  constructor(options: RestClientOptions) {
    this.#options = options;
    this.#client = new Client(options);
  }

  /** For how many milliseconds the server wants no other call. */
  requestedPauseMs(): number {
    return this.#client.requestedPauseMs();
  }

  /**
   * Makes a call; once more where the resource is still in preview and nobody chose a version.
   * @throws {ConnectionError}
   * @throws {Failure}
   */
  async send(call: RestCall, transfer: Transfer): Promise<HttpResponse> {
    const { apiVersion, isVersionDefault } = call;
    const preview = `${apiVersion}-preview`;
    const url = withVersion(call, this.#isPreview ? preview : apiVersion);
    const response = await this.#send(call, url, transfer);
    const isChosen = !isVersionDefault || url === call.url;
    if (isChosen || this.#isPreview || !isPreviewOnly(response)) {
      return response;
    }
    this.#isPreview = true;
    this.#options.log(
      `The resource is in preview. The call is repeated with that version; to save the first one, write apiVersion: ${preview}`,
    );
    return this.#send(call, withVersion(call, preview), transfer);
  }

  #send(call: RestCall, url: URL, transfer: Transfer): Promise<HttpResponse> {
    const { body, reception } = transfer;
    const contentType = body === undefined ? [] : [['content-type', body.contentType] as const];
    return this.#client.send({
      method: call.method,
      url,
      getToken: this.#options.getToken,
      limits: toLimits(call, transfer),
      headers: new Map([...contentType, ...call.headers]),
      body: body?.body,
      followsRedirect: (status) => !call.isExpected(status),
      reception,
    });
  }
}

function withVersion({ url, organization, headers }: RestCall, version: string): URL {
  return isBelowOrganization(url, organization?.url)
    ? addVersion(url, version, headers.get('accept'))
    : url;
}

/** A REST call may take any time, as long as something is sent or received. */
function toLimits(
  { requestTimeoutMs, maxRetries }: RestCall,
  { lastAttemptAtMs = Infinity }: Transfer,
): RequestLimits {
  return {
    attemptMs: Infinity,
    idleMs: requestTimeoutMs,
    totalMs: Infinity,
    retry: { ...REST_CALL_RETRY, maxElapsedMs: lastAttemptAtMs, maxRetries },
  };
}
