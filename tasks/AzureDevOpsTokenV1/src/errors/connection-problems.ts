// Why a request got no response. The families of Microsoft Entra and of Azure DevOps share these texts.
import { countAttempts, describeDuration } from '../duration';
import { MAX_RETRY_AFTER_MS } from '../limits';
import { AGENT_ENVIRONMENT } from './menu-paths';
import { describeNetworkFix } from './other-server';
import type { ProblemText } from './task-error';

export interface ConnectionProblem {
  readonly kind: 'connection' | 'certificate' | 'proxy' | 'wait';
  /** The one that failed: the server, or the proxy in between. */
  readonly host: string;
  /** A text of the task, for example `connection refused (ECONNREFUSED)`; of a certificate, its code. */
  readonly reason: string;
  /** What names the proxy. */
  readonly source?: 'agent' | 'environment' | undefined;
  /** The variable whose value is not the URL of a proxy. */
  readonly variable?: string | undefined;
  readonly attempts: number;
  readonly elapsedMs: number;
}

/** The texts about a server that requests a pause. */
export const THROTTLED = {
  id: 'throttled',
  heading: 'Azure DevOps limits requests or is not available',
  conclusion: ({ host }: { readonly host: string }) =>
    `${host} requested a longer pause between requests than the task waits (${describeDuration(MAX_RETRY_AFTER_MS)}).`,
  hint: () =>
    'Run the job again later. Run fewer jobs with this identity at the same time, or use a separate identity for each pool.',
};

type ConnectionTable<P> = Readonly<
  Record<ConnectionProblem['kind'], ProblemText<ConnectionProblem & P>>
>;

const TABLE: ConnectionTable<unknown> = {
  connection: {
    id: 'host-unreachable',
    heading: 'A host cannot be reached',
    conclusion: ({ host, reason }) => `The request to ${host} failed: ${reason}.`,
    details: describeAttempts,
    hint: ({ host }) =>
      `Check that the agent machine can connect to ${host}: the DNS server, the firewall, and whether a proxy is needed (HTTPS_PROXY in the ` +
      'environment of the agent).',
  },
  certificate: {
    id: 'untrusted-certificate',
    heading: 'A certificate is not trusted',
    conclusion: ({ host, reason }) =>
      `The certificate of ${host} ${CERTIFICATE_TEXTS[findDefect(reason)].defect} (${reason}).`,
    details: describeAttempts,
    hint: ({ host, reason }) => CERTIFICATE_TEXTS[findDefect(reason)].hint(host),
  },
  proxy: {
    id: 'proxy-failed',
    heading: 'The proxy failed or refused the connection',
    conclusion: ({ host, reason }) => `The connection through the proxy ${host} failed: ${reason}.`,
    details: describeAttempts,
    hint: describeProxyFix,
  },
  wait: {
    ...THROTTLED,
    details: () => '',
  },
};

/**
 * The rows about connections in the table of a family.
 * @param describeRequest names the request, as the subject of a sentence
 */
export function connectionTable<P>(
  describeRequest: (problem: ConnectionProblem & P) => string,
): ConnectionTable<P> {
  const extend = (row: ProblemText<ConnectionProblem>): ProblemText<ConnectionProblem & P> => ({
    ...row,
    details: (problem) =>
      `${describeRequest(problem)} ${describeEnd(problem)} ${row.details(problem)}`.trim(),
  });
  return {
    connection: extend(TABLE.connection),
    certificate: extend(TABLE.certificate),
    proxy: extend(TABLE.proxy),
    wait: extend(TABLE.wait),
  };
}

/** What became of the request. */
function describeEnd({ kind, host, reason, attempts }: ConnectionProblem): string {
  if (kind === 'wait') {
    return `was not sent, because of the last response of ${host}: ${reason}.`;
  }
  return attempts === 0 ? 'was not sent.' : 'got no response.';
}

/** Empty if nothing was sent. */
function describeAttempts({ attempts, elapsedMs }: ConnectionProblem): string {
  return attempts === 0 ? '' : `The task made ${countAttempts(attempts, elapsedMs)}.`;
}

/** What to do about a proxy, by what names it and how it failed. */
function describeProxyFix({ source, variable, reason }: ConnectionProblem): string {
  if (variable !== undefined) {
    return `Correct ${variable} in ${AGENT_ENVIRONMENT} or in the pipeline variables. If no proxy is needed, remove it.`;
  }
  const [origin, credential, exception] =
    source === 'agent'
      ? [
          'The agent is configured with this proxy (config --proxyurl, or the file .proxy in its folder).',
          'Configure the agent with the user name and the password of the proxy (--proxyusername and --proxypassword).',
          '.proxybypass. Then restart the agent.',
        ]
      : [
          `HTTPS_PROXY, ALL_PROXY or HTTP_PROXY names this proxy, in ${AGENT_ENVIRONMENT} or in the pipeline variables.`,
          'Change the value of this variable to http://{user}:{password}@{host}:{port}.',
          'NO_PROXY. If you changed the environment of the agent, restart the agent.',
        ];
  const fix = reason.includes('returned 407')
    ? credential
    : /returned \d/.test(reason)
      ? 'Ask the administrator of the proxy why it returns this status, and whether its rules allow the host of the request.'
      : 'Check that the address of the proxy is right and that the proxy is running.';
  return `${origin} ${fix} If the request needs no proxy, add its host to ${exception}`;
}

/** What is wrong with a certificate, as its code says. */
type CertificateDefect = 'validity' | 'host' | 'authority';

function findDefect(code: string): CertificateDefect {
  if (/EXPIRED|NOT_YET_VALID/.test(code)) {
    return 'validity';
  }
  return /ALTNAME|HOSTNAME/.test(code) ? 'host' : 'authority';
}

const CERTIFICATE_TEXTS: Readonly<
  Record<CertificateDefect, { readonly defect: string; readonly hint: (host: string) => string }>
> = {
  validity: {
    defect: 'is not valid at this time',
    hint: (host) =>
      `Check the clock of the agent machine. If the clock is right, ask the administrator of ${host}, or of the proxy that inspects TLS, to ` +
      'renew the certificate.',
  },
  host: {
    defect: 'is for another host',
    hint: (host) => `Another server responds at this address. ${describeNetworkFix(host)}`,
  },
  authority: {
    defect: 'is not trusted',
    hint: (host) =>
      `1. Ask the administrator of your network for the certificate of the authority that issued the certificate of ${host}, as a PEM file. ` +
      'If a proxy inspects TLS, this is the authority of the proxy.\n' +
      `2. In ${AGENT_ENVIRONMENT}, set NODE_EXTRA_CA_CERTS to the path of that file. ` +
      'Or configure the agent again, with config.sh --sslcacert {file} (Windows: config.cmd).\n' +
      '3. Restart the agent.',
  },
};
