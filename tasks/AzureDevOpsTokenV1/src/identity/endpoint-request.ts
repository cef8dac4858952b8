import {
  Agent,
  type ClientRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request as startRequest,
} from 'node:http';
import type { Socket } from 'node:net';

/** One request to an endpoint of this machine. */
export interface EndpointRequest {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Of the certificate of the endpoint, where it is asked over TLS. */
  readonly thumbprint?: string;
}

/** How long one attempt may wait, in milliseconds. */
export interface RetryOptions {
  readonly toConnectMs: number;
  /** From the start, connecting included. */
  readonly toFirstByteMs: number;
  readonly betweenBytesMs: number;
  /** From the first byte to the last. */
  readonly toLastByteMs: number;
}

/** A whole answer, its body as UTF-8. */
export interface EndpointResponse extends ResponseHead {
  readonly body: string;
}

const MAX_BODY_BYTES = 1024 * 1024;

/**
 * Sends one request straight to the address in its URL and reads the whole answer.
 * @throws {ConnectionError}
 */
export async function sendEndpointRequest(
  request: EndpointRequest,
  retryOptions: RetryOptions,
): Promise<EndpointResponse> {
  const { url, method, headers } = request;
  const agent = await openAgent(request);
  const upload = startRequest(url, { method, headers, agent });
  const watch = new Watch();
  try {
    return await Promise.race([
      watch.expired,
      receiveResponse(upload.end(request.body), watch, retryOptions),
    ]);
  } finally {
    watch.stop('step', 'stretch');
    upload.destroy();
    agent.destroy();
  }
}

/**
 * An agent of its own: the global one goes through a proxy where NODE_USE_ENV_PROXY is set (Node.js 24), and keeps the
 * connection, and with it the process, open.
 */
async function openAgent({ url, thumbprint = '' }: EndpointRequest): Promise<Agent> {
  if (url.protocol !== 'https:') {
    return new Agent({ keepAlive: false });
  }
  // Hardly any machine has its endpoint behind TLS, and loading it takes time.
  const { PinnedHttpsAgent } = await import('./pinned-https-agent');
  return new PinnedHttpsAgent(thumbprint);
}

async function receiveResponse(
  upload: ClientRequest,
  watch: Watch,
  retryOptions: RetryOptions,
): Promise<EndpointResponse> {
  watch.expect('step', retryOptions.toConnectMs, 'CONNECT_TIMEOUT');
  watch.expect('stretch', retryOptions.toFirstByteMs, 'SILENT');
  upload.on('socket', (socket) => {
    whenConnected(socket, () => {
      watch.stop('step');
    });
  });
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      upload.on('response', resolve);
      upload.on('error', reject);
    });
    const head = { status: response.statusCode ?? 0, headers: response.headers };
    watch.begun = head;
    const chunks: Buffer[] = [];
    let size = 0;
    watch.expect('stretch', retryOptions.toLastByteMs, 'STALLED');
    watch.expect('step', retryOptions.betweenBytesMs, 'STALLED');
    for await (const chunk of response as AsyncIterable<Buffer>) {
      watch.expect('step', retryOptions.betweenBytesMs, 'STALLED');
      chunks.push(chunk);
      size += chunk.length;
      if (size > MAX_BODY_BYTES) {
        throw new ConnectionError('TOO_LARGE', head);
      }
    }
    const body = new TextDecoder().decode(Buffer.concat(chunks));
    return { ...head, body };
  } catch (error) {
    throw error instanceof ConnectionError
      ? error
      : new ConnectionError(readErrno(error), watch.begun);
  }
}

function whenConnected(socket: Socket, act: () => void): void {
  if (socket.connecting) {
    socket.on('connect', act);
  } else {
    act();
  }
}

function readErrno(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : 'UNKNOWN';
}

/** Two timers, one for a step of the request and one for a stretch of it. */
export class Watch {
  readonly expired: Promise<never>;
  /** The answer, once it began. */
  begun: ResponseHead | undefined;
  #expire: (reason: ConnectionError) => void = () => undefined;
  readonly #timers = new Map<string, NodeJS.Timeout>();

  constructor() {
    this.expired = new Promise((_, reject) => {
      this.#expire = reject;
    });
  }

  expect(timer: 'step' | 'stretch', ms: number, code: string): void {
    clearTimeout(this.#timers.get(timer));
    const expire = () => {
      this.#expire(new ConnectionError(code, this.begun));
    };
    this.#timers.set(timer, setTimeout(expire, ms));
  }

  stop(...timers: readonly ('step' | 'stretch')[]): void {
    for (const timer of timers) {
      clearTimeout(this.#timers.get(timer));
    }
  }
}

/** The one who answers has another certificate than the machine says. */
export const WRONG_CERTIFICATE = 'WRONG_CERTIFICATE';

/** What of an answer comes before its body. */
export interface ResponseHead {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
}

/** The attempt ended without a whole answer. */
export class ConnectionError extends Error {
  /**
   * An errno such as `ECONNREFUSED`, an error of Node's HTTP parser (`HPE_…`), or one of our own: `CONNECT_TIMEOUT`,
   * `SILENT`, `STALLED`, `TOO_LARGE`, `WRONG_CERTIFICATE`.
   */
  readonly code: string;
  /** The answer as far as it came, where one began. */
  readonly begun: ResponseHead | undefined;

  constructor(code: string, begun: ResponseHead | undefined) {
    super(code);
    this.code = code;
    this.begun = begun;
  }
}
