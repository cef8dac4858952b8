// Why the response of an identity endpoint is not a token, whichever identity was requested.
import { countAttempts } from '../duration';
import { untrustedText } from '../untrusted-text';
import { AGENT_ENVIRONMENT } from './menu-paths';
import { numberSteps } from './numbered-steps';
import {
  describeListener,
  describeOtherServer,
  isVariable,
  type EndpointAddress,
} from './other-server';
import type { ProblemTable } from './task-error';

/** `endpoint` is an origin, `status` an HTTP status. */
export type EndpointProblem =
  | (EndpointAddress & {
      readonly kind: 'endpoint-refused';
      readonly status: number;
      /** Undefined unless the identity service is known to have sent it. */
      readonly serverMessage: string | undefined;
    })
  | (EndpointAddress & {
      readonly kind: 'not-a-token';
      /** Undefined if the response was not HTTP. */
      readonly status: number | undefined;
      readonly reason: string;
    })
  | {
      readonly kind: 'endpoint-busy';
      readonly endpoint: string;
      readonly reason: string;
      readonly attempts: number;
      readonly elapsedMs: number;
      readonly retryAfterMs: number | undefined;
      /** Undefined unless the identity service is known to have sent it. */
      readonly serverMessage: string | undefined;
    };

export const ENDPOINT_TABLE: ProblemTable<EndpointProblem> = {
  'endpoint-refused': {
    id: 'identity-endpoint-refused',
    heading: 'The identity endpoint refused or redirected the request',
    conclusion: ({ endpoint, status }) =>
      isRedirect(status)
        ? `The identity endpoint ${endpoint} redirected the request (${status}), so there is no token.`
        : `The identity endpoint ${endpoint} refused the request with the status ${status}.`,
    details: ({ serverMessage }) =>
      serverMessage === undefined ? '' : `The server message is "${untrustedText(serverMessage)}".`,
    hint: describeEndpointFix,
  },
  'not-a-token': {
    id: 'identity-endpoint-no-token',
    heading: 'The identity endpoint returned no token',
    conclusion: ({ endpoint, reason }) =>
      `The identity endpoint ${endpoint} returned no usable token: ${untrustedText(reason)}.`,
    details: ({ status }) => (status === undefined ? '' : `The status was ${status}.`),
    hint: ({ endpoint, namedBy = '' }) =>
      describeOtherServer({ endpoint }) +
      (isVariable(namedBy)
        ? ` ${namedBy} names this address. If the address is wrong, correct or remove the variable in ${AGENT_ENVIRONMENT}, and restart the agent.`
        : ''),
  },
  'endpoint-busy': {
    id: 'identity-endpoint-busy',
    heading: 'The identity endpoint is busy',
    conclusion: ({ endpoint }) =>
      `The identity endpoint ${endpoint} is busy, or Azure is updating it.`,
    details: ({ reason, attempts, elapsedMs, retryAfterMs, serverMessage }) =>
      `The last attempt failed: ${reason}. The task made ${countAttempts(attempts, elapsedMs)}.` +
      (serverMessage === undefined
        ? ''
        : ` The server message is "${untrustedText(serverMessage)}".`) +
      (retryAfterMs === undefined
        ? ''
        : ` The endpoint requested a pause of ${Math.ceil(retryAfterMs / 1000)} seconds (Retry-After).`),
    hint: ({ retryAfterMs }) =>
      retryAfterMs === undefined
        ? 'Run the job again in a few minutes.'
        : 'Run the job again in a few minutes, when this pause is over.',
  },
};

/** Matches the message of Azure Cloud Shell, which supports few services: "Audience … is not a supported MSI token audience". */
const OTHER_AUDIENCE = /\baudience\b.{0,200}\bnot (?:a )?supported\b/i;

/** What to do if a server refuses the request for a token. It can be the identity service or another program. */
function describeEndpointFix(problem: EndpointProblem & { kind: 'endpoint-refused' }): string {
  const { status, serverMessage = '' } = problem;
  if (OTHER_AUDIENCE.test(serverMessage)) {
    return (
      'The server message says that this identity service issues no tokens for the audience of Azure DevOps. Run the job on a VM, scale set or ' +
      'Managed DevOps Pool that has a managed identity, or use a service connection (connectionType: azureDevOps).'
    );
  }
  // An identity service of Azure does not redirect.
  if (isRedirect(status)) {
    return describeOtherServer(problem);
  }
  return numberSteps([
    describeListener(problem),
    ...(status === 403
      ? [
          'Docker Desktop returns 403 in place of the identity service. If the agent runs in a container of Docker Desktop, run the agent outside that container.',
        ]
      : []),
    'If the VM uses the Metadata Security Protocol, ask the administrator of the VM to add the process and the user of the agent to its allowlist ' +
      '(resource InVMAccessControlProfile).',
  ]);
}

function isRedirect(status: number): boolean {
  return status >= 300 && status < 400;
}
