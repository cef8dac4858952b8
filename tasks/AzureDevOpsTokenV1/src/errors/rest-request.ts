// Why a REST call got no response that its step accepts; and the error of every problem of a REST call.
import { describeDuration } from '../duration';
import { HELD_FILE, MAX_REDIRECTS } from '../limits';
import { isAzureDevOpsHost } from '../hosts';
import { untrustedText } from '../untrusted-text';
import type {
  AzureDevOpsContext,
  AzureDevOpsProblem,
  ResponseSummary,
} from './azure-devops-problem';
import {
  AZURE_DEVOPS_TABLE,
  checkTenant,
  describePage,
  describeRedirect,
  describeRequest,
  describeResponse,
  describeSender,
  NOT_SERVICES,
  SERVER_ERROR,
} from './azure-devops-texts';
import type { ConnectionProblem } from './connection-problems';
import { numberSteps } from './numbered-steps';
import { REST_RESPONSE_TABLE, type RestResponseProblem } from './rest-response';
import { toTaskError, type ProblemTable, type TaskError } from './task-error';

/** The server did nothing, because it does not support the version. */
export interface VersionProblem {
  readonly kind: 'version';
  readonly summary: ResponseSummary;
  /** Untrusted text. */
  readonly offered: string;
}

/** The server refused a request without a token. A redirect had left the hosts that may receive the token. */
export interface WithheldTokenProblem {
  readonly kind: 'token-withheld';
  readonly summary: ResponseSummary;
  /** The first host that may not receive the token: untrusted text. */
  readonly host: string;
}

/** A file that the operating system does not let the step use. */
export interface FileProblem {
  readonly kind: 'file';
  readonly input: 'bodyFile' | 'outputFile' | 'Agent.TempDirectory';
  readonly path: string;
  readonly reason: string;
}

/** On Windows, another process has the file open that the response replaces. */
export interface HeldFileProblem extends Omit<FileProblem, 'kind'> {
  readonly kind: 'file-held';
  /** The status of the response. */
  readonly status: number | undefined;
}

type RestRequestProblem =
  AzureDevOpsProblem | VersionProblem | WithheldTokenProblem | FileProblem | HeldFileProblem;

export type RestProblemDetails = RestRequestProblem | RestResponseProblem;
export type RestProblem = RestProblemDetails & AzureDevOpsContext;

