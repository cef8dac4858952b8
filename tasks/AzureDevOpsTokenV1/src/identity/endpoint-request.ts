import {
  Agent,
  type ClientRequest,
  type IncomingMessage,
  request as startRequest,
} from 'node:http';
import type { Socket } from 'node:net';
import { CodedError, toAttemptError, TOO_LARGE, type AttemptHead } from '../http/connection-error';
import { Timers } from '../http/timeouts';
import { MAX_ENDPOINT_RESPONSE_BYTES } from '../limits';

/** A request to the identity endpoint of this machine. */
export interface EndpointRequest {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** The thumbprint of the certificate of the endpoint, if the endpoint uses TLS. */
  readonly thumbprint?: string;
}

/** The time limits of one attempt, in milliseconds. */
export interface EndpointTimeouts {
  readonly connectMs: number;
  /** From the start of the attempt to the first byte of the response. */
  readonly responseMs: number;
  /** Between two pieces of the response. */
  readonly idleMs: number;
  /** From the first byte of the response to the last. */
  readonly bodyMs: number;
}

/** A complete response with its body as UTF-8. */
export interface EndpointResponse extends AttemptHead {
  readonly body: string;
}

/**
 * Sends one request directly to the address in its URL, and reads the complete response.
 * @throws {AttemptError}
 */
export async function sendEndpointRequest(
  request: EndpointRequest,
  timeouts: EndpointTimeouts,
): Promise<EndpointResponse> {
  const { url, method, headers } = request;
  const agent = await openAgent(request);
  const sent = startRequest(url, { method, headers, agent });
  const timers = new Timers();
  let head: AttemptHead | undefined;
  const receive = async () => {
    const response = await receiveHead(sent.end(request.body), timers, timeouts);
    head = { status: response.statusCode ?? 0, headers: response.headers };
    return { ...head, body: await receiveText(response, timers, timeouts) };
  };
  try {
    return await Promise.race([timers.expired, receive()]);
  } catch (error) {
    throw toAttemptError(error, { host: url.host, head });
  } finally {
    timers.stopAll();
    sent.destroy();
    agent.destroy();
  }
}

/**
 * Makes a new HTTP agent for each request. With NODE_USE_ENV_PROXY (Node.js 24), the global agent would use a proxy. It also
 * keeps the connection open, and with it the process.
 */
async function openAgent({ url, thumbprint = '' }: EndpointRequest): Promise<Agent> {
  if (url.protocol !== 'https:') {
    return new Agent({ keepAlive: false });
  }
  // Loaded late, because few machines have an endpoint with TLS.
  const { PinnedHttpsAgent } = await import('./pinned-https-agent');
  return new PinnedHttpsAgent(thumbprint);
}

function receiveHead(
  sent: ClientRequest,
  timers: Timers,
  { connectMs, responseMs }: EndpointTimeouts,
): Promise<IncomingMessage> {
  timers.start('connect', connectMs, 'CONNECT_TIMEOUT');
  timers.start('response', responseMs, 'RESPONSE_TIMEOUT');
  sent.on('socket', (socket) => {
    whenConnected(socket, () => {
      timers.stop('connect');
    });
  });
  return new Promise((resolve, reject) => {
    sent.on('response', (response) => {
      timers.stop('response');
      resolve(response);
    });
    sent.on('error', reject);
  });
}

async function receiveText(
  response: IncomingMessage,
  timers: Timers,
  { idleMs, bodyMs }: EndpointTimeouts,
): Promise<string> {
  timers.start('body', bodyMs, 'IDLE_TIMEOUT');
  timers.start('idle', idleMs, 'IDLE_TIMEOUT');
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    timers.refresh('idle');
    chunks.push(chunk);
    size += chunk.length;
    if (size > MAX_ENDPOINT_RESPONSE_BYTES) {
      throw new CodedError(TOO_LARGE);
    }
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}

function whenConnected(socket: Socket, act: () => void): void {
  if (socket.connecting) {
    socket.on('connect', act);
  } else {
    act();
  }
}
