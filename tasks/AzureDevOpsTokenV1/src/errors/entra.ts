// Why Microsoft Entra returned no token for the OIDC token of a job or the service account token of a pod.
import { untrustedText } from '../untrusted-text';
import { CONNECTION_TABLE, type ConnectionProblem } from './connection-problems';
import { describeProblem, TaskError, type ProblemTable } from './task-error';

/** For whom Microsoft Entra is asked for a token. */
export type Requester =
  | {
      /** A job, by a service connection. */
      readonly kind: 'connection';
      readonly input: string;
      readonly id: string;
      readonly tenantId: string;
    }
  | {
      /** A pod, by its service account token. */
      readonly kind: 'workload';
      readonly tenantId: string;
      readonly clientId: string;
    };

/** What Microsoft Entra says no to, by the code of its error; `entra-refuses` is every other code. */
type RefusalKind =
  | 'no-credential'
  | 'unknown-application'
  | 'unknown-tenant'
  | 'disabled-application'
  | 'several-tenants'
  | 'out-of-time'
  | 'entra-busy'
  | 'entra-refuses';

export type EntraProblemDetails =
  | ConnectionProblem
  /** Azure DevOps returned no OIDC token. Of its response nothing is kept: it can hold what is sent to Microsoft Entra. */
  | {
      readonly kind: 'no-oidc-token';
      readonly host: string;
      readonly status: number;
      /** Untrusted text. */
      readonly activityId: string | undefined;
    }
  | {
      readonly kind: RefusalKind;
      readonly status: number;
      /** Untrusted text, like the next. */
      readonly serverMessage: string | undefined;
      readonly correlationId: string | undefined;
    }
  | {
      readonly kind: 'no-token';
      readonly host: string;
      readonly status: number;
      /** What came instead. */
      readonly reason: string;
    }
  | { readonly kind: 'other-cloud'; readonly host: string }
  /** The token that came is of another application, or of another tenant. */
  | {
      readonly kind: 'wrong-token';
      readonly what: 'client id' | 'tenant';
      readonly expected: string;
      readonly actual: string;
    }
  | { readonly kind: 'token-file'; readonly reason: string }
  | { readonly kind: 'library'; readonly name: string };

export type EntraProblem = EntraProblemDetails & { readonly requester: Requester };

/** What the codes mean: https://learn.microsoft.com/entra/identity-platform/reference-error-codes */
const CODES: Readonly<Record<string, RefusalKind>> = {
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
  AADSTS700024: 'out-of-time',
};

/** @param code of the error of Microsoft Entra, for example `AADSTS700016` */
export function findRefusalKind(status: number, code = ''): RefusalKind {
  return CODES[code] ?? (status === 429 || status >= 500 ? 'entra-busy' : 'entra-refuses');
}

const CONNECTIONS = 'Project settings > Service connections';
const AUDIENCE = 'api://AzureADTokenExchange';