export const REST_REQUEST_TABLE: ProblemTable<RestRequestProblem & AzureDevOpsContext> = {
  ...AZURE_DEVOPS_TABLE,
  connection: {
    ...AZURE_DEVOPS_TABLE.connection,
    hint: (problem) =>
      AZURE_DEVOPS_TABLE.connection.hint(problem) +
      (problem.reason.includes('RESPONSE_TIMEOUT')
        ? ' If the server is only slow, increase requestTimeoutInSeconds.'
        : '') +
      (problem.reason.includes('IDLE_TIMEOUT')
        ? ' If the response is only slow, increase waitTimeoutInMinutes.'
        : '') +
      (mayHaveActed(problem) ? ` ${MAY_HAVE_ACTED}` : ''),
  },
  'not-services': {
    ...NOT_SERVICES,
    hint: (problem) => NOT_SERVICES.hint('url or organization', problem),
  },
  'web-page': {
    id: 'web-page',
    heading: 'The response is a web page',
    conclusion: () => 'The response is a web page, not a response of the REST API.',
    details: describePage,
    hint: ({ isRestAddress }) =>
      (isRestAddress
        ? 'Check the path and the query of url. '
        : 'Check that url contains _apis/, for example _apis/projects. Addresses without it are pages of the web portal. ') +
      'Only if the step needs the web page itself, set headers to "Accept: text/html".',
  },
  forbidden: {
    id: 'permission-missing',
    heading: 'A permission is missing, or a name in url is wrong',
    conclusion: ({ organization, summary: { status, activityId } }) =>
      status === 404
        ? `${organization} has no such project or repository, or the identity is not allowed to see it (404).`
        : `${organization} denies this request (${status}): ${
            activityId === undefined
              ? 'the identity lacks a permission, or a firewall blocks the request'
              : 'the identity probably lacks a permission'
          }.`,
    details: (problem) => `${describeResponse(problem)} ${describeSender(problem)}`,
    hint: ({ summary }) => describeGrant(summary),
  },
  'not-found': {
    id: 'not-found',
    heading: 'The address was not found',
    conclusion: () =>
      'Azure DevOps found nothing at this URL (404), or the identity is not allowed to see it.',
    details: (problem) => `${describeResponse(problem)} ${describeSender(problem)}`,
    hint: ({ progress }) =>
      (progress === undefined
        ? 'Check the path of the input url. If the path is right, '
        : 'The first request of this step succeeded, so the resource may have been deleted since then. If it was not, ') +
      'check the permissions of the identity on the project (Project settings > Permissions): a missing permission can have the same result.',
  },
  'server-error': {
    ...SERVER_ERROR,
    hint: ({ method }) =>
      'Run the job again in a few minutes, or increase maxRetries.' +
      (method === 'POST' || method === 'PATCH'
        ? ` Check first whether the server acted on the ${method}.`
        : ''),
  },
  unexpected: {
    id: 'unexpected-status',
    heading: 'The status is not an expected one',
    conclusion: ({ summary }) =>
      `Azure DevOps returned ${summary.status}, which is not an expected status of this step.`,
    details: describeResponse,
    hint: ({ summary: { status, serverMessage } }) => {
      const add = `If the status ${status} is a success for the step, add it to expectedStatus.`;
      if (serverMessage !== undefined) {
        return `Correct the request: the server message says what is wrong. ${add}`;
      }
      return status < 300
        ? `${add} Otherwise, ${CHECK_REQUEST}`
        : `The server did not say what is wrong: ${CHECK_REQUEST} ${add}`;
    },
  },
  redirect: {
    id: 'redirect-not-followed',
    heading: 'A redirect was not followed',
    conclusion: (problem) =>
      `The server redirects the request, ${describeRefusedRedirect(problem)}: ${untrustedText(problem.target)}`,
    details: describeRedirect,
    hint: (problem) =>
      `${describeRedirectFix(problem)} If the redirect itself is the response that you want, add ${problem.summary.status} to expectedStatus.`,
  },
  'token-withheld': {
    id: 'redirect-without-token',
    heading: 'A request to another host had no token',
    conclusion: (problem) =>
      `The request failed without a token, because ${isLink(problem) ? 'the link to the next page' : 'a redirect'} led to ${untrustedText(problem.host)}.`,
    details: (problem) =>
      `${describeResponse(problem)} The task sends no token to that host, or to the hosts to which it redirects.`,
    hint: (problem) =>
      (isLink(problem)
        ? ''
        : 'If url is a download, run the step again, because the link to the file may have expired.\n') +
      `${describePort(problem.host)}If you trust this host with the token, add this line to the input allowedHosts: ${untrustedText(problem.host)}\n` +
      `If you do not trust it, ${isLink(problem) ? 'remove allPages' : 'change url to one that does not redirect to that host'}.`,
  },
  version: {
    id: 'api-version',
    heading: 'The API version is not supported',
    conclusion: ({ offered }) =>
      `Azure DevOps does not support the API version of this request. Set apiVersion to ${untrustedText(offered)}.`,
    details: describeResponse,
    hint: ({ offered }) =>
      `Write this line in the step: apiVersion: ${untrustedText(offered)}\nIf url or the Accept header contains an api-version, change it there.`,
  },
  file: {
    id: 'file-failed',
    heading: 'A file cannot be read or written',
    conclusion: ({ input, reason }) => `The file of ${input} cannot be used: ${reason}.`,
    details: (problem) =>
      `The path is ${untrustedText(problem.path)}. The request of the step is ${describeRequest(problem)}.`,
    hint: ({ input }) =>
      input === 'bodyFile'
        ? 'Check that the file exists, that the user of the agent may read it, and that nothing changes it while it is sent.'
        : 'Check that the user of the agent may write to the folder, and that the disk has space.',
  },
  'file-held': {
    id: 'file-held',
    heading: 'Another program has a file open',
    conclusion: ({ input }) =>
      `The response could not be saved, because another program has the file of ${input} open.`,
    details: (problem) =>
      `The path is ${untrustedText(problem.path)}. The task tried to replace this file for ${describeDuration(HELD_FILE.maxElapsedMs)}: ` +
      `${problem.reason}. The REST call was made: ${describeRequest(problem)} returned ${problem.status ?? 'a response'}.`,
    hint: ({ input, method }) =>
      (input === 'outputFile'
        ? 'End the program that has the file open, such as a process of an earlier step, or set outputFile to another path. '
        : '') +
      'If it is a virus scanner, exclude the folder of the agent.' +
      (method === 'GET' || method === 'HEAD'
        ? ''
        : ' The server has received the request: check what it did before you run the step again.'),
  },
};

