import { randomUUID } from 'node:crypto';
import {
  createDefaultHttpClient,
  createEmptyPipeline,
  isRestError,
  retryPolicy,
} from '@azure/core-rest-pipeline';
import type { PipelineRequest, PipelineResponse, SendRequest } from '@azure/core-rest-pipeline';
import type { AgentNetwork } from './network-settings';
import type { Clock } from '../clock';
import type { Environment } from '../environment';
import { isIdempotent } from './method';
import { parseRetryAfter } from './retry-after';
import { mayGetToken } from '../hosts';
import type { Answer } from './response';
import type { AttemptFailure } from './attempt';
import type { Connections } from './connections';
import { exchange } from './exchange';
import { NoAnswer, toNoAnswer } from './connection-error';
import { findProxy, type Proxy } from './proxy';
import { LONGEST_RETRY_AFTER_MS, Repeating } from './retry';
import { makeRequest, type Call } from './request';

export interface ClientOptions {
  readonly clock: Clock;
  readonly environment: Environment;
  /** What the agent says of the network. */
  readonly network?: AgentNetwork | undefined;
  /** Hosts outside Azure DevOps that may get the token. */
  readonly allowedHosts: readonly string[];
  /** Called with a sentence when a request is about to be repeated. */
  readonly tell: (line: string) => void;
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
   * @throws {NoAnswer}
   * @throws {Failure} of the body that is sent, or of the place where that of the answer goes
   */
  async ask(call: Call): Promise<Answer> {
    const { allowedHosts, network, clock } = this.#options;
    if (call.getToken !== undefined && !mayGetToken(call.url, allowedHosts)) {
      throw new Error('The token may not be sent there');
    }
    await this.#waitAsTold(call.url.host);
    const { method, patience, isHarmless = isIdempotent(method) } = call;
    const pace = { isHarmless, patience };
    const repeating = new Repeating({ random: Math.random, ...this.#options, ...pace });
    const received = new Map<PipelineResponse, Answer>();
    const pipeline = createEmptyPipeline();
    pipeline.addPolicy(retryPolicy([repeating], { maxRetries: patience.mostRetries }), {
      phase: 'Retry',
    });
    const sessionId = this.#sessionId;
    const attempt = async (request: PipelineRequest, next: SendRequest) => {
      const limit = repeating.startAttempt();
      received.clear();
      const last = await exchange(call, { request, next }, { ...this.#options, sessionId, limit });
      received.set(last.response, last.answer);
      return last.response;
    };
    pipeline.addPolicy({ name: 'attempt', sendRequest: attempt }, { afterPhase: 'Retry' });
    const response = await pipeline
      .sendRequest(this.#http, makeRequest(call, call.url, { sessionId, network }))
      .catch((error: unknown) => {
        if (!isRestError(error)) {
          throw error;
        }
        const failure = error as AttemptFailure;
        throw toNoAnswer(failure, this.#findProxyOf(failure), repeating.describe());
      });
    const answer = received.get(response);
    if (answer === undefined) {
      throw new Error('The pipeline made an answer of its own');
    }
    const retryAfterMs = parseRetryAfter(answer.header('retry-after'), clock.now()) ?? 0;
    this.#notBefore = clock.elapsed() + retryAfterMs;
    return { ...answer, isRepeated: repeating.describe().attempts > 1 };
  }

  /** For how many milliseconds the server wants no other call. */
  askedPauseMs(): number {
    return Math.max(0, this.#notBefore - this.#options.clock.elapsed());
  }

  /** A redirect may have led to a host with a proxy, from one without. */
  #findProxyOf({ host }: AttemptFailure): Proxy | undefined {
    return findProxy(new URL(`https://${host}/`), this.#options);
  }

  /** Rule: a Retry-After counts on a success, too: for the next call. */
  async #waitAsTold(host: string): Promise<void> {
    const { clock, tell } = this.#options;
    const pauseMs = this.askedPauseMs();
    if (pauseMs === 0) {
      return;
    }
    const seconds = Math.ceil(pauseMs / 1000);
    if (pauseMs > LONGEST_RETRY_AFTER_MS) {
      const reason = `it asks to wait ${seconds} s before the next call (Retry-After)`;
      throw new NoAnswer({ kind: 'wait', host, reason, attempts: 0, elapsedMs: 0 });
    }
    tell(`${host}: it asks to wait (Retry-After). Next call in ${seconds} s.`);
    await clock.sleep(pauseMs);
  }
}
