// Why Microsoft Entra returned no token for the OIDC token of a job or the service account token of a pod.
import { untrustedText } from '../untrusted-text';
import { connectionTable, type ConnectionProblem } from './connection-problems';
import { toTaskError, type ProblemTable, type TaskError } from './task-error';

/** The identity that a token is requested for. */
export type Requester =
  | {
      /** The identity of a service connection, with the OIDC token of the job. */
      readonly kind: 'connection';
      readonly input: string;
      readonly id: string;
      readonly tenantId: string;
    }
  | {
      /** The identity of a pod, with its service account token. */
      readonly kind: 'workload';
      readonly tenantId: string;
      readonly clientId: string;
    };

/** Why Microsoft Entra returned an error, by its code; `entra-error` is every other code. */
type EntraErrorKind =
  | 'no-credential'
  | 'unknown-application'
  | 'unknown-tenant'
  | 'disabled-application'
  | 'several-tenants'
  | 'assertion-expired'
  | 'entra-busy'
  | 'entra-error';

export type EntraProblemDetails =
  | ConnectionProblem
  /** Azure DevOps returned no OIDC token. Nothing of its response is kept, because it can contain what is sent to Microsoft Entra. */
  | {
      readonly kind: 'no-oidc-token';
      readonly host: string;
      readonly status: number;
      /** Untrusted text. */
      readonly activityId: string | undefined;
    }
  | {
      readonly kind: EntraErrorKind;
      readonly status: number;
      /** Untrusted text, like the next. */
      readonly serverMessage: string | undefined;
      readonly correlationId: string | undefined;
    }
  | {
      readonly kind: 'no-token';
      readonly host: string;
      readonly status: number;
      /** What was returned instead. */
      readonly reason: string;
    }
  | { readonly kind: 'other-cloud'; readonly host: string }
  /** The token belongs to another application, or to another tenant. */
  | {
      readonly kind: 'wrong-token';
      readonly what: 'client ID' | 'tenant';
      readonly expected: string;
      readonly actual: string;
    }
  | { readonly kind: 'token-file'; readonly reason: string }
  | { readonly kind: 'library'; readonly name: string };

interface WithRequester {
  readonly requester: Requester;
}
export type EntraProblem = EntraProblemDetails & WithRequester;

/** What the codes mean: https://learn.microsoft.com/entra/identity-platform/reference-error-codes */
const CODES: Readonly<Record<string, EntraErrorKind>> = {
  AADSTS70021: 'no-credential',
  AADSTS70025: 'no-credential',
  AADSTS700211: 'no-credential',
  AADSTS700212: 'no-credential',
  AADSTS700213: 'no-credential',
  AADSTS700016: 'unknown-application',
  AADSTS90002: 'unknown-tenant',
  AADSTS900023: 'unknown-tenant',
  AADSTS7000112: 'disabled-application',
  AADSTS70052: 'several-tenants',
  AADSTS700024: 'assertion-expired',
};

/** @param code of the error of Microsoft Entra, for example `AADSTS700016` */
export function findEntraErrorKind(status: number, code = ''): EntraErrorKind {
  return CODES[code] ?? (status === 429 || status >= 500 ? 'entra-busy' : 'entra-error');
}

const CONNECTIONS = 'Project settings > Service connections';
const AUDIENCE = 'api://AzureADTokenExchange';
const AUTHORITY = 'https://login.microsoftonline.com';

