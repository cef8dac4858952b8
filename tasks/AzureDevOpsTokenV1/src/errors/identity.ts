// Why a managed identity, or a token that was received, cannot be used.
import { countAttempts } from '../duration';
import { untrustedText } from '../untrusted-text';
import { toTaskError, type ProblemTable, type TaskError } from './task-error';

/** The ID that the step requested; absent if it requested none. */
export interface RequestedId {
  readonly input: string;
  readonly value: string;
}

/** Why the step has no token. `endpoint` is an origin, `status` an HTTP status. */
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
      readonly kind: 'endpoint-refused';
      readonly endpoint: string;
      readonly status: number;
      /** Undefined unless the identity service is known to have sent it. */
      readonly serverMessage: string | undefined;
    }
  | {
      readonly kind: 'not-a-token';
      readonly endpoint: string;
      /** Undefined if the response was not HTTP. */
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
      /** The token source of the agent machine. */
      readonly source: string;
      readonly requested: RequestedId;
      /** The inputs that it supports. */
      readonly ids: readonly string[];
    }
  | {
      readonly kind: 'challenge';
      readonly endpoint: string;
      /** The path of a file: untrusted text. */
      readonly path: string;
      readonly reason: string;
    }
  | { readonly kind: 'endpoint-not-local'; readonly source: string; readonly host: string }
  /** The environment of a pod has no ID, or a pipeline variable replaces it. */
  | { readonly kind: 'pod-without-id' | 'pod-id-hidden'; readonly variable: string }
  | {
      readonly kind: 'library';
      readonly name: string;
      readonly requested: RequestedId | undefined;
    };

const PORTAL = 'In the Azure portal, open the VM, scale set or pool, and';

