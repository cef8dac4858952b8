// Why a managed identity, or a token that was received, cannot be used.
import { countAttempts } from '../duration';
import { untrustedText } from '../untrusted-text';
import { describeProblem, TaskError, type ProblemTable } from './task-error';

/** The identity that the step asked for, absent where it named none. */
export interface RequestedId {
  readonly input: string;
  readonly value: string;
}

/** What can stand between the step and its token. `endpoint` is an origin, `status` an HTTP status. */
export type IdentityProblem =
  | {
      readonly kind: 'no-endpoint';
      readonly endpoint: string;
      /** For example `connection refused (ECONNREFUSED)`. */
      readonly reason: string;
      readonly attempts: number;
      readonly elapsedMs: number;
      readonly isContainerJob: boolean;
    }
  | {
      readonly kind: 'identity-not-found';
      readonly endpoint: string;
      readonly requested: RequestedId;
      readonly serverMessage: string;
    }
  /** Neither a system-assigned identity nor a single user-assigned one. */
  | {
      readonly kind: 'no-identity';
      readonly endpoint: string;
      readonly serverMessage: string;
      readonly isContainerJob: boolean;
    }
  | {
      readonly kind: 'several-identities';
      readonly endpoint: string;
      readonly serverMessage: string;
    }
  | {
      readonly kind: 'endpoint-refuses';
      readonly endpoint: string;
      readonly status: number;
      /** Undefined unless the identity service is known to have sent it. */
      readonly serverMessage: string | undefined;
    }
  | {
      readonly kind: 'not-a-token';
      readonly endpoint: string;
      /** Undefined where what came was no HTTP. */
      readonly status: number | undefined;
      readonly reason: string;
    }
  | {
      readonly kind: 'endpoint-busy';
      readonly endpoint: string;
      readonly reason: string;
      readonly attempts: number;
      readonly elapsedMs: number;
      readonly retryAfterMs: number | undefined;
    }
  | {
      readonly kind: 'expires-soon';
      readonly expiresOn: Date;
      readonly now: Date;
      readonly minimumLifetimeMs: number;
    }
  | {
      readonly kind: 'wrong-audience';
      readonly endpoint: string;
      readonly expected: string;
      readonly actual: string;
    }
  | { readonly kind: 'no-expiry'; readonly endpoint: string }
  | { readonly kind: 'wrong-identity'; readonly requested: RequestedId; readonly actual: string }
  | {
      readonly kind: 'unsupported-id';
      /** The token source of this machine. */
      readonly source: string;
      readonly requested: RequestedId;
      /** The inputs that it supports. */
      readonly ids: readonly string[];
    }
  | {
      readonly kind: 'challenge';
      readonly endpoint: string;
      /** Of a file; untrusted text. */
      readonly path: string;
      readonly reason: string;
    }
  | { readonly kind: 'endpoint-not-local'; readonly source: string; readonly host: string }
  /** Of a pod: its environment has no ID, or a pipeline variable replaces it. */
  | { readonly kind: 'pod-without-id' | 'pod-id-hidden'; readonly variable: string }
  | {
      readonly kind: 'library';
      readonly name: string;
      readonly requested: RequestedId | undefined;
    };

const ATTEMPT = 'Getting a token from the managed identity endpoint';

