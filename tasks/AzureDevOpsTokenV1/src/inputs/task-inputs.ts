/** The user-assigned identity that the step names, by the input that names it. */
export interface RequestedIdentity {
  readonly input: 'clientId' | 'objectId' | 'resourceId';
  /** A GUID, or an Azure resource id for `resourceId`. */
  readonly value: string;
}

/** All that the step was told, checked. */
export interface TaskInputs {
  readonly identity: IdentityInputs;
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
