// Why a managed identity cannot be used.
import type { RequestedIdentity } from '../inputs/task-inputs';
import { countAttempts } from '../duration';
import { untrustedText } from '../untrusted-text';
import { ENDPOINT_TABLE, type EndpointProblem } from './endpoint-problems';
import { AGENT_ENVIRONMENT } from './menu-paths';
import { isVariable } from './other-server';
import { PLATFORMS, type Platform } from './platforms';
import { POD_TABLE, type PodProblem } from './pod-problems';
import { TOKEN_TABLE, type TokenProblem } from './token-problems';
import { toTaskError, type ProblemTable, type TaskError } from './task-error';

/** An error response of the identity endpoint about the identity. */
interface IdentityErrorResponse {
  readonly endpoint: string;
  readonly status: number;
  readonly serverMessage: string;
  /** Whether the step names a service connection for the managed identity of the agent. Then no input chooses an identity. */
  readonly isAgentConnection: boolean;
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
      readonly isInContainer: boolean;
    }
  /** The environment of the agent names an endpoint, and no identity service responds there. */
  | {
      readonly kind: 'named-endpoint';
      readonly endpoint: string;
      readonly reason: string;
      readonly attempts: number;
      readonly elapsedMs: number;
      readonly isInContainer: boolean;
      readonly platform: Platform;
      /** A variable, or the path of a file. */
      readonly namedBy: string;
    }
  | (IdentityErrorResponse & {
      readonly kind: 'identity-not-found';
      readonly requested: RequestedIdentity;
      readonly platform: Platform;
    })
  /** Neither a system-assigned identity nor a single user-assigned one. */
  | (IdentityErrorResponse & {
      readonly kind: 'no-identity';
      readonly isInContainer: boolean;
      readonly platform: Platform;
    })
  /** No system-assigned identity, on a platform that uses no user-assigned one without its ID. */
  | (IdentityErrorResponse & { readonly kind: 'no-default-identity'; readonly platform: Platform })
  | (IdentityErrorResponse & { readonly kind: 'several-identities' })
  | EndpointProblem
  | TokenProblem
  | {
      readonly kind: 'unsupported-id';
      /** The token source of the agent machine. */
      readonly source: string;
      readonly requested: RequestedIdentity;
      /** The inputs that it supports. */
      readonly ids: readonly string[];
      readonly isAgentConnection: boolean;
    }
  | {
      readonly kind: 'challenge';
      readonly endpoint: string;
      /** The path of a file: untrusted text. */
      readonly path: string;
      readonly reason: string;
    }
  | { readonly kind: 'endpoint-not-local'; readonly source: string; readonly host: string }
  | PodProblem
  | {
      readonly kind: 'library';
      readonly name: string;
      readonly requested: RequestedIdentity | undefined;
      readonly isAgentConnection: boolean;
    };

/** The service connection does not choose an identity, and its connectionType does not read the inputs that do. */
const CHOOSE =
  'Set connectionType: managedIdentity in place of azureRM, and set clientId to the client ID of the identity';

