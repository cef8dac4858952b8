import { randomUUID } from 'node:crypto';
import { createDefaultHttpClient, type PipelineRequest } from '@azure/core-rest-pipeline';
import type { Clock } from '../clock';
import type { Environment } from '../environment';
import { mayGetToken } from '../hosts';
import { MAX_RETRY_AFTER_MS } from '../limits';
import { attempt } from './attempt';
import { AttemptError, ConnectionError, toConnectionError } from './connection-error';
import type { Connections } from './connections';
import { isIdempotent } from './method';
import type { NetworkSettings } from './network-settings';
import { findProxy, type Proxy } from './proxy';
import type { HttpRequest } from './request';
import { type HttpResponse, isSignIn, isSuccessStatus } from './response';
import { parseRetryAfter, retry, type RetryProgress, spreadRetryAfter, toSeconds } from './retry';
import { findPassingReason, findRetryReason } from './retry-reason';

export interface ClientOptions {
  readonly clock: Clock;
  readonly environment: Environment;
  /** The network configuration of the agent. */
  readonly network?: NetworkSettings | undefined;
  /** Hosts outside Azure DevOps that may get the token. */
  readonly allowedHosts: readonly string[];
  /** Called with a sentence when a request is about to be retried. */
  readonly log: (line: string) => void;
  readonly random?: () => number;
  /** Connections to reuse; absent: the client makes its own. */
  readonly connections?: Connections | undefined;
}

/** Sends requests that belong together. They share a session, and each waits as long as the response before it requires. */
export class Client {
  readonly #options: ClientOptions;
  readonly #sessionId = randomUUID();
  readonly #http = createDefaultHttpClient();
  /** The pause that the last response requested: its host, and its end by `clock.elapsed()`. */
  #pause = { host: '', endsAt: 0 };
  /** Whether a server has accepted the token. */
  #isTokenAccepted = false;

  constructor(options: ClientOptions) {
    this.#options = options;
  }

  /**
   * Sends a request, and retries it within its limits.
   * @throws {ConnectionError}
   * @throws {TaskError} if the body to send cannot be read, or the response cannot be written
   */
  async send(request: HttpRequest): Promise<HttpResponse> {
    const { allowedHosts, clock, random = Math.random, log } = this.#options;
    if (request.getToken !== undefined && !mayGetToken(request.url, allowedHosts)) {
      throw new Error('The token may not be sent there');
    }
    await this.#waitForRetryAfter();
    const { isHarmless = isIdempotent(request.method) } = request;
    const { outcome, ...progress } = await retry((before) => this.#attempt(request, before), {
      clock,
      random,
      log,
      options: () => request.limits.retry,
      findReason: (last) =>
        findRetryReason(last, isHarmless, clock.now()) ??
        findPassingReason(last, request, clock.now()),
    });
    if (outcome instanceof AttemptError) {
      throw toConnectionError(outcome, this.#findProxyOf(outcome), progress);
    }
    const retryAfterMs = parseRetryAfter(outcome.header('retry-after'), clock.now()) ?? 0;
    this.#pause = { host: outcome.url.host, endsAt: clock.elapsed() + retryAfterMs };
    this.#isTokenAccepted ||= request.getToken !== undefined && showsAcceptance(outcome);
    return { ...outcome, isRetried: progress.attempts > 1 };
  }

  async #attempt(
    request: HttpRequest,
    { elapsedMs }: RetryProgress,
  ): Promise<HttpResponse | AttemptError> {
    const { attemptMs, totalMs } = request.limits;
    const context = {
      ...this.#options,
      sessionId: this.#sessionId,
      attemptMs: Math.min(attemptMs, totalMs - elapsedMs),
      send: (hop: PipelineRequest) => this.#http.sendRequest(hop),
    };
    try {
      const response = await attempt(request, context);
      const isAfterSuccess = request.getToken !== undefined && this.#isTokenAccepted;
      return { ...response, isAfterSuccess };
    } catch (error) {
      if (error instanceof AttemptError) {
        return error;
      }
      throw error;
    }
  }

  /** What is left of the pause that the last response requested, in milliseconds. */
  requestedPauseMs(): number {
    return Math.max(0, this.#pause.endsAt - this.#options.clock.elapsed());
  }

  /** The proxy of the host that failed, which can differ from the first host after a redirect. */
  #findProxyOf({ host }: AttemptError): Proxy | undefined {
    return findProxy(new URL(`https://${host}/`), this.#options);
  }

  /** Waits before the next request, because a Retry-After also counts if it comes with a success. */
  async #waitForRetryAfter(): Promise<void> {
    const { clock, random = Math.random, log } = this.#options;
    const { host } = this.#pause;
    const requestedMs = this.requestedPauseMs();
    if (requestedMs === 0) {
      return;
    }
    if (requestedMs > MAX_RETRY_AFTER_MS) {
      const reason = `it requested a pause of ${toSeconds(requestedMs)} s before the next request (Retry-After)`;
      throw new ConnectionError({ kind: 'wait', host, reason, attempts: 0, elapsedMs: 0 });
    }
    const pauseMs = spreadRetryAfter(requestedMs, random());
    log(`${host} requested a pause (Retry-After). Next request in ${toSeconds(pauseMs)} s.`);
    await clock.sleep(pauseMs);
  }
}

/** Whether a response shows that a server has accepted the token. After a redirect, the token can be missing. */
function showsAcceptance(response: HttpResponse): boolean {
  const { status, tokenWithheldFrom } = response;
  return isSuccessStatus(status) && tokenWithheldFrom === undefined && !isSignIn(response);
}
