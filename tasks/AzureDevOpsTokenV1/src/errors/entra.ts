// Why Microsoft Entra returned no token for the OIDC token of a job or the service account token of a pod.
import { ENTRA_AUTHORITY } from '../hosts';
import { untrustedText } from '../untrusted-text';
import { connectionTable, type ConnectionProblem } from './connection-problems';
import { ENTRA_ERROR_TABLE, type EntraErrorProblem } from './entra-error-texts';
import { OIDC_TABLE, type OidcProblem } from './oidc-problems';
import { CONNECTIONS } from './menu-paths';
import { describeNetworkFix } from './other-server';
import { CLIENT_ANNOTATION, TENANT_ANNOTATION } from './pod-problems';
import { describeRequester, type WithRequester } from './requester';
import { toTaskError, type ProblemTable, type TaskError } from './task-error';

export type EntraProblemDetails =
  | ConnectionProblem
  | OidcProblem
  | EntraErrorProblem
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

export type EntraProblem = EntraProblemDetails & WithRequester;

export const ENTRA_TABLE: ProblemTable<EntraProblem> = {
  ...connectionTable(
    ({ requester }: WithRequester) => `The token request for ${describeRequester(requester)}`,
  ),
  ...OIDC_TABLE,
  ...ENTRA_ERROR_TABLE,
  'no-token': {
    id: 'no-token-from-entra',
    heading: 'Another server responds in place of Microsoft Entra',
    conclusion: ({ host, reason }) => `${host} returned no usable token: ${reason}.`,
    details: ({ status, requester }) =>
      `The status was ${status}. The token was requested for ${describeRequester(requester)}.`,
    hint: ({ host }) =>
      `A proxy that inspects TLS probably responded in place of Microsoft Entra. Ask the administrator of the proxy to let connections to ${host} pass.`,
  },
  'other-cloud': {
    id: 'pod-in-another-cloud',
    heading: 'The pod belongs to another cloud',
    conclusion: ({ host }) =>
      `The pod names ${untrustedText(host)}, which is not the public Azure cloud.`,
    details: () =>
      `The task requests tokens for Azure DevOps Services from ${ENTRA_AUTHORITY} only, the authority of the public cloud.`,
    hint: () =>
      'If the cluster is in the public cloud, correct or remove AZURE_AUTHORITY_HOST in the environment of the agent (its container), and restart the pod. ' +
      'Otherwise, run the job on an agent in the public cloud.',
  },
  'wrong-token': {
    id: 'wrong-token-from-entra',
    heading: 'Microsoft Entra returned a token of another identity',
    conclusion: ({ what, actual }) =>
      `Microsoft Entra returned a token for another ${what} (${untrustedText(actual)}).`,
    details: ({ what, expected, actual, requester }) =>
      `Requested: ${what} ${expected}, for ${describeRequester(requester)}. In the token: ${what} ${untrustedText(actual)}. The task discarded the token.`,
    hint: () =>
      `The requested IDs are not the cause: another server probably responded instead of ${ENTRA_AUTHORITY}. ${describeNetworkFix(new URL(ENTRA_AUTHORITY).host)}`,
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
    details: ({ requester }) => `The token was for ${describeRequester(requester)}.`,
    hint: ({ requester }) =>
      `Check the tenant ID and the client ID in ${
        requester.kind === 'connection'
          ? `the service connection (${CONNECTIONS})`
          : `the annotations ${TENANT_ANNOTATION} and ${CLIENT_ANNOTATION} of the service account of the pod`
      }.`,
  },
};

export function entraError(problem: EntraProblem): TaskError {
  return toTaskError(problem, ENTRA_TABLE);
}