export const ENTRA_TABLE: ProblemTable<EntraProblem> = {
  ...CONNECTION_TABLE,
  'no-oidc-token': {
    heading: 'Azure DevOps does not vouch for the job',
    message: ({ host, status, activityId }) =>
      `Azure DevOps (${host}) was asked to vouch for this job, and answered ${status}` +
      (activityId === undefined ? '' : ` (activity id ${untrustedText(activityId)})`),
    hint: () =>
      `See that the service connection is there and that this pipeline may use it (${CONNECTIONS}, open it: Security, Approvals and checks). ` +
      'The answer is not shown, because it could be turned into a token.',
  },
  'no-credential': {
    heading: 'No federated credential fits',
    message: describeRefusal,
    hint: ({ requester }) =>
      'No federated credential of the identity fits what was shown. ' +
      (requester.kind === 'connection'
        ? `Open the connection (${CONNECTIONS}), and give its application or managed identity a federated credential with the issuer and the ` +
          `subject identifier that stand there, and the audience ${AUDIENCE}.`
        : 'Give the managed identity a federated credential with the issuer of the cluster, the subject ' +
          `system:serviceaccount:{namespace}:{name} of the pod, and the audience ${AUDIENCE}.`),
  },
  'unknown-tenant': {
    heading: 'Microsoft Entra does not know the tenant',
    message: describeRefusal,
    hint: ({ requester }) =>
      `Microsoft Entra has no tenant ${requester.tenantId}. Correct the tenant of ${describeSetting(requester, 'AZURE_TENANT_ID')}.`,
  },
  'unknown-application': {
    heading: 'Microsoft Entra does not know the application',
    message: describeRefusal,
    hint: ({ requester }) =>
      `The tenant ${requester.tenantId} has no application with that client id: it was deleted, or it belongs to another tenant. Correct ` +
      `${describeSetting(requester, 'AZURE_CLIENT_ID (or the input clientId)')}.`,
  },
  'disabled-application': {
    heading: 'The application is disabled',
    message: describeRefusal,
    hint: () =>
      'The application is disabled: let it sign in again (in Microsoft Entra: Enterprise applications, open it, Properties), or use another one.',
  },
  'several-tenants': {
    heading: 'The application is for several tenants',
    message: describeRefusal,
    hint: () =>
      'The application is for several tenants. Azure DevOps takes a managed identity, or an application for the accounts of a single tenant.',
  },
  'out-of-time': {
    heading: 'What vouches for the job is out of time',
    message: describeRefusal,
    hint: ({ requester }) =>
      requester.kind === 'connection'
        ? 'What was shown is not valid at this time, most likely because it is too old: run the job again.'
        : 'What was shown is not valid at this time: see that the cluster renews the file that AZURE_FEDERATED_TOKEN_FILE names, and run the job again.',
  },
  'entra-busy': {
    heading: 'Microsoft Entra is in trouble',
    message: describeRefusal,
    hint: () => 'Microsoft Entra is busy or in trouble, which passes: run the job again later.',
  },
  'entra-refuses': {
    heading: 'Microsoft Entra refuses',
    message: describeRefusal,
    hint: ({ requester }) =>
      `See what Microsoft Entra says; it explains its codes at https://login.microsoftonline.com/error. Then mend ${describeSetting(requester, 'the managed identity of the pod')}.`,
  },
  'no-token': {
    heading: 'Somebody else answers in place of Microsoft Entra',
    message: ({ host, status, reason }) =>
      `${host} answered ${status} with something that cannot be used (${reason})`,
    hint: () =>
      'Something in between, such as a proxy that inspects TLS, seems to answer in its place: let this machine reach it.',
  },
  'other-cloud': {
    heading: 'The pod is of another cloud',
    message: ({ host }) => `it would have to be asked for at ${untrustedText(host)}`,
    hint: () =>
      'Tokens for Azure DevOps Services are asked for at https://login.microsoftonline.com only, the authority of the public cloud. Correct or remove ' +
      'AZURE_AUTHORITY_HOST where the agent is started.',
  },
  'wrong-token': {
    heading: 'Microsoft Entra gives a token of somebody else',
    message: ({ what, expected, actual }) =>
      `it is of the ${what} ${untrustedText(actual)}, and not of ${expected}`,
    hint: () =>
      'The token was thrown away. See what answers in place of https://login.microsoftonline.com.',
  },
  'token-file': {
    heading: 'The pod has no usable token file',
    message: ({ reason }) =>
      `the file that AZURE_FEDERATED_TOKEN_FILE names cannot be used: ${untrustedText(reason)}`,
    hint: () =>
      'See that the pod has the label azure.workload.identity/use: "true", and that the user of the agent may read the file.',
  },
  library: {
    heading: 'The library asks for no token',
    message: ({ name }) => `@azure/identity did not ask for one (${untrustedText(name)})`,
    hint: () => 'See whether what the agent says of the identity is complete.',
  },
};

export function entraError(problem: EntraProblem): TaskError {
  const { message, ...description } = describeProblem(problem, ENTRA_TABLE);
  const { requester } = problem;
  const attempt =
    requester.kind === 'connection'
      ? `Getting a token for the service connection ${requester.id} (${requester.input})`
      : 'Getting a token for the workload identity of this pod';
  return new TaskError(problem, { ...description, message: `${attempt}: ${message}.` });
}

function describeRefusal({
  status,
  serverMessage,
  correlationId,
}: EntraProblem & { readonly kind: RefusalKind }): string {
  const details = [
    serverMessage === undefined ? '' : `"${untrustedText(serverMessage)}"`,
    correlationId === undefined ? '' : `correlation id ${untrustedText(correlationId)}`,
  ].filter((detail) => detail !== '');
  return `Microsoft Entra answered ${status}${details.length === 0 ? '' : ` (${details.join('; ')})`}`;
}

/** Where the tenant and the client ID are written down. */
function describeSetting(requester: Requester, variable: string): string {
  return requester.kind === 'connection'
    ? `the service connection (${CONNECTIONS})`
    : `${variable} of the pod`;
}