export const IDENTITY_TABLE: ProblemTable<IdentityProblem> = {
  'no-endpoint': {
    id: 'no-managed-identity',
    heading: 'The agent has no managed identity',
    conclusion: () => 'This agent has no managed identity: the task found no identity endpoint.',
    details: ({ endpoint, reason, attempts, elapsedMs }) =>
      `The request to ${endpoint} failed: ${reason}, ${countAttempts(attempts, elapsedMs)}.`,
    hint: ({ isContainerJob }) => describeAlternatives(isContainerJob),
  },
  'identity-not-found': {
    id: 'identity-not-assigned',
    heading: 'The identity is not assigned to the agent',
    conclusion: ({ requested }) =>
      `This agent does not have the identity with the ${requested.input} ${requested.value}.`,
    details: ({ endpoint, serverMessage }) =>
      `The identity endpoint ${endpoint} returned 400 (${untrustedText(serverMessage)}).`,
    hint: ({ requested }) =>
      `${PORTAL} add it under Identity > User assigned (Managed DevOps Pool: Settings > Identity). Or correct ${requested.input}.`,
  },
  'no-identity': {
    id: 'no-system-assigned-identity',
    heading: 'The agent has no system-assigned identity',
    conclusion: () => 'This agent has no system-assigned identity, and the step names no other.',
    details: ({ endpoint, serverMessage }) =>
      `The identity endpoint ${endpoint} returned 400 (${untrustedText(serverMessage)}).`,
    hint: ({ isContainerJob }) =>
      `${PORTAL} switch Identity > System assigned on. Or add an identity under Identity > User assigned, and set the input clientId. ` +
      describeAlternatives(isContainerJob),
  },
  'several-identities': {
    id: 'several-identities',
    heading: 'The agent has several identities',
    conclusion: () =>
      'This agent has several user-assigned identities, and the step does not choose one.',
    details: ({ endpoint, serverMessage }) =>
      `The identity endpoint ${endpoint} returned 400 (${untrustedText(serverMessage)}).`,
    hint: () => 'Set one of the inputs clientId, objectId and resourceId.',
  },
  'endpoint-refused': {
    id: 'identity-endpoint-refused',
    heading: 'The identity endpoint refused the request',
    conclusion: ({ endpoint, status }) =>
      `The identity endpoint ${endpoint} refused the request with the status ${status}.`,
    details: ({ serverMessage }) =>
      serverMessage === undefined ? '' : `It returned: ${untrustedText(serverMessage)}.`,
    hint: () =>
      'The identity service does not allow this process, or something else responded: a proxy, a firewall, or Docker Desktop (which returns ' +
      '403). Check what runs at this address on the agent machine, and add it to NO_PROXY.',
  },
  'not-a-token': {
    id: 'identity-endpoint-no-token',
    heading: 'The identity endpoint returned no token',
    conclusion: ({ endpoint, reason }) =>
      `The identity endpoint ${endpoint} returned no usable token: ${untrustedText(reason)}.`,
    details: ({ status }) => (status === undefined ? '' : `The status was ${status}.`),
    hint: () =>
      'A proxy or another program on the agent machine probably responded. Check what runs at this address, and the variables of the ' +
      'identity endpoint in the environment of the agent.',
  },
  'endpoint-busy': {
    id: 'identity-endpoint-busy',
    heading: 'The identity endpoint is busy',
    conclusion: ({ endpoint }) =>
      `The identity endpoint ${endpoint} is busy, or Azure is updating it.`,
    details: ({ reason, attempts, elapsedMs, retryAfterMs }) =>
      `The last attempt failed: ${reason}, ${countAttempts(attempts, elapsedMs)}.` +
      (retryAfterMs === undefined
        ? ''
        : ` The endpoint asks to wait ${Math.ceil(retryAfterMs / 1000)} seconds (Retry-After).`),
    hint: () => 'Run the job again in a few minutes.',
  },
  'expires-soon': {
    id: 'token-expires-too-soon',
    heading: 'The token expires too soon',
    conclusion: ({ expiresOn, now, minimumLifetimeMs }) =>
      expiresOn <= now
        ? `The token expired at ${formatTime(expiresOn)}, and now it is ${formatTime(now)}.`
        : `The token expires at ${formatTime(expiresOn)}, sooner than minimumLifetimeInMinutes (${minimumLifetimeMs / 60_000}) allows.`,
    details: ({ expiresOn, now, minimumLifetimeMs }) =>
      (expiresOn <= now
        ? `The step needs a token that is valid for ${minimumLifetimeMs / 60_000} min (minimumLifetimeInMinutes). `
        : `Now it is ${formatTime(now)}. `) +
      'Azure caches a token and returns the same one until it is renewed.',
    hint: ({ expiresOn, now }) =>
      (expiresOn <= now
        ? 'Run the job again in a few minutes.'
        : `Run the job again after ${formatTime(expiresOn)}, or lower minimumLifetimeInMinutes.`) +
      ' If the time is wrong, correct the clock of the agent machine.',
  },
  'no-expiry': {
    id: 'token-without-expiry',
    heading: 'The token has no expiry',
    conclusion: () => 'The token was not used, because it does not show when it expires.',
    details: ({ endpoint }) =>
      `The response of ${endpoint} has neither expires_on nor expires_in, and the token has no readable claim for it.`,
    hint: () =>
      'An identity service of Azure returns expires_on or expires_in, so another program probably responded: check what runs at this address.',
  },
  'wrong-audience': {
    id: 'wrong-audience',
    heading: 'The token is for another service',
    conclusion: ({ actual }) =>
      `The token is for the audience ${untrustedText(actual)}, not for Azure DevOps.`,
    details: ({ endpoint, expected }) =>
      `The audience of Azure DevOps is ${expected}. The task discarded the token, which it got from ${endpoint}.`,
    hint: () =>
      'Another program probably responded instead of the identity service: check what runs at this address on the agent machine.',
  },
  'wrong-identity': {
    id: 'wrong-identity',
    heading: 'The token belongs to another identity',
    conclusion: ({ requested }) =>
      `The token belongs to another identity than the one with the ${requested.input} ${requested.value}.`,
    details: ({ requested, actual }) =>
      `The ${requested.input} of the token is ${untrustedText(actual)}. The token was discarded.`,
    hint: ({ requested }) =>
      `Correct ${requested.input}, or check which identities are assigned to the VM, scale set or pool.`,
  },
  'unsupported-id': {
    id: 'unsupported-id',
    heading: 'The platform does not support this ID',
    conclusion: ({ source, requested }) =>
      `${source}, the token source of this agent, does not support ${requested.input}.`,
    details: () => '',
    hint: ({ requested, ids }) =>
      ids.length === 0
        ? `The agent has one identity: remove ${requested.input}.`
        : `Set ${new Intl.ListFormat('en', { type: 'disjunction' }).format(ids)} of the same identity, and remove ${requested.input}.`,
  },
  challenge: {
    id: 'azure-arc-file',
    heading: 'Azure Arc: the task cannot read the key file',
    conclusion: ({ reason }) =>
      `The task could not read the key file that Azure Arc names: ${untrustedText(reason)}.`,
    details: ({ endpoint, path }) =>
      `The identity endpoint ${endpoint} asked for the content of ${untrustedText(path)}.`,
    hint: () =>
      'Add the user of the agent to the group himds (on Windows: Hybrid agent extension applications), and restart the agent.',
  },
  'endpoint-not-local': {
    id: 'identity-endpoint-not-local',
    heading: 'The identity endpoint is not on the agent machine',
    conclusion: ({ source, host }) =>
      `The identity endpoint ${untrustedText(host)} is not an address of the agent machine (${source}).`,
    details: () =>
      'The task requests a token only from http://localhost, or from a loopback, link-local or private IP address.',
    hint: ({ source }) =>
      `Correct or remove ${source} in the environment of the agent (its service, container or .env file).`,
  },
  'pod-without-id': {
    id: 'pod-without-id',
    heading: 'The pod has no client ID or tenant ID',
    conclusion: ({ variable }) => `The pod has no ${variable}, which a workload identity needs.`,
    details: () => '',
    hint: ({ variable }) =>
      `Add the annotation azure.workload.identity/${variable === 'AZURE_CLIENT_ID' ? 'client-id' : 'tenant-id'} to the service account of the pod, and restart the pod${orClientId(variable)}.`,
  },
  'pod-id-hidden': {
    id: 'pod-id-replaced',
    heading: 'A pipeline variable replaces an ID of the pod',
    conclusion: ({ variable }) => `A pipeline variable replaces ${variable} of the pod.`,
    details: () => '',
    hint: ({ variable }) =>
      `Rename that pipeline variable, and map it under env: in the other steps that need it${orClientId(variable)}.`,
  },
  library: {
    id: 'library-sent-no-request',
    heading: 'The identity library sent no request',
    conclusion: ({ name }) =>
      `The token request could not start: the library @azure/identity failed (${untrustedText(name)}).`,
    details: () => '',
    hint: ({ requested }) =>
      requested === undefined
        ? 'Check the variables of the identity endpoint in the environment of the agent: the library does not support them as they are.'
        : `Remove ${requested.input}: the identity endpoint in the environment of the agent may not support it.`,
  },
};

export function identityError(problem: IdentityProblem): TaskError {
  return toTaskError(problem, IDENTITY_TABLE);
}

function orClientId(variable: string): string {
  return variable === 'AZURE_CLIENT_ID' ? '. Or set the input clientId' : '';
}

function describeAlternatives(isContainerJob: boolean): string {
  return (
    'Microsoft-hosted agents have no managed identity. Run the job on a VM, scale set or Managed DevOps Pool that has one, or use a ' +
    'service connection (connectionType: azureDevOps).' +
    (isContainerJob
      ? ' This job runs in a container, which may not reach the identity endpoint: set "target: host" on the step, or give the container a ' +
        'route to the endpoint.'
      : '')
  );
}

/** To the second: `2026-01-31T12:00:00Z`. */
function formatTime(time: Date): string {
  return `${time.toISOString().slice(0, 19)}Z`;
}
