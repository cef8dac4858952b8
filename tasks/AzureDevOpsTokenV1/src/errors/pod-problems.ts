// Why the workload identity of a pod cannot be used, as far as the environment of the pod shows it.
import { untrustedText } from '../untrusted-text';
import type { ProblemTable } from './task-error';

/** The annotations of the service account that set AZURE_CLIENT_ID and AZURE_TENANT_ID of its pods. */
export const CLIENT_ANNOTATION = 'azure.workload.identity/client-id';
export const TENANT_ANNOTATION = 'azure.workload.identity/tenant-id';

export type PodProblem = {
  readonly variable: string;
  /** Whether the step names a service connection for the managed identity of the agent. */
  readonly isAgentConnection: boolean;
} & (
  | { readonly kind: 'pod-without-id' }
  /** A pipeline variable replaces the ID. */
  | { readonly kind: 'pod-id-hidden' }
  | {
      readonly kind: 'pod-id-malformed';
      /** The value of the variable: untrusted text. */
      readonly value: string;
    }
);

export const POD_TABLE: ProblemTable<PodProblem> = {
  'pod-without-id': {
    id: 'pod-without-id',
    heading: 'The pod has no client ID or tenant ID',
    conclusion: ({ variable }) => `The pod has no ${variable}, which a workload identity needs.`,
    details: () => '',
    hint: (problem) =>
      `Add the annotation ${findAnnotation(problem)}, with the ${nameId(problem)} as its value, to the Kubernetes service account of the pod. ` +
      `Then restart the pod.${orClientId(problem)}`,
  },
  'pod-id-hidden': {
    id: 'pod-id-replaced',
    heading: 'A pipeline variable replaces an ID of the pod',
    conclusion: ({ variable }) => `A pipeline variable replaces ${variable} of the pod.`,
    details: () => '',
    hint: (problem) =>
      `Rename that pipeline variable, for example to ${ownName(problem)}. In other steps that need it, add this line under env:\n` +
      `${problem.variable}: $(${ownName(problem)})${orClientId(problem, '\n')}`,
  },
  'pod-id-malformed': {
    id: 'pod-id-not-a-guid',
    heading: 'An ID of the pod is not a GUID',
    conclusion: ({ variable }) =>
      `${variable} of the pod is set, but it is not a GUID such as 01234567-89ab-cdef-0123-456789abcdef.`,
    details: ({ value }) => `Its value is "${untrustedText(value)}".`,
    hint: (problem) =>
      `Set the annotation ${findAnnotation(problem)} of the service account of the pod to the ${nameId(problem)}, and restart the pod.` +
      `${orClientId(problem)} ` +
      'The value must be the GUID alone, without braces and quotes. A name, a domain or a resource ID is not supported.',
  },
};

function findAnnotation({ variable }: PodProblem): string {
  return variable === 'AZURE_CLIENT_ID' ? CLIENT_ANNOTATION : TENANT_ANNOTATION;
}

function nameId({ variable }: PodProblem): string {
  return `${variable === 'AZURE_CLIENT_ID' ? 'client' : 'tenant'} ID of the identity`;
}

/** A name for the pipeline variable. */
function ownName({ variable }: PodProblem): string {
  return variable === 'AZURE_CLIENT_ID' ? 'myClientId' : 'myTenantId';
}

function orClientId({ variable, isAgentConnection }: PodProblem, separator = ' '): string {
  if (variable !== 'AZURE_CLIENT_ID') {
    return '';
  }
  return !isAgentConnection
    ? `${separator}Or set the input clientId of this step to the client ID of the identity.`
    : `${separator}Or set connectionType: managedIdentity in place of azureRM, and set the input clientId of this step to the client ID of the identity.`;
}