export function restError(problem: RestProblem): TaskError {
  return toTaskError<RestProblem>(checkTenant(problem), {
    ...REST_REQUEST_TABLE,
    ...REST_RESPONSE_TABLE,
  });
}

/** Why the task does not follow a redirect. */
function describeRefusedRedirect({
  method,
  target,
}: AzureDevOpsContext & { readonly target: string }): string {
  if (method !== 'GET' && method !== 'HEAD') {
    return 'and the task follows redirects only for GET and HEAD';
  }
  return target.startsWith('https:')
    ? `and the task follows at most ${MAX_REDIRECTS} redirects`
    : 'and the task follows redirects to https only';
}

function describeRedirectFix({
  method,
  target,
}: AzureDevOpsContext & { readonly target: string }): string {
  const isHttp = target.startsWith('http:');
  if ((method === 'GET' || method === 'HEAD') && !isHttp) {
    return 'Set url to the address at which the redirects end. If they never end, report the fault to the administrator of the server.';
  }
  return isHttp
    ? 'Set url to the https address of the resource.'
    : 'If you trust the address that the server names, set url to it. A host outside Azure DevOps must be in allowedHosts, too.';
}

/** Whether the server of the link to the next page may not receive the token; else a redirect led to one that may not. */
function isLink({ url, host, respondedBy }: WithheldTokenProblem & AzureDevOpsContext): boolean {
  return respondedBy === undefined || new URL(url).host === host;
}

/** A port that Azure DevOps does not have: a warning before its server gets the token. */
function describePort(host: string): string {
  const [, name = '', port = ''] = /^(.+):(\d+)$/.exec(host) ?? [];
  return isAzureDevOpsHost(name)
    ? `Azure DevOps uses the port 443, so first ask the administrator of your network which server has the port ${port}. `
    : '';
}

/** Which permission the identity needs, and where to grant it. */
function describeGrant({ status, serverMessage, activityId }: ResponseSummary): string {
  const spelling = 'Check the spelling of the project and the repository in url';
  const steps =
    status === 404
      ? [
          `${spelling}.`,
          `If the spelling is right, grant the identity the permission to view the project or the repository. ${IN_PROJECT_SETTINGS}`,
          ACCESS_LEVEL,
        ]
      : [
          ...(activityId === undefined ? [MAYBE_BLOCKED] : []),
          serverMessage === undefined
            ? 'The server did not say which permission is missing: find it in the documentation of the API.'
            : 'If the server message names a permission, that permission is missing. Otherwise, find it in the documentation of the API.',
          `Grant this permission to the identity. ${IN_PROJECT_SETTINGS} Pipeline: More actions > Manage security. Feed: Feed settings > Permissions.`,
          ACCESS_LEVEL,
          `${spelling}: a misspelled name can have the same result.`,
        ];
  return numberSteps(steps);
}

const CHECK_REQUEST = 'check the method, the URL, the headers and the body of the request.';
const IN_PROJECT_SETTINGS =
  'Project: Project settings > Permissions. Repository: Project settings > Repositories > Security.';
const MAYBE_BLOCKED =
  'The response has no activity ID of Azure DevOps, so a proxy or a firewall may have blocked the request: ask the administrator of your network. If they did not, continue.';
const ACCESS_LEVEL = 'Check the access level of the identity (Organization settings > Users).';

const MAY_HAVE_ACTED =
  'The server may have received the request: check whether it acted on it before you run the step again.';

/** Whether a request may have arrived although no response came. */
function mayHaveActed({ method, reason }: ConnectionProblem & AzureDevOpsContext): boolean {
  const isConnected = !/ECONNREFUSED|ENOTFOUND|EAI_AGAIN/.test(reason);
  return (method === 'POST' || method === 'PATCH') && isConnected;
}
