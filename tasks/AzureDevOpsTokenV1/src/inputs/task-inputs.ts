import type { NetworkSettings } from '../http/network-settings';
import type { Expression } from '../jmespath';
import type { Method } from '../http/method';

/** A certificate or key file that the task does not use. */
export interface IgnoredFile {
  /** The variable that names the file. */
  readonly variable: string;
  /** The path for the log. */
  readonly path: string;
  readonly reason: string;
}

/** The network configuration of the agent, and what the task does not use of it. */
export interface NetworkInputs extends NetworkSettings {
  /** Whether the agent was configured to trust any certificate, which the task does not do. */
  readonly skipsValidation: boolean;
  readonly ignoredFiles: readonly IgnoredFile[];
}

/** The user-assigned identity that the step names, by the input that names it. */
export interface RequestedIdentity {
  readonly input: 'clientId' | 'objectId' | 'resourceId';
  /** A GUID, or an Azure resource ID for `resourceId`. */
  readonly value: string;
}

/** A service connection with workload identity federation. Azure DevOps issues an OIDC token for the job, and Microsoft Entra exchanges it. */
export interface ServiceConnection {
  /** The input that names it. */
  readonly input: 'azureDevOpsServiceConnection' | 'azureSubscription';
  readonly id: string;
  /** The tenant of the application or managed identity of the connection. */
  readonly tenantId: string;
  readonly clientId: string;
  /** The URL at which Azure DevOps issues the OIDC token of the job. */
  readonly oidcRequestUrl: URL;
  /** The access token of the job (System.AccessToken). */
  readonly jobToken: string;
}

/** An organization of Azure DevOps. */
export interface Organization {
  readonly name: string;
  /** Without a slash at the end: `https://dev.azure.com/MyOrg`. */
  readonly url: string;
}

/** When and how long to poll, checked. */
export interface WaitInputs {
  readonly until: Expression;
  /** From the end of one poll to the next. */
  readonly intervalMs: number;
  /** No poll starts later than this after the first response. */
  readonly timeoutMs: number;
}

/** The inputs of a REST call, checked. */
export interface RestCall {
  readonly method: Method;
  readonly url: URL;
  /** The organization of the step or the pipeline. Undefined only if neither names one and `url` is complete. */
  readonly organization: Organization | undefined;
  /** For URLs of the REST API without a version. */
  readonly apiVersion: string;
  /** Whether the version is the default of the input. */
  readonly isVersionDefault: boolean;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string | undefined;
  /** An absolute path. */
  readonly bodyFile: string | undefined;
  readonly query: Expression | undefined;
  readonly failWhen: Expression | undefined;
  /** Undefined if the step does not poll. */
  readonly wait: WaitInputs | undefined;
  /** Whether the response is a list of which all pages are requested. */
  readonly allPages: boolean;
  /** An absolute path. */
  readonly outputFile: string | undefined;
  readonly isResultSecret: boolean;
  readonly isExpected: (status: number) => boolean;
  /** The longest time without a byte sent or received. */
  readonly requestTimeoutMs: number;
  readonly maxRetries: number;
}

/** A place whose git requests get credentials, always with https. */
export interface GitAddress {
  /** With a port that is not the default, in lower case. */
  readonly host: string;
  /** How the path of a repository begins, without slashes around it. Empty: the host decides alone. */
  readonly path: string;
}

/** For what git gets credentials. */
export interface GitInputs {
  readonly organization: Organization;
  readonly addresses: readonly GitAddress[];
}

/** All inputs of the step and what the task reads from the agent, checked. */
export interface TaskInputs {
  readonly identity: IdentityInputs;
  /** The organization in which to check the membership of the identity. Absent: no check. */
  readonly organization?: Organization;
  /** Absent: the step makes no REST call. */
  readonly call?: RestCall;
  /** Absent: the step prepares no credentials for git. */
  readonly git?: GitInputs;
  /** The folder of the agent for files that it deletes after the job. */
  readonly temporaryFolder: string;
  readonly network: NetworkInputs;
  /** Hosts outside Azure DevOps that may get the token: `host` or `host:port`, in lower case. */
  readonly allowedHosts: readonly string[];
  /** Whether the build is of a pull request from a fork, whose code can use the identity of the agent. */
  readonly isForkBuild: boolean;
}

export interface IdentityInputs {
  /** Absent: the identity is assigned to the machine of the agent. */
  readonly connection?: ServiceConnection;
  /** Absent: the identity that the machine uses without an ID: the system-assigned one, or on IMDS the only user-assigned one. */
  readonly requested?: RequestedIdentity;
  /** Whether the step names an Azure Resource Manager connection for the managed identity of the agent. */
  readonly isAgentConnection?: boolean;
  readonly minimumLifetimeMs: number;
  /** Whether the step runs in a container, from which the identity endpoint may be out of reach. */
  readonly isInContainer: boolean;
}
