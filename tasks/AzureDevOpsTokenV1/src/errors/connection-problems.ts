// Why a request got no response. The families of Microsoft Entra and of Azure DevOps share these texts.
import { countAttempts, describeDuration } from '../duration';
import { MAX_RETRY_AFTER_MS } from '../limits';
import type { ProblemText } from './task-error';

export interface ConnectionProblem {
  readonly kind: 'connection' | 'certificate' | 'proxy' | 'wait';
  /** The one that failed: the server, or the proxy in between. */
  readonly host: string;
  /** In our own words, for example `connection refused (ECONNREFUSED)`; of a certificate, its code. */
  readonly reason: string;
  /** What names the proxy. */
  readonly source?: 'agent' | 'environment' | undefined;
  readonly attempts: number;
  readonly elapsedMs: number;
}

/** The texts about a server that requests a pause. */
export const THROTTLED = {
  id: 'throttled',
  heading: 'Azure DevOps limits the requests of this identity',
  conclusion: ({ host }: { readonly host: string }) =>
    `${host} requested a longer pause between requests than the task waits (${describeDuration(MAX_RETRY_AFTER_MS)}).`,
  hint: () =>
    'Run the job again later. Run fewer jobs with this identity at the same time, or give other pools an identity of their own.',
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
      'environment of the agent). If a request is only slow, increase requestTimeoutInSeconds.',
  },
  certificate: {
    id: 'untrusted-certificate',
    heading: 'A certificate is not trusted',
    conclusion: ({ host, reason }) => `The certificate of ${host} is not trusted (${reason}).`,
    details: describeAttempts,
    hint: ({ reason }) =>
      describeDefect(reason) +
      'If your network inspects TLS, or the server has a certificate of a private certificate authority, make that authority known: add its ' +
      'certificate to the file that NODE_EXTRA_CA_CERTS names in the environment of the agent, or configure the agent with ' +
      '--sslcacert. Then restart the agent.',
  },
  proxy: {
    id: 'proxy-failed',
    heading: 'The proxy failed or refused the connection',
    conclusion: ({ host, reason }) => `The connection through the proxy ${host} failed: ${reason}.`,
    details: describeAttempts,
    hint: ({ source }) =>
      source === 'agent'
        ? 'The agent is configured with this proxy (config --proxyurl, or the file .proxy in its folder). Correct the address, the user and ' +
          'password, or the rules of the proxy, or add the host to .proxybypass. Then restart the agent.'
        : 'HTTPS_PROXY, ALL_PROXY or HTTP_PROXY names this proxy, in the environment of the agent or in the pipeline variables. ' +
          'Correct the address, the user and password, or the rules of the proxy, or add the host to NO_PROXY.',
  },
  wait: {
    ...THROTTLED,
    details: (problem) => `${problem.host}: ${problem.reason}. ${describeAttempts(problem)}`.trim(),
  },
};

/**
 * The rows about connections in the table of a family.
 * @param describeAttempt says in one sentence what was attempted
 */
export function connectionTable<P>(
  describeAttempt: (problem: ConnectionProblem & P) => string,
): ConnectionTable<P> {
  const extend = (row: ProblemText<ConnectionProblem>): ProblemText<ConnectionProblem & P> => ({
    ...row,
    details: (problem) => `${describeAttempt(problem)} ${row.details(problem)}`.trim(),
  });
  return {
    connection: extend(TABLE.connection),
    certificate: extend(TABLE.certificate),
    proxy: extend(TABLE.proxy),
    wait: extend(TABLE.wait),
  };
}

/** Empty if nothing was sent. */
function describeAttempts({ attempts, elapsedMs }: ConnectionProblem): string {
  return attempts === 0 ? '' : `The task made ${countAttempts(attempts, elapsedMs)}.`;
}

/** What is wrong with a certificate, if its code says so. */
function describeDefect(code: string): string {
  if (/EXPIRED|NOT_YET_VALID/.test(code)) {
    return 'The certificate is not valid at this time: check the clock of the agent machine. If the clock is right, renew the certificate. ';
  }
  return /ALTNAME|HOSTNAME/.test(code)
    ? 'The certificate is for another host: another server responds at this address. Check the DNS server and the proxy of the agent machine. '
    : '';
}
