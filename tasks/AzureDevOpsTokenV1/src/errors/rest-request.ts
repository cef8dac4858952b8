// Why a REST call got no response that its step accepts; and the error of every problem of a REST call.
import { MAX_REDIRECTS } from '../limits';
import { describeProgress } from '../duration';
import { untrustedText } from '../untrusted-text';
import {
  AZURE_DEVOPS_TABLE,
  checkTenant,
  describeDetails,
  describeRedirect,
  describeResponse,
  SERVER_ERROR,
  NOT_SERVICES,
  type AzureDevOpsContext,
  type AzureDevOpsProblem,
  type ResponseSummary,
} from './azure-devops-problems';
import { CONNECTION_TABLE, type ConnectionProblem } from './connection-problems';
import { REST_RESPONSE_TABLE, type RestResponseProblem } from './rest-response';
import { describeProblem, TaskError, type ProblemTable } from './task-error';

/** The server did nothing, because it does not support the version. */
export interface VersionProblem {
  readonly kind: 'version';
  readonly summary: ResponseSummary;
  /** Untrusted text. */
  readonly offered: string;
}

/** The server refuses a request that has no token, because a redirect left the hosts that may receive it. */
export interface WithheldTokenProblem {
  readonly kind: 'token-withheld';
  readonly summary: ResponseSummary;
  /** The first host that may not receive the token: untrusted text. */
  readonly host: string;
}

/** A file that the system does not let the step use. */
export interface FileProblem {
  readonly kind: 'file';
  readonly input: 'bodyFile' | 'outputFile' | 'Agent.TempDirectory';
  readonly path: string;
  readonly reason: string;
}

export type RestRequestProblem =
  AzureDevOpsProblem | VersionProblem | WithheldTokenProblem | FileProblem;

/** How far the polls have come. */
export interface PollProgress {
  readonly polls: number;
  readonly elapsedMs: number;
}

/** What was requested. */
export interface RestContext extends AzureDevOpsContext {
  readonly method: string;
  /** Absent if the step does not poll. */
  readonly progress?: PollProgress | undefined;
  /** The host that responded, if that is another one. */
  readonly respondedBy?: string | undefined;
}

export type RestProblemDetails = RestRequestProblem | RestResponseProblem;
export type RestProblem = RestProblemDetails & RestContext;

export const REST_REQUEST_TABLE: ProblemTable<RestRequestProblem & RestContext> = {
  ...AZURE_DEVOPS_TABLE,
  connection: {
    ...CONNECTION_TABLE.connection,
    hint: (problem) =>
      CONNECTION_TABLE.connection.hint(problem) +
      (mayHaveActed(problem) ? ` ${MAY_HAVE_ACTED}` : ''),
  },
  'not-services': {
    ...NOT_SERVICES,
    hint: () =>
      'Correct url or organization. The task speaks to Azure DevOps Services: Azure DevOps Server takes no Microsoft Entra token.',
  },
  forbidden: {
    heading: 'The identity lacks a permission',
    message: describeResponse,
    hint: () =>
      'The identity is known, and may not do this. Give it the permission that the server names: on the project, the repository, the ' +
      'pipeline or the feed, under Permissions or Security of its settings; or see its access level. A name that is written wrongly ' +
      'can look the same.',
  },
  'not-found': {
    heading: 'Nothing is there, or the identity may not see it',
    message: describeResponse,
    hint: ({ url }) =>
      `See that the path is right: ${url}. What is there, and what the identity has no permission to see, can look the same: see its ` +
      'permissions on the project.',
  },
  'server-error': {
    ...SERVER_ERROR,
    hint: () =>
      'The server may be in trouble, which passes: try again a little later, or set maxRetries higher. (A POST or PATCH is not ' +
      'repeated where the server may have acted on it: see whether it did.)',
  },
  unexpected: {
    heading: 'The status is not the expected one',
    message: describeResponse,
    hint: () =>
      'Correct the request by what the server says. If the step can live with this status, name it in expectedStatus.',
  },
  redirect: {
    heading: 'The call is redirected',
    message: describeRedirect,
    hint: ({ target }) =>
      `The call did not follow to ${untrustedText(target)}: a GET or HEAD follows up to ${MAX_REDIRECTS} redirects, to https only, and without the ` +
      'token where the host is neither of Azure DevOps nor in allowedHosts. To take the redirect itself for the answer, name its status in expectedStatus.',
  },
  'token-withheld': {
    heading: 'The request after a redirect has no token',
    message: ({ summary }) =>
      `the last request carried no token, and the server returned ${summary.status}${describeDetails(summary)}`,
    hint: ({ host }) =>
      `A redirect led to ${untrustedText(host)}, which may not receive the token. No request from there on carries it, not even one to Azure DevOps. ` +
      'If that host is yours and may receive the token, name it in allowedHosts. Otherwise set url to the address at which the ' +
      'redirects end. A signed address may have expired: run the step again.',
  },
  version: {
    heading: 'The API version does not fit',
    message: (problem) => describeResponse(problem, ' about the API version'),
    hint: ({ offered }) => `Write apiVersion: ${untrustedText(offered)}`,
  },
  file: {
    heading: 'A file cannot be read or written',
    message: ({ input, path, reason }) => `${input} (${untrustedText(path)}): ${reason}`,
    hint: ({ input }) =>
      input === 'bodyFile'
        ? 'See that the file is there and stays as it is while it is sent.'
        : 'See that the folder can be written and has room.',
  },
};

export function restError(problem: RestProblem): TaskError {
  const checked = checkTenant(problem);
  const { message, ...description } = describeProblem<RestProblem>(checked, {
    ...REST_REQUEST_TABLE,
    ...REST_RESPONSE_TABLE,
  });
  const { method, url, respondedBy, progress } = problem;
  const by = respondedBy === undefined ? '' : ` (redirected to ${untrustedText(respondedBy)})`;
  const poll = progress === undefined ? '' : `, ${describeProgress(progress)}`;
  const attempt = `Calling Azure DevOps (${method} ${url})${by}${poll}`;
  return new TaskError(checked, { ...description, message: `${attempt}: ${message}.` });
}

const MAY_HAVE_ACTED =
  'The server may have acted all the same: see whether it did before you run the step again.';

/** Whether a request may have arrived although no response came. */
function mayHaveActed({ method, reason }: ConnectionProblem & RestContext): boolean {
  const isConnected = !/ECONNREFUSED|ENOTFOUND|EAI_AGAIN/.test(reason);
  return (method === 'POST' || method === 'PATCH') && isConnected;
}
