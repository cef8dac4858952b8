// Why a request got no response. The families of Microsoft Entra and of Azure DevOps share these texts.
import { countAttempts } from '../duration';
import type { ProblemTable } from './task-error';

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

/** What to do if Azure DevOps asks to wait. */
export const THROTTLED_HINT =
  'Azure DevOps asks to wait before the next request: run the job again later. Where this identity asks too much in too short a ' +
  'time (429), let fewer jobs ask at once.';
export const WAIT_HEADING = 'Azure DevOps asks to wait';

export const CONNECTION_TABLE: ProblemTable<ConnectionProblem> = {
  connection: {
    heading: 'A host is out of reach',
    message: (problem) => `${problem.host}: ${problem.reason}${describeAttempts(problem)}`,
    hint: () =>
      'See whether a firewall, the name service or a missing proxy (HTTPS_PROXY in the environment of the agent) stands between this ' +
      'machine and that host.',
  },
  certificate: {
    heading: 'A certificate is not trusted',
    message: (problem) =>
      `${problem.host}: its certificate is not trusted (${problem.reason})${describeAttempts(problem)}`,
    hint: ({ reason }) =>
      describeDefect(reason) +
      "Where the network inspects TLS, or the server has a certificate of a private authority: add that authority's certificate to the " +
      'file that NODE_EXTRA_CA_CERTS names in the environment of the agent, or to the one of the CA setting of the agent itself ' +
      '(config --sslcacert), and start the agent anew.',
  },
  proxy: {
    heading: 'The proxy stands in the way',
    message: (problem) =>
      `the proxy ${problem.host}: ${problem.reason}${describeAttempts(problem)}`,
    hint: ({ source }) =>
      source === 'agent'
        ? 'It is the proxy that the agent was configured with (config --proxyurl, or the file .proxy in its folder): correct its address, its ' +
          'user and password, or its rules, or name the host in .proxybypass; then start the agent anew.'
        : 'It is the proxy that HTTPS_PROXY, ALL_PROXY or HTTP_PROXY names in the environment of the agent or among the variables of the ' +
          'pipeline: correct its address, its user and password, or its rules, or name the host in NO_PROXY.',
  },
  wait: {
    heading: WAIT_HEADING,
    message: (problem) => `${problem.host}: ${problem.reason}${describeAttempts(problem)}`,
    hint: () => THROTTLED_HINT,
  },
};

function describeAttempts({ attempts, elapsedMs }: ConnectionProblem): string {
  return attempts === 0 ? '' : `, ${countAttempts(attempts, elapsedMs)}`;
}

/** What is wrong with a certificate, where its code says so. */
function describeDefect(code: string): string {
  if (/EXPIRED|NOT_YET_VALID/.test(code)) {
    return 'It is not valid at this time: see the clock of this machine; if that is right, the certificate has to be renewed. ';
  }
  return /ALTNAME|HOSTNAME/.test(code)
    ? 'It is for another host: something else answers at this address. '
    : '';
}