export const ENTRA_TABLE: ProblemTable<EntraProblem> = {
  ...connectionTable(
    ({ requester }: WithRequester) => `A token was requested for ${describeRequester(requester)}.`,
  ),
  'no-oidc-token': {
    id: 'no-oidc-token',
    heading: 'Azure DevOps issued no OIDC token for the job',
    conclusion: ({ status }) =>
      `Azure DevOps issued no OIDC token for this job: the request returned ${status}.`,
    details: ({ host, activityId, requester }) =>
      `The request to ${host} was for ${describeRequester(requester)}` +
      (activityId === undefined ? '' : ` (activity ID ${untrustedText(activityId)})`) +
      '. The response is not shown, because it could be used to get a token.',
    hint: () =>
      `Check that the service connection exists and that this pipeline may use it: ${CONNECTIONS}, open the connection, then Security, and ` +
      'Approvals and checks.',
  },
  'no-credential': {
    id: 'no-federated-credential',
    heading: 'No federated credential matches',
    conclusion: ({ requester }) =>
      `No federated credential of the identity matches the ${describeAssertion(requester)}.`,
    details: describeEntraError,
    hint: ({ requester }) =>
      requester.kind === 'connection'
        ? `Open the connection under ${CONNECTIONS}. Add a federated credential to its application or managed identity, with the issuer and the ` +
          `subject identifier that the connection shows, and the audience ${AUDIENCE}.`
        : 'In the Azure portal, open the managed identity, Settings > Federated credentials. Add one with the OIDC issuer URL of the cluster, the subject ' +
          `system:serviceaccount:{namespace}:{name} of the pod, and the audience ${AUDIENCE}.`,
  },
  'unknown-tenant': {
    id: 'tenant-not-found',
    heading: 'The tenant does not exist',
    conclusion: ({ requester }) => `Microsoft Entra has no tenant ${requester.tenantId}.`,
    details: describeEntraError,
    hint: ({ requester }) =>
      `Correct the tenant in ${describeSetting(requester, 'AZURE_TENANT_ID')}.`,
  },
  'unknown-application': {
    id: 'application-not-found',
    heading: 'The application does not exist in the tenant',
    conclusion: ({ requester }) =>
      `The tenant ${requester.tenantId} has no application with this client ID.`,
    details: describeEntraError,
    hint: ({ requester }) =>
      'The application was deleted, or it belongs to another tenant. Correct ' +
      `${describeSetting(requester, 'AZURE_CLIENT_ID (or the input clientId)')}.`,
  },
  'disabled-application': {
    id: 'application-disabled',
    heading: 'The application is disabled',
    conclusion: () => 'The application of the identity is disabled in Microsoft Entra.',
    details: describeEntraError,
    hint: () =>
      'Enable it in Microsoft Entra: Enterprise applications, open the application, Properties, Enabled for users to sign in. Or use ' +
      'another identity.',
  },
  'several-tenants': {
    id: 'multitenant-application',
    heading: 'The application supports several tenants',
    conclusion: () =>
      'The application of the identity is multitenant, which Azure DevOps does not accept.',
    details: describeEntraError,
    hint: () =>
      'Use a managed identity, or an application that supports accounts of a single tenant only (in Microsoft Entra: App registrations, open ' +
      'the application, Authentication).',
  },
  'assertion-expired': {
    id: 'assertion-expired',
    heading: 'The OIDC token or service account token has expired',
    conclusion: ({ requester }) =>
      `The ${describeAssertion(requester)} has expired or is not valid yet.`,
    details: describeEntraError,
    hint: ({ requester }) =>
      requester.kind === 'connection'
        ? 'Run the job again. If it happens again, check the clock of the agent machine.'
        : 'Check that the cluster renews the file that AZURE_FEDERATED_TOKEN_FILE names, and run the job again.',
  },
  'entra-busy': {
    id: 'entra-unavailable',
    heading: 'Microsoft Entra is not available',
    conclusion: () => 'Microsoft Entra is busy or not available at the moment.',
    details: describeEntraError,
    hint: () => 'Run the job again in a few minutes.',
  },
  'entra-error': {
    id: 'entra-error',
    heading: 'Microsoft Entra returned an error',
    conclusion: ({ status, serverMessage }) =>
      `Microsoft Entra refused to issue a token: ${findCode(serverMessage) ?? `status ${status}`}.`,
    details: describeEntraError,
    hint: ({ requester }) =>
      `Look up the code of the server message at ${AUTHORITY}/error. Then correct ${describeSetting(requester, 'the managed identity of the pod')}.`,
  },
  'no-token': {
    id: 'no-token-from-entra',
    heading: 'Another server responds in place of Microsoft Entra',
    conclusion: ({ host, reason }) => `${host} returned no usable token: ${reason}.`,
    details: ({ status, requester }) =>
      `The status was ${status}. The token was requested for ${describeRequester(requester)}.`,
    hint: ({ host }) =>
      `Allow connections from the agent machine to ${host}: a proxy that inspects TLS probably responded in its place.`,
  },
  'other-cloud': {
    id: 'pod-in-another-cloud',
    heading: 'The pod belongs to another cloud',
    conclusion: ({ host }) =>
      `The pod names ${untrustedText(host)}, which is not the public Azure cloud.`,
    details: () =>
      `The task requests tokens for Azure DevOps Services from ${AUTHORITY} only, the authority of the public cloud.`,
    hint: () =>
      'Correct or remove AZURE_AUTHORITY_HOST in the environment of the agent (its container).',
  },
  'wrong-token': {
    id: 'wrong-token-from-entra',
    heading: 'Microsoft Entra returned a token of another identity',
    conclusion: ({ what, actual }) =>
      `The token that was returned is for another ${what}: ${untrustedText(actual)}.`,
    details: ({ what, expected, requester }) =>
      `The ${what} of ${describeRequester(requester)} is ${expected}. The token was discarded.`,
    hint: () =>
      `Another server probably responded instead of ${AUTHORITY}: check the proxy of the agent machine.`,
  },
  'token-file': {
    id: 'pod-token-file',
    heading: 'The pod has no usable token file',
    conclusion: ({ reason }) =>
      `The file that AZURE_FEDERATED_TOKEN_FILE names cannot be used: ${untrustedText(reason)}.`,
    details: ({ requester }) => `It is needed for ${describeRequester(requester)}.`,
    hint: () =>
      'Check that the pod has the label azure.workload.identity/use: "true", that the file is the token file of the pod, and that the user of ' +
      'the agent may read it.',
  },
  library: {
    id: 'library-sent-no-request',
    heading: 'The identity library sent no request',
    conclusion: ({ name }) =>
      `The token request could not start: the library @azure/identity failed (${untrustedText(name)}).`,
    details: ({ requester }) => `It was to request one for ${describeRequester(requester)}.`,
    hint: ({ requester }) =>
      `Check the tenant ID and the client ID in ${describeSetting(requester, 'AZURE_TENANT_ID and AZURE_CLIENT_ID')}.`,
  },
};

