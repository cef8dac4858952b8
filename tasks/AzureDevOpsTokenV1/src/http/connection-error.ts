import type { AttemptFailure } from './attempt';
import type { Proxy } from './proxy';

/** The proxy answered in place of the server: it does not let the request through. */
export const PROXY_REFUSES = 'PROXY_REFUSES';

/** Why no answer came. `host` is whom it concerns: the one that was asked, or the proxy in between. */
export interface ConnectionProblem {
  readonly kind: 'connection' | 'certificate' | 'proxy' | 'wait';
  readonly host: string;
  /** In our own words, for example `connection refused (ECONNREFUSED)`. */
  readonly reason: string;
  /** Who names the proxy that it is about. */
  readonly source?: 'agent' | 'environment' | undefined;
  readonly attempts: number;
  readonly elapsedMs: number;
}

/** No answer came, however often it was tried. */
export class ConnectionError extends Error {
  readonly why: ConnectionProblem;

  constructor(why: ConnectionProblem) {
    super(why.reason);
    this.why = why;
  }
}

const REASONS: Readonly<Record<string, string>> = {
  EAI_AGAIN: 'its name was not resolved',
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  EHOSTUNREACH: 'host unreachable',
  ENETUNREACH: 'network unreachable',
  ENOTFOUND: 'its name was not found',
  EPROTO: 'it does not speak TLS as this machine does',
  ETIMEDOUT: 'the connection timed out',
  RESPONSE_TIMEOUT: 'no answer came in time',
};
const CERTIFICATE =
  /^(?:CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|INVALID_CA|INVALID_PURPOSE|HOSTNAME_MISMATCH|PATH_LENGTH_|UNSPECIFIED$|ERR_TLS_CERT_)/;

/** The reason of a failure by its code, an errno or one of OpenSSL or Node.js. */
export function describeCode(code: string): string {
  const general = code.startsWith('ERR_SSL_') ? REASONS['EPROTO'] : undefined;
  return `${REASONS[code] ?? general ?? 'the connection failed'} (${code})`;
}

/** Whether a code says that the certificate of the other side is not trusted. */
export function isAboutCertificate(code: string): boolean {
  return CERTIFICATE.test(code);
}

/** What the last failure of a call means. */
export function toConnectionError(
  { code = 'UNKNOWN', statusCode, failedAt, host: server }: AttemptFailure,
  proxy: Proxy | undefined,
  tries: Pick<ConnectionProblem, 'attempts' | 'elapsedMs'>,
): ConnectionError {
  const isProxy = failedAt === 'proxy' && proxy !== undefined;
  const host = isProxy ? `${new URL(proxy.host).hostname}:${proxy.port}` : server;
  const tried = { ...tries, host };
  if (isAboutCertificate(code)) {
    return new ConnectionError({ ...tried, kind: 'certificate', reason: code });
  }
  const reason =
    code === PROXY_REFUSES ? describeRefusal(statusCode ?? 0, proxy) : describeCode(code);
  return isProxy
    ? new ConnectionError({ ...tried, kind: 'proxy', reason, source: proxy.source })
    : new ConnectionError({ ...tried, kind: 'connection', reason });
}

function describeRefusal(status: number, proxy: Proxy | undefined): string {
  const isNamed = Boolean(proxy?.username);
  const why = isNamed ? 'it does not take the user and password' : 'it wants a user and a password';
  return `it answered ${status}${status === 407 ? `: ${why}` : ''}`;
}