export const IDENTITY_TABLE: ProblemTable<IdentityProblem> = {
  'no-endpoint': {
    heading: 'No identity endpoint answers',
    message: ({ endpoint, reason, attempts, elapsedMs }) =>
      `${ATTEMPT} ${endpoint}: ${reason}, ${countAttempts(attempts, elapsedMs)}.`,
    hint: ({ isContainerJob }) => describeMissingIdentity(isContainerJob),
  },
  'identity-not-found': {
    heading: 'The machine does not have that identity',
    message: ({ endpoint, requested, serverMessage }) =>
      `${ATTEMPT} ${endpoint}: it found no identity with the ${requested.input} ${requested.value} (400 ${untrustedText(serverMessage)}).`,
    hint: ({ requested }) =>
      'Assign that identity to this machine (in the Azure portal: Identity > User assigned of the virtual machine or ' +
      `scale set, Settings > Identity of the Managed DevOps Pool), or correct ${requested.input}.`,
  },
  'no-identity': {
    heading: 'The machine has no identity',
    message: ({ endpoint, serverMessage }) =>
      `${ATTEMPT} ${endpoint}: it found no system-assigned identity (400 ${untrustedText(serverMessage)}).`,
    hint: ({ isContainerJob }) =>
      'Switch the system-assigned identity of this machine on (in the Azure portal: Identity > System assigned), ' +
      'or assign it a user-assigned one (Identity > User assigned). ' +
      describeMissingIdentity(isContainerJob),
  },
  'several-identities': {
    heading: 'The machine has several identities',
    message: ({ endpoint, serverMessage }) =>
      `${ATTEMPT} ${endpoint}: the machine has several user-assigned identities, and none was named (400 ${untrustedText(serverMessage)}).`,
    hint: () => 'Choose one of them with one of the inputs clientId, objectId and resourceId.',
  },
  'endpoint-refuses': {
    heading: 'The identity endpoint refuses',
    message: ({ endpoint, status, serverMessage }) =>
      `${ATTEMPT} ${endpoint}: it answered ${status}${serverMessage === undefined ? '' : ` (${untrustedText(serverMessage)})`}.`,
    hint: () =>
      'Repeating the request would not help. See what answers at this address: the identity service may refuse this process, ' +
      'or a proxy, a firewall or Docker Desktop (403) may stand in front of it.',
  },
  'not-a-token': {
    heading: 'The identity endpoint answers with something else',
    message: ({ endpoint, status, reason }) =>
      `${ATTEMPT} ${endpoint}: it answered${status === undefined ? '' : ` ${status}`} with something other than a token (${untrustedText(reason)}).`,
    hint: () =>
      'See what answers at this address: it does not behave like the identity service of Azure.',
  },
  'endpoint-busy': {
    heading: 'The identity endpoint is busy',
    message: ({ endpoint, reason, attempts, elapsedMs, retryAfterMs }) =>
      `${ATTEMPT} ${endpoint}: ${reason}, ${countAttempts(attempts, elapsedMs)}.` +
      (retryAfterMs === undefined
        ? ''
        : ` It asks to wait ${Math.ceil(retryAfterMs / 1000)} seconds (Retry-After).`),
    hint: () =>
      'The endpoint is overloaded or being updated, which passes: run the job again in a few minutes.',
  },
  'expires-soon': {
    heading: 'The token expires too soon',
    message: ({ expiresOn, now, minimumLifetimeMs }) =>
      `Checking the token: it ${expiresOn <= now ? 'expired' : 'expires'} at ${formatTime(expiresOn)}, and now it is ` +
      `${formatTime(now)}. The step asks for a lifetime of ${minimumLifetimeMs / 60_000} min (minimumLifetimeInMinutes).`,
    hint: () =>
      'The same token is handed out until it is renewed. Run the job again later, lower minimumLifetimeInMinutes, ' +
      'or, where the times above look wrong, set the clock of the machine.',
  },
  'no-expiry': {
    heading: 'The token has no expiry',
    message: ({ endpoint }) =>
      `Checking the token: neither the token nor the response of ${endpoint} says when it expires.`,
    hint: () =>
      'The token was not used. An identity service of Azure returns expires_on or expires_in: see what listens at this address.',
  },
  'wrong-audience': {
    heading: 'The token is for another service',
    message: ({ expected, actual }) =>
      `Checking the token: it is for the audience ${untrustedText(actual)}, not for Azure DevOps (${expected}).`,
    hint: ({ endpoint }) =>
      `The token was thrown away. See what answers in place of the identity service (${endpoint}).`,
  },
  'wrong-identity': {
    heading: 'The token is of another identity',
    message: ({ requested, actual }) =>
      `Checking the token: it is of the ${requested.input} ${untrustedText(actual)}, and ${requested.value} was asked for.`,
    hint: ({ requested }) =>
      `The token was thrown away. Correct ${requested.input}, or see which identities this machine really has.`,
  },
  'unsupported-id': {
    heading: 'The platform does not take that id',
    message: ({ source, requested }) =>
      `Getting a token: on this machine it comes from ${source}, which takes no ${requested.input}.`,
    hint: ({ requested, ids }) =>
      ids.length === 0
        ? `It has a single identity: leave ${requested.input} empty.`
        : `It takes ${new Intl.ListFormat('en', { type: 'disjunction' }).format(ids)} of the same identity instead.`,
  },
  challenge: {
    heading: 'Azure Arc does not let the agent read its file',
    message: ({ endpoint, path, reason }) =>
      `${ATTEMPT} ${endpoint}: it asks to read the file ${untrustedText(path)}, and that was not done: ${untrustedText(reason)}.`,
    hint: () =>
      'Azure Arc gives tokens only to whom may read its files: add the user of the agent to the group himds (on Windows: Hybrid agent ' +
      'extension applications), and start the agent anew.',
  },
  'endpoint-not-local': {
    heading: 'The identity endpoint is not of this machine',
    message: ({ source, host }) =>
      `Looking for the managed identity endpoint: ${source} points to ${untrustedText(host)}.`,
    hint: () =>
      'A token is taken only from http://localhost or from a loopback, link-local or private address of the machine, written as ' +
      'a number. Correct or remove the variable where the agent is started.',
  },
  'pod-without-id': {
    heading: 'The pod has no id of an identity',
    message: ({ variable }) =>
      `Getting a token for the workload identity of this pod: the pod has no ${variable}.`,
    hint: ({ variable }) =>
      `See that its service account has the annotations of Microsoft Entra Workload ID${orClientId(variable)}.`,
  },
  'pod-id-hidden': {
    heading: 'A variable hides an id of the pod',
    message: ({ variable }) =>
      `Getting a token for the workload identity of this pod: a variable of the pipeline hides ${variable} of the pod.`,
    hint: ({ variable }) =>
      `Give that variable another name, and hand it to the tools that need it under env:${orClientId(variable)}.`,
  },
  library: {
    heading: 'The library asks for no token',
    message: ({ name }) =>
      `Getting a token: @azure/identity did not ask for one (${untrustedText(name)}).`,
    hint: ({ requested }) =>
      requested === undefined
        ? 'See which identity endpoint the environment of the agent describes: the library makes nothing of it.'
        : `The identity endpoint that the environment of the agent describes takes no ${requested.input}: try without.`,
  },
};

export function identityError(problem: IdentityProblem): TaskError {
  return new TaskError(problem, describeProblem(problem, IDENTITY_TABLE));
}

function orClientId(variable: string): string {
  return variable === 'AZURE_CLIENT_ID' ? ', or set the input clientId' : '';
}

function describeMissingIdentity(isContainerJob: boolean): string {
  return (
    'This machine offers no managed identity. Microsoft-hosted agents have none: run the job on a virtual machine, a scale set or ' +
    'a Managed DevOps Pool that has one, or use a service connection (connectionType: azureDevOps).' +
    (isContainerJob
      ? ' The job runs in a container, from which the endpoint may be out of reach: set "target: host" on the step, or give the ' +
        'container a route to it.'
      : '')
  );
}

/** To the second: `2026-01-31T12:00:00Z`. */
function formatTime(time: Date): string {
  return `${time.toISOString().slice(0, 19)}Z`;
}