export const IDENTITY_TABLE: ProblemTable<IdentityProblem> = {
  ...ENDPOINT_TABLE,
  ...POD_TABLE,
  ...TOKEN_TABLE,
  'no-endpoint': {
    id: 'no-managed-identity',
    heading: 'The agent has no managed identity',
    conclusion: () => 'This agent has no managed identity: the task found no identity endpoint.',
    details: ({ endpoint, reason, attempts, elapsedMs }) =>
      `The last request to ${endpoint} failed: ${reason}. The task made ${countAttempts(attempts, elapsedMs)}.`,
    hint: ({ isInContainer }) => describeAlternatives(isInContainer),
  },
  'named-endpoint': {
    id: 'named-endpoint-unreachable',
    heading: 'The identity endpoint of the environment does not respond',
    conclusion: ({ namedBy, endpoint }) =>
      isVariable(namedBy)
        ? `No identity service responds at ${endpoint}, which ${namedBy} names.`
        : `No identity service responds at ${endpoint}, although Azure Arc is installed.`,
    details: ({ namedBy, platform, reason, attempts, elapsedMs }) =>
      `The endpoint belongs to ${PLATFORMS[platform].name}${isVariable(namedBy) ? '' : ` (${namedBy})`}. The last attempt failed: ${reason}. The task made ${countAttempts(attempts, elapsedMs)}.`,
    hint: ({ namedBy, platform, isInContainer }) =>
      `${PLATFORMS[platform].start} If this agent should not use that endpoint, ` +
      (isVariable(namedBy)
        ? `remove ${namedBy} from ${AGENT_ENVIRONMENT}, and restart the agent.`
        : 'uninstall the agent of Azure Arc (azcmagent disconnect).') +
      describeContainer(isInContainer),
  },
  'identity-not-found': {
    id: 'identity-not-assigned',
    heading: 'The identity is not assigned to the agent',
    conclusion: ({ requested, isAgentConnection }) =>
      !isAgentConnection
        ? `This agent does not have the identity with the ${requested.input} ${requested.value}.`
        : `The service connection names the identity ${requested.value}, which this agent does not have.`,
    details: describeErrorResponse,
    hint: ({ requested, platform, isAgentConnection }) =>
      `${PLATFORMS[platform].assign} ` +
      (!isAgentConnection
        ? `Or correct the input ${requested.input} of this step.`
        : `Or use another identity that is assigned: ${CHOOSE.charAt(0).toLowerCase()}${CHOOSE.slice(1)}.`),
  },
  'no-identity': {
    id: 'no-system-assigned-identity',
    heading: 'The agent has no system-assigned identity',
    conclusion: () =>
      'This agent has no system-assigned identity, and this step names no user-assigned one.',
    details: describeErrorResponse,
    hint: ({ platform, isInContainer, isAgentConnection }) =>
      (PLATFORMS[platform].assignOnly === undefined
        ? '- For a VM or scale set: in the Azure portal, open it, select Security > Identity > System assigned, and set Status to On.\n' +
          '- For a user-assigned identity: add it there under User assigned (Managed DevOps Pool: Settings > Identity). Then set ' +
          `${!isAgentConnection ? 'the input clientId of this step' : 'connectionType: managedIdentity, and clientId'} to the client ID of the identity.\n- `
        : `${PLATFORMS[platform].assignOnly} `) + describeAlternatives(isInContainer),
  },
  'no-default-identity': {
    id: 'no-default-identity',
    heading: 'The agent has user-assigned identities only',
    conclusion: ({ platform }) =>
      `The step names no identity, and the ${PLATFORMS[platform].resource} of this agent has no system-assigned one.`,
    details: (problem) =>
      `${describeErrorResponse(problem)} The agent runs in ${PLATFORMS[problem.platform].name}, which requires the ID of a user-assigned identity even if there is only one.`,
    hint: ({ isAgentConnection, platform }) =>
      `${!isAgentConnection ? 'Set the input clientId of this step to the client ID of the user-assigned identity' : CHOOSE}. ` +
      `Or switch on the system-assigned identity of the ${PLATFORMS[platform].resource}${PLATFORMS[platform].switchOn ?? ''}.`,
  },
  'several-identities': {
    id: 'several-identities',
    heading: 'The agent has several identities',
    conclusion: () =>
      'This agent has several user-assigned identities, and the step does not choose one.',
    details: describeErrorResponse,
    hint: ({ isAgentConnection }) =>
      !isAgentConnection
        ? 'Set one of the inputs clientId, objectId and resourceId of this step, for example clientId to the client ID of the identity.'
        : `${CHOOSE}. A service connection (azureRM) cannot choose one of several.`,
  },
  'unsupported-id': {
    id: 'unsupported-id',
    heading: 'The platform does not support this ID',
    conclusion: ({ source, requested, isAgentConnection }) =>
      isAgentConnection
        ? `${source}, the token source of this agent, does not support the client ID that the service connection has.`
        : `${source}, the token source of this agent, does not support the input ${requested.input}.`,
    details: ({ requested }) => `The ${requested.input} is ${requested.value}.`,
    hint: ({ requested, ids, isAgentConnection }) =>
      isAgentConnection
        ? 'Set connectionType: managedIdentity in place of azureRM, and do not set clientId, objectId or resourceId. This agent has only one identity.'
        : ids.length === 0
          ? `Remove the input ${requested.input} from this step, and keep connectionType: managedIdentity. This agent has only one identity.`
          : `Set the input ${new Intl.ListFormat('en', { type: 'disjunction' }).format(ids)} of this step for the same identity, and remove ${requested.input}.`,
  },
  challenge: {
    id: 'azure-arc-file',
    heading: 'Azure Arc: the task cannot read the key file',
    conclusion: ({ reason }) =>
      `The task could not read the key file that Azure Arc names: ${untrustedText(reason)}.`,
    details: ({ endpoint, path }) =>
      `The identity endpoint ${endpoint} requested the content of ${untrustedText(path)}.`,
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
      source.startsWith('@')
        ? `Correct the variables of the identity endpoint in ${AGENT_ENVIRONMENT}, and restart the agent.`
        : `Correct or remove ${source} (its service, container or .env file), and restart the agent.`,
  },
  library: {
    id: 'library-sent-no-request',
    heading: 'The identity library sent no request',
    conclusion: ({ name }) =>
      `The token request could not start: the library @azure/identity failed (${untrustedText(name)}).`,
    details: () => 'No request was sent to the identity endpoint.',
    hint: ({ requested, isAgentConnection }) =>
      requested === undefined || isAgentConnection
        ? 'The library does not support the variables of the identity endpoint in the environment of the agent. Remove these variables, or set them as the platform sets them: IDENTITY_ENDPOINT, MSI_ENDPOINT, AZURE_POD_IDENTITY_AUTHORITY_HOST.'
        : `Remove the input ${requested.input} from this step. The identity endpoint in the environment of the agent may not support the choice of an identity.`,
  },
};

export function identityError(problem: IdentityProblem): TaskError {
  return toTaskError(problem, IDENTITY_TABLE);
}

function describeErrorResponse({ endpoint, status, serverMessage }: IdentityErrorResponse): string {
  return `The identity endpoint ${endpoint} returned ${status} (${untrustedText(serverMessage)}).`;
}

function describeAlternatives(isInContainer: boolean): string {
  return (
    'Microsoft-hosted agents have no managed identity. Run the job on a VM, scale set or Managed DevOps Pool that has one, or use a ' +
    `service connection (connectionType: azureDevOps).${describeContainer(isInContainer)}`
  );
}

function describeContainer(isInContainer: boolean): string {
  return isInContainer
    ? ' This step runs in a container, which may not reach the identity endpoint: set "target: host" on this step, or give the container a ' +
        'route to the endpoint.'
    : '';
}
