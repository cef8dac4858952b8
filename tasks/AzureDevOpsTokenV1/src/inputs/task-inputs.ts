/** The user-assigned identity that the step names, by the input that names it. */
export interface RequestedIdentity {
  readonly input: 'clientId' | 'objectId' | 'resourceId';
  /** A GUID, or an Azure resource id for `resourceId`. */
  readonly value: string;
}

/** An organization of Azure DevOps. */
export interface Organization {
  readonly name: string;
  /** Without a slash at its end: `https://dev.azure.com/MyOrg`. */
  readonly url: string;
}

/** All that the step was told, checked. */
export interface TaskInputs {
  readonly identity: IdentityInputs;
  /** The one to ask whether it knows the identity. Absent: none is asked. */
  readonly organization?: Organization;
  /** Hosts outside Azure DevOps that may get the token: `host` or `host:port`, in lower case. */
  readonly allowedHosts: readonly string[];
  /** The build is of a pull request from a fork: other people's code is about to run with this identity in reach. */
  readonly isForkBuild: boolean;
}

export interface IdentityInputs {
  /** Absent: the machine's system-assigned identity, or its only user-assigned one. */
  readonly requested?: RequestedIdentity;
  readonly minimumLifetimeMs: number;
  /** The job runs in a container, from which the identity endpoint may be out of reach. */
  readonly isContainerJob: boolean;
}
