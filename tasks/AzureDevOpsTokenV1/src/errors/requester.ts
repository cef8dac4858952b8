import type { RequestedIdentity } from '../inputs/task-inputs';

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
    }
  | {
      /** A managed identity, whose endpoint passes on the errors of Microsoft Entra. */
      readonly kind: 'managed-identity';
      readonly endpoint: string;
      readonly requested: RequestedIdentity | undefined;
    };

/** One value for each kind of requester. */
export type ByRequester<Value> = Readonly<Record<Requester['kind'], Value>>;

export interface WithRequester {
  readonly requester: Requester;
}

export function describeRequester(requester: Requester): string {
  switch (requester.kind) {
    case 'connection':
      return `the service connection ${requester.id} (${requester.input})`;
    case 'workload':
      return 'the workload identity of this pod';
    case 'managed-identity': {
      const { endpoint, requested } = requester;
      const id = requested === undefined ? '' : ` with the ${requested.input} ${requested.value}`;
      return `the managed identity${id} (identity endpoint ${endpoint})`;
    }
  }
}

/** The tenant in which a token is requested. An identity endpoint does not say which one it is. */
export function describeTenant(requester: Requester): string {
  return requester.kind === 'managed-identity'
    ? 'tenant of the managed identity'
    : `tenant ${requester.tenantId}`;
}

/** What proves the identity to Microsoft Entra. */
export function describeAssertion({ kind }: Requester): string {
  const texts: ByRequester<string> = {
    connection: 'OIDC token of this job',
    workload: 'service account token of this pod',
    'managed-identity': 'assertion of the managed identity',
  };
  return texts[kind];
}
