// Why Azure DevOps issued no OIDC token for the job.
import { untrustedText } from '../untrusted-text';
import { CONNECTIONS, PUBLISHER } from './menu-paths';
import { describeOtherHost } from './other-server';
import { describeRequester, type WithRequester } from './requester';
import { describeSupport } from './support';
import type { ProblemTable } from './task-error';

type OidcProblemKind =
  /** Azure DevOps does not accept the access token of the job. */
  | 'job-token-rejected'
  | 'connection-denied'
  | 'oidc-rejected'
  | 'oidc-unavailable'
  /** A response of another form. */
  | 'no-oidc-token';

export interface OidcProblem {
  readonly kind: OidcProblemKind;
  readonly host: string;
  readonly status: number;
  /** Of a 4xx only, because another response can contain what is sent to Microsoft Entra. Untrusted text, like the next. */
  readonly serverMessage: string | undefined;
  readonly activityId: string | undefined;
}

/**
 * Azure DevOps returns 401, or a sign-in page as a 203, a redirect or a 200, if it does not accept the access token of the job:
 * https://github.com/Azure/azure-sdk-for-net/pull/46135
 * @param isSignIn whether the response is a sign-in page
 */
export function findOidcKind(status: number, isSignIn: boolean): OidcProblemKind {
  if (status === 401 || status === 203 || (status >= 300 && status < 400) || isSignIn) {
    return 'job-token-rejected';
  }
  if (status === 403 || status === 404) {
    return 'connection-denied';
  }
  if (status === 408 || status === 429 || status >= 500) {
    return 'oidc-unavailable';
  }
  return status >= 400 ? 'oidc-rejected' : 'no-oidc-token';
}

export const OIDC_TABLE: ProblemTable<OidcProblem & WithRequester> = {
  'job-token-rejected': {
    id: 'job-token-rejected',
    heading: 'Azure DevOps does not accept the access token of the job',
    conclusion: ({ status }) =>
      `Azure DevOps did not accept the access token of this job (System.AccessToken): it returned ${status}.`,
    details: describeRequest,
    hint: ({ activityId }) =>
      `Run the job again: the access token of a job is valid for a limited time. If it happens again, ${describeSupport('activity ID', activityId)}. ` +
      'The service connection is not the cause.',
  },
  'connection-denied': {
    id: 'service-connection-denied',
    heading: 'The pipeline may not use the service connection',
    conclusion: ({ status }) =>
      `This pipeline may not use the service connection, or the connection is disabled or deleted (${status}).`,
    details: describeRequest,
    hint: ({ requester }) =>
      `1. Open the connection under ${CONNECTIONS}. If it was deleted, create a new one, and set ${requester.kind === 'connection' ? requester.input : 'the input'} to its name.\n` +
      '2. If it is disabled, select Enable. Azure DevOps disables a connection that was not used for 100 days.\n' +
      '3. Permit this pipeline under Security > Pipeline permissions of the connection, and check its Approvals and checks.',
  },
  'oidc-rejected': {
    id: 'oidc-request-rejected',
    heading: 'Azure DevOps rejected the request for an OIDC token',
    conclusion: ({ status }) =>
      `Azure DevOps rejected the request for an OIDC token of this job with the status ${status}.`,
    details: describeRequest,
    hint: describeRejection,
  },
  'oidc-unavailable': {
    id: 'oidc-unavailable',
    heading: 'Azure DevOps cannot issue an OIDC token at the moment',
    conclusion: ({ status }) =>
      `Azure DevOps cannot issue an OIDC token for this job at the moment: it returned ${status}.`,
    details: describeRequest,
    hint: () =>
      'Run the job again later. See https://status.dev.azure.com for the state of the service.',
  },
  'no-oidc-token': {
    id: 'no-oidc-token',
    heading: 'Azure DevOps issued no OIDC token for the job',
    conclusion: ({ host, status }) =>
      `${host} returned ${status} without an OIDC token for this job.`,
    details: (problem) =>
      `${describeRequest(problem)} The response is not shown, because it could be used to get a token.`,
    hint: ({ host }) => describeOtherHost(host),
  },
};

/** Matches a message about the request itself, which no user of the task can change: `The requested version "7.1" … is under preview.` */
const DEFECT = /\bapi-version\b|\brequested (?:REST API )?version\b/i;
/** Matches `The job has completed.` and `The plan 1234 is not running.` */
const JOB_OVER = /\b(?:job|plan)\b.{0,200}\b(?:completed|ended|cancell?ed|not running)\b/i;

function describeRejection({ status, serverMessage = '', activityId }: OidcProblem): string {
  if (status === 405 || DEFECT.test(serverMessage)) {
    return `This is probably a defect of the task: it sent a request that Azure DevOps does not support. Report it, with this message, to ${PUBLISHER}.`;
  }
  if (JOB_OVER.test(serverMessage)) {
    return 'The job was already over (for example cancelled) when the task requested the OIDC token. Run the job again.';
  }
  return serverMessage === ''
    ? `Run the job again. If it happens again, ${describeSupport('activity ID', activityId)}.`
    : 'If the server message names a setting of the service connection or of the pipeline, correct it. ' +
        `Otherwise, run the job again. If it fails again, ${describeSupport('activity ID', activityId)}.`;
}

function describeRequest({
  host,
  status,
  serverMessage,
  activityId,
  requester,
}: OidcProblem & WithRequester): string {
  const details = [
    serverMessage === undefined ? '' : `"${untrustedText(serverMessage)}"`,
    activityId === undefined ? '' : `activity ID ${untrustedText(activityId)}`,
  ].filter((detail) => detail !== '');
  const text = details.length === 0 ? '' : ` (${details.join('; ')})`;
  return `POST to ${host} for ${describeRequester(requester)} returned ${status}${text}.`;
}
