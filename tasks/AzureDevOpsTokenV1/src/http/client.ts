import { randomUUID } from 'node:crypto';
import {
  createDefaultHttpClient,
  createEmptyPipeline,
  isRestError,
  retryPolicy,
} from '@azure/core-rest-pipeline';
import type { PipelineRequest, PipelineResponse, SendRequest } from '@azure/core-rest-pipeline';
import type { NetworkSettings } from './network-settings';
import type { Clock } from '../clock';
import type { Environment } from '../environment';
import { isIdempotent } from './method';
import { parseRetryAfter } from './retry-after';
import { mayGetToken } from '../hosts';
import type { HttpResponse } from './response';
import type { AttemptFailure } from './attempt';
import type { Connections } from './connections';
import { exchange } from './exchange';
import { ConnectionError, toConnectionError } from './connection-error';
import { findProxy, type Proxy } from './proxy';
import { MAX_RETRY_AFTER_MS, RetryPolicy } from './retry';
import { makeRequest, type HttpRequest } from './request';

export interface ClientOptions {
  readonly clock: Clock;
  readonly environment: Environment;
  /** What the agent says of the network. */
  readonly network?: NetworkSettings | undefined;
  /** Hosts outside Azure DevOps that may get the token. */
  readonly allowedHosts: readonly string[];
  /** Called with a sentence when a request is about to be repeated. */
  readonly log: (line: string) => void;
  readonly random?: () => number;
  /** Those that go straight to their host; absent: those of this client alone. */
  readonly connections?: Connections | undefined;
}

/** Asks Azure DevOps, by calls that belong together: they have one session, and heed what the one before was told. */
export class Client {
  readonly #options: ClientOptions;
  readonly #sessionId = randomUUID();
  readonly #http = createDefaultHttpClient();
  /** Of the clock that measures: before this moment, the server wants no other call. */
  #notBefore = 0;

  constructor(options: ClientOptions) {
    this.#options = options;
  }

  /**
   * Makes a call, and repeats what passes, within the patience that it has.
   * @throws {ConnectionError}
   * @throws {Failure} of the body that is sent, or of the place where that of the answer goes
   */
  async send(call: HttpRequest): Promise<HttpResponse> {
    const { allowedHosts, network, clock } = this.#options;
    if (call.getToken !== undefined && !mayGetToken(call.url, allowedHosts)) {
      throw new Error('The token may not be sent there');
    }
    await this.#waitForRetryAfter(call.url.host);
    const { method, retryOptions, isHarmless = isIdempotent(method) } = call;
    const pace = { isHarmless, retryOptions };
    const retries = new RetryPolicy({ random: Math.random, ...this.#options, ...pace });
    const received = new Map<PipelineResponse, HttpResponse>();
    const pipeline = createEmptyPipeline();
    pipeline.addPolicy(retryPolicy([retries], { maxRetries: retryOptions.maxRetries }), {
      phase: 'Retry',
    });
    const sessionId = this.#sessionId;
    const attempt = async (request: PipelineRequest, next: SendRequest) => {
      const limit = retries.startAttempt();
      received.clear();
      const last = await exchange(call, { request, next }, { ...this.#options, sessionId, limit });
      received.set(last.pipelineResponse, last.response);
      return last.pipelineResponse;
    };
    pipeline.addPolicy({ name: 'attempt', sendRequest: attempt }, { afterPhase: 'Retry' });
    const pipelineResponse = await pipeline
      .sendRequest(this.#http, makeRequest(call, call.url, { sessionId, network }))
      .catch((error: unknown) => {
        if (!isRestError(error)) {
          throw error;
        }
        const failure = error as AttemptFailure;
        throw toConnectionError(failure, this.#findProxyOf(failure), retries.describe());
      });
    const response = received.get(pipelineResponse);
    if (response === undefined) {
      throw new Error('The pipeline made a response of its own');
    }
    const retryAfterMs = parseRetryAfter(response.header('retry-after'), clock.now()) ?? 0;
    this.#notBefore = clock.elapsed() + retryAfterMs;
    return { ...response, isRetried: retries.describe().attempts > 1 };
  }

  /** For how many milliseconds the server wants no other call. */
  requestedPauseMs(): number {
    return Math.max(0, this.#notBefore - this.#options.clock.elapsed());
  }

  /** A redirect may have led to a host with a proxy, from one without. */
  #findProxyOf({ host }: AttemptFailure): Proxy | undefined {
    return findProxy(new URL(`https://${host}/`), this.#options);
  }

  /** Rule: a Retry-After counts on a success, too: for the next call. */
  async #waitForRetryAfter(host: string): Promise<void> {
    const { clock, log } = this.#options;
    const pauseMs = this.requestedPauseMs();
    if (pauseMs === 0) {
      return;
    }
    const seconds = Math.ceil(pauseMs / 1000);
    if (pauseMs > MAX_RETRY_AFTER_MS) {
      const reason = `it asks to wait ${seconds} s before the next call (Retry-After)`;
      throw new ConnectionError({ kind: 'wait', host, reason, attempts: 0, elapsedMs: 0 });
    }
    log(`${host}: it asks to wait (Retry-After). Next call in ${seconds} s.`);
    await clock.sleep(pauseMs);
  }
}