export function entraError(problem: EntraProblem): TaskError {
  return toTaskError(problem, ENTRA_TABLE);
}

/** The code at the beginning of a server message, for example `AADSTS53003`. */
function findCode(serverMessage = ''): string | undefined {
  return /^AADSTS\d+/.exec(serverMessage)?.[0];
}

function describeEntraError({
  status,
  serverMessage,
  correlationId,
  requester,
}: EntraProblem & { readonly kind: EntraErrorKind }): string {
  const details = [
    serverMessage === undefined ? '' : `"${untrustedText(serverMessage)}"`,
    correlationId === undefined ? '' : `correlation ID ${untrustedText(correlationId)}`,
  ].filter((detail) => detail !== '');
  const text = details.length === 0 ? '' : ` (${details.join('; ')})`;
  return `Microsoft Entra returned ${status}${text} for ${describeRequester(requester)}.`;
}

function describeRequester(requester: Requester): string {
  return requester.kind === 'connection'
    ? `the service connection ${requester.id} (${requester.input})`
    : 'the workload identity of this pod';
}

/** What proves the identity to Microsoft Entra. */
function describeAssertion({ kind }: Requester): string {
  return kind === 'connection' ? 'OIDC token of this job' : 'service account token of this pod';
}

/** Where the tenant and the client ID are set. */
function describeSetting(requester: Requester, variable: string): string {
  return requester.kind === 'connection'
    ? `the service connection (${CONNECTIONS})`
    : `${variable} of the pod`;
}
