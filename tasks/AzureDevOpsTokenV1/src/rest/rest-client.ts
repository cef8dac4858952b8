import type { HttpResponse } from '../http/response';
import type { Reception } from '../http/response-body';
import { Client, type ClientOptions } from '../http/client';
import type { RequestLimits } from '../http/request';
import { REST_CALL_RETRY } from '../limits';
import type { CurrentCall } from './outcome';
import { isBelowOrganization } from '../hosts';
import { addVersion, isPreviewOnly } from './api-version';
import type { RequestBody } from './request-body';

export interface RestClientOptions extends ClientOptions {
  readonly getToken: () => Promise<string>;
}

/** The body to send, and how to receive the response. */
export interface Transfer {
  readonly body?: RequestBody | undefined;
  readonly reception: Reception;
  /** No attempt starts later than this many milliseconds after the first. */
  readonly lastAttemptAtMs?: number;
}

/** Sends the requests of a REST call as the inputs say. */
export class RestClient {
  readonly #options: RestClientOptions;
  readonly #client: Client;
  /** Whether an earlier response has shown that the resource is in preview. */
  #isPreview = false;

  constructor(options: RestClientOptions) {
    this.#options = options;
    this.#client = new Client(options);
  }

  /** The pause that the server requests before the next request, in milliseconds. */
  requestedPauseMs(): number {
    return this.#client.requestedPauseMs();
  }

  /**
   * Sends a request. If the resource is in preview and the step chooses no version, the request is sent again with a preview version.
   * @throws {ConnectionError}
   * @throws {TaskError}
   */
  async send(call: CurrentCall, transfer: Transfer): Promise<HttpResponse> {
    const { apiVersion, isVersionDefault, tokenWithheldFrom } = call;
    if (tokenWithheldFrom !== undefined) {
      return { ...(await this.#sendBare(call, transfer)), tokenWithheldFrom };
    }
    const preview = `${apiVersion}-preview`;
    const url = withVersion(call, this.#isPreview ? preview : apiVersion);
    const response = await this.#send(call, url, transfer);
    const isChosen = !isVersionDefault || url === call.url;
    if (isChosen || this.#isPreview || !isPreviewOnly(response)) {
      return response;
    }
    this.#isPreview = true;
    this.#options.log(
      `This resource is in preview, so the request is sent again with a preview version. To save the first request, set apiVersion: ${preview}`,
    );
    return this.#send(call, withVersion(call, preview), transfer);
  }

  /** Sends a request without the token, the version and the headers of the author. */
  #sendBare(call: CurrentCall, transfer: Transfer): Promise<HttpResponse> {
    const { method, url } = call;
    const { reception } = transfer;
    const followsRedirect = () => true;
    return this.#client.send({
      method,
      url,
      limits: toLimits(call, transfer),
      followsRedirect,
      reception,
    });
  }

  #send(call: CurrentCall, url: URL, transfer: Transfer): Promise<HttpResponse> {
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

function withVersion({ url, organization, headers }: CurrentCall, version: string): URL {
  return isBelowOrganization(url, organization?.url)
    ? addVersion(url, version, headers.get('accept'))
    : url;
}

/** The limits of a request. A transfer may take any time, as long as bytes are sent or received, but a poll ends with its waiting. */
function toLimits(
  { requestTimeoutMs, maxRetries }: CurrentCall,
  { lastAttemptAtMs = Infinity }: Transfer,
): RequestLimits {
  return {
    attemptMs: Math.max(lastAttemptAtMs, requestTimeoutMs),
    idleMs: requestTimeoutMs,
    totalMs: lastAttemptAtMs + requestTimeoutMs,
    retry: { ...REST_CALL_RETRY, maxElapsedMs: lastAttemptAtMs, maxRetries },
  };
}
