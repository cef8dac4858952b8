import { createHttpHeaders } from '@azure/core-rest-pipeline';
import type { HttpClient, PipelineRequest, PipelineResponse } from '@azure/core-rest-pipeline';
import type { Clock } from '../clock';
import { AttemptError } from '../http/connection-error';
import { retry, type RetryProgress } from '../http/retry';
import { parseJsonObject } from '../json-object';
import type { SignInLimits } from '../limits';
import type { ChallengeProblem } from './arc-challenge';
import { findRetryOptions, findTimeouts } from './endpoint-limits';
import {
  sendEndpointRequest,
  type EndpointRequest,
  type EndpointResponse,
  type EndpointTimeouts,
} from './endpoint-request';
import {
  classifyAttemptError,
  classifyEndpointResponse,
  type EndpointResult,
} from './endpoint-response';
import { isPrivateAddress } from './private-address';
import { TokenResponses } from './token-response';

type RetryResult = Extract<EndpointResult, { kind: 'retry' }>;

type Outcome =
  | Exclude<EndpointResult, RetryResult>
  | ({ readonly kind: 'gave-up'; readonly last: RetryResult } & EndpointProgress)
  | { readonly kind: 'foreign' }
  | ({ readonly kind: 'challenge' } & ChallengeProblem);

/** The progress of the retries. */
interface EndpointProgress extends RetryProgress {
  /** Whether an attempt has got a response of the identity service. */
  readonly isThere: boolean;
}

/** What one attempt returned. */
interface Attempt {
  readonly result: EndpointResult;
  readonly response: EndpointResponse | undefined;
}

/** Why a request returned no token. `endpoint` is the requested origin. */
export type EndpointFailure = { readonly endpoint: string } & Exclude<Outcome, { kind: 'token' }>;

export interface EndpointClientOptions {
  readonly clock: Clock;
  readonly maskToken: (token: string) => void;
  readonly log: (line: string) => void;
  readonly random?: () => number;
  /** Absent: those of a step. */
  readonly limits?: SignInLimits | undefined;
  /** The thumbprint of the certificate of the endpoint, if the endpoint uses TLS. */
  readonly thumbprint?: string | undefined;
  /** Checks the challenge of a 401 before the library responds to it; absent if the endpoint sends no challenge. */
  readonly findChallengeProblem?: (challenge: string) => ChallengeProblem | undefined;
}

/**
 * The HTTP client of `@azure/identity` for the identity endpoint of this machine. Unlike the client of the library, it sends
 * requests to local addresses only and through no proxy, has time limits, and retries a busy IMDS as long as its documentation
 * says. It masks a token before the library gets it, and keeps the reason of an error. The library loses that reason or mixes it
 * with text that must not be printed.
 */
export class EndpointClient implements HttpClient {
  /** Why the last request returned no token; undefined if it returned one. */
  failure: EndpointFailure | undefined;
  /** The origin of the last request. */
  endpoint = '';
  readonly responses: TokenResponses;
  #startedAt: number;
  readonly #options: EndpointClientOptions;

  constructor(options: EndpointClientOptions) {
    this.#options = options;
    this.responses = new TokenResponses(options.maskToken);
    this.#startedAt = options.clock.elapsed();
  }

  /** To be called before each token. All requests for one token (Azure Arc needs two) share one time limit. */
  begin(): void {
    this.#startedAt = this.#options.clock.elapsed();
  }

  /** @throws {Error} if there is no response that the library can use. `failure` says why. */
  async sendRequest(request: PipelineRequest): Promise<PipelineResponse> {
    const url = new URL(request.url);
    this.endpoint = url.origin;
    const { outcome: requested, response } = await this.#send(url, request);
    const outcome = this.#classifyChallenge(response) ?? requested;
    const isToken = outcome.kind === 'token';
    this.failure = isToken ? undefined : { ...outcome, endpoint: this.endpoint };
    // The library gets error responses, because a 401 can be a challenge (Azure Arc). It gets no redirect, because it would
    // follow it, and no identity endpoint has a reason to redirect.
    const isUsable = isToken || (outcome.kind === 'refused' && outcome.status >= 400);
    if (response === undefined || !isUsable) {
      throw new Error(outcome.kind);
    }
    const headers = createHttpHeaders({ 'content-type': response.headers['content-type'] ?? '' });
    const challenge = response.headers['www-authenticate'];
    if (challenge !== undefined) {
      headers.set('www-authenticate', challenge);
    }
    const bodyAsText = isToken
      ? this.responses.keep(outcome.token, outcome.fields, this.#options.clock.now())
      : response.body;
    return { request, status: response.status, headers, bodyAsText };
  }

  #classifyChallenge(response: EndpointResponse | undefined): Outcome | undefined {
    const challenge = response?.status === 401 ? response.headers['www-authenticate'] : undefined;
    const problem =
      challenge === undefined ? undefined : this.#options.findChallengeProblem?.(challenge);
    return problem && { kind: 'challenge', ...problem };
  }

  async #send(
    url: URL,
    request: PipelineRequest,
  ): Promise<{ outcome: Outcome; response: EndpointResponse | undefined }> {
    const { thumbprint } = this.#options;
    if (!isPrivateAddress(url, thumbprint !== undefined)) {
      return { outcome: { kind: 'foreign' }, response: undefined };
    }
    const { clock, log, limits, random = Math.random } = this.#options;
    let isThere = false;
    const attempt = async (progress: RetryProgress) => {
      const local = { ...toEndpointRequest(url, request), ...(thumbprint && { thumbprint }) };
      const last = await this.#attempt(local, findTimeouts(progress, isThere, limits));
      isThere ||= last.result.kind === 'retry' && last.result.isThere;
      return last;
    };
    const { outcome, ...progress } = await retry(attempt, {
      clock,
      log,
      random,
      startedAt: this.#startedAt,
      options: () => findRetryOptions(isThere, limits),
      findReason: ({ result }) =>
        result.kind === 'retry'
          ? { ...result, reason: `The identity endpoint ${url.origin}: ${result.reason}` }
          : undefined,
    });
    const { result, response } = outcome;
    return result.kind === 'retry'
      ? { outcome: { kind: 'gave-up', last: result, ...progress, isThere }, response }
      : { outcome: result, response };
  }

  async #attempt(request: EndpointRequest, timeouts: EndpointTimeouts): Promise<Attempt> {
    const now = () => this.#options.clock.now();
    try {
      const response = await sendEndpointRequest(request, timeouts);
      this.responses.maskToken(parseJsonObject(response.body));
      return { result: classifyEndpointResponse(response, now()), response };
    } catch (error) {
      if (error instanceof AttemptError) {
        return { result: classifyAttemptError(error, now()), response: undefined };
      }
      throw error;
    }
  }
}

function toEndpointRequest(url: URL, request: PipelineRequest): EndpointRequest {
  const headers = request.headers.toJSON();
  // This client does not decompress responses.
  delete headers['accept-encoding'];
  const plain = { url, method: request.method, headers };
  return typeof request.body === 'string' ? { ...plain, body: request.body } : plain;
}
