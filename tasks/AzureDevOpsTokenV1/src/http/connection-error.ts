import type { IncomingHttpHeaders } from 'node:http';
import type { ConnectionProblem } from '../errors/connection-problems';

/** The proxy returned an error instead of a connection to the server. */
export const PROXY_REFUSES = 'PROXY_REFUSES';
/** The response of the identity endpoint is larger than a token response can be. */
export const TOO_LARGE = 'TOO_LARGE';
/** The identity endpoint has another certificate than the environment names. */
export const WRONG_CERTIFICATE = 'WRONG_CERTIFICATE';

/** An error of the task with a code, as the errors of Node.js have. */
export class CodedError extends Error {
  readonly code: string;

  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

interface AttemptDetails {
  /** The host that was requested. */
  readonly host: string;
  readonly failedAt?: FailurePoint | undefined;
  /** The status that a proxy returned instead of a connection. */
  readonly proxyStatus?: number | undefined;
  /** The response as far as it came, if one began. */
  readonly head?: AttemptHead | undefined;
}

/** What an attempt failed at: the server, or the proxy in between. */
export type FailurePoint = 'server' | 'proxy';

export interface AttemptHead {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
}

/** An attempt ended without a complete response. It keeps only the code of an error of Node.js or of a library, never its text. */
export class AttemptError extends Error {
  /**
   * A system error such as `ECONNREFUSED`, a code of OpenSSL or Node.js (`ERR_…`, `HPE_…`), or a code of this task in capitals.
   */
  readonly code: string;
  readonly host: string;
  readonly failedAt: FailurePoint;
  readonly proxyStatus: number | undefined;
  readonly head: AttemptHead | undefined;

  constructor(code: string, { host, failedAt = 'server', proxyStatus, head }: AttemptDetails) {
    super(code);
    this.code = code;
    this.host = host;
    this.failedAt = failedAt;
    this.proxyStatus = proxyStatus;
    this.head = head;
  }
}

export function toAttemptError(error: unknown, details: AttemptDetails): AttemptError {
  if (error instanceof AttemptError) {
    return error;
  }
  const { code } = error as { readonly code?: unknown };
  return new AttemptError(typeof code === 'string' ? code : 'UNKNOWN', details);
}

/** No attempt of a request got a response. */
export class ConnectionError extends Error {
  readonly why: ConnectionProblem;

  constructor(why: ConnectionProblem) {
    super(why.reason);
    this.why = why;
  }
}

const REASONS: Readonly<Record<string, string>> = {
  CONNECT_TIMEOUT: 'no connection was made in time',
  EAI_AGAIN: 'the DNS server did not respond',
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  EHOSTUNREACH: 'host unreachable',
  ENETUNREACH: 'network unreachable',
  ENOTFOUND: 'DNS does not know the name',
  EPROTO: 'no common TLS version or cipher',
  ETIMEDOUT: 'the connection timed out',
  IDLE_TIMEOUT: 'the response did not end in time',
  RESPONSE_TIMEOUT: 'no response came in time',
};
const CERTIFICATE =
  /^(?:CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|INVALID_CA|INVALID_PURPOSE|HOSTNAME_MISMATCH|PATH_LENGTH_|UNSPECIFIED$|ERR_TLS_CERT_)/;

/** What the code of an AttemptError means, for example `connection refused (ECONNREFUSED)`. */
export function describeCode(code: string): string {
  const general = code.startsWith('ERR_SSL_') ? REASONS['EPROTO'] : undefined;
  return `${REASONS[code] ?? general ?? 'the connection failed'} (${code})`;
}

/** Whether a code means that the certificate of the server or the proxy is not trusted. */
export function isAboutCertificate(code: string): boolean {
  return CERTIFICATE.test(code);
}

/** What an error says of a proxy. */
interface RefusingProxy {
  /** With its scheme. */
  readonly host: string;
  readonly port: number;
  readonly username?: string | undefined;
  readonly source: 'agent' | 'environment';
}

/** What the last attempt of a request means. */
export function toConnectionError(
  { code, proxyStatus = 0, failedAt, host: server }: AttemptError,
  proxy: RefusingProxy | undefined,
  progress: Pick<ConnectionProblem, 'attempts' | 'elapsedMs'>,
): ConnectionError {
  const isProxy = failedAt === 'proxy' && proxy !== undefined;
  const host = isProxy ? `${new URL(proxy.host).hostname}:${proxy.port}` : server;
  const { attempts, elapsedMs } = progress;
  const base = { attempts, elapsedMs, host };
  if (isAboutCertificate(code)) {
    return new ConnectionError({ ...base, kind: 'certificate', reason: code });
  }
  const reason =
    code === PROXY_REFUSES ? describeProxyStatus(proxyStatus, proxy) : describeCode(code);
  return isProxy
    ? new ConnectionError({ ...base, kind: 'proxy', reason, source: proxy.source })
    : new ConnectionError({ ...base, kind: 'connection', reason });
}

function describeProxyStatus(status: number, proxy: RefusingProxy | undefined): string {
  const isNamed = Boolean(proxy?.username);
  const why = isNamed
    ? 'it does not accept the user name and the password'
    : 'it requires a user name and a password';
  return `it returned ${status}${status === 407 ? `, because ${why}` : ''}`;
}
