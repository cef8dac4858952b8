import type { NetworkInputs } from '../http/network-settings';
import type { Expression } from '../jmespath';
import type { Method } from '../http/method';

/** The user-assigned identity that the step names, by the input that names it. */
export interface RequestedIdentity {
  readonly input: 'clientId' | 'objectId' | 'resourceId';
  /** A GUID, or an Azure resource id for `resourceId`. */
  readonly value: string;
}

/** A service connection with workload identity federation: Azure DevOps vouches for the job, and Microsoft Entra believes it. */
export interface ServiceConnection {
  /** The input that names it. */
  readonly input: 'azureDevOpsServiceConnection' | 'azureSubscription';
  readonly id: string;
  /** Of the application or managed identity that it stands for. */
  readonly tenantId: string;
  readonly clientId: string;
  /** Where a job asks for what it shows to Microsoft Entra. */
  readonly oidcRequestUrl: URL;
  /** The job's own access token (System.AccessToken). */
  readonly jobToken: string;
}

/** An organization of Azure DevOps. */
export interface Organization {
  readonly name: string;
  /** Without a slash at its end: `https://dev.azure.com/MyOrg`. */
  readonly url: string;
}

/** Until when to look again and again, checked. */
export interface WaitInputs {
  readonly until: Expression;
  /** From the end of one look to the next. */
  readonly intervalMs: number;
  /** No look starts later than this after the first answer. */
  readonly timeoutMs: number;
}

/** A call to Azure DevOps, checked. */
export interface RestCall {
  readonly method: Method;
  readonly url: URL;
  /** What a path was relative to; with a whole URL, undefined where the step and the pipeline name none. */
  readonly organization: Organization | undefined;
  /** For addresses of the REST API that have none. */
  readonly apiVersion: string;
  /** Nobody chose the version. */
  readonly isVersionDefault: boolean;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string | undefined;
  /** An absolute path. */
  readonly bodyFile: string | undefined;
  readonly query: Expression | undefined;
  readonly failWhen: Expression | undefined;
  /** Undefined where the first answer is the last. */
  readonly wait: WaitInputs | undefined;
  /** The answer is a list, of which all pages are wanted. */
  readonly allPages: boolean;
  /** An absolute path. */
  readonly outputFile: string | undefined;
  readonly isResultSecret: boolean;
  /** The response is a secret that the step did not ask for as an output: there is no `result`. */
  readonly isResultWithheld?: boolean;
  readonly isExpected: (status: number) => boolean;
  /** So long without a byte sent or received. */
  readonly requestTimeoutMs: number;
  readonly maxRetries: number;
}

/** All that the step was told, checked. */
export interface TaskInputs {
  readonly identity: IdentityInputs;
  /** The one to ask whether it knows the identity. Absent: none is asked. */
  readonly organization?: Organization;
  /** Absent: no call is made. */
  readonly call?: RestCall;
  /** The agent's folder for files that go with the job. */
  readonly temporaryFolder: string;
  readonly network: NetworkInputs;
  /** Hosts outside Azure DevOps that may get the token: `host` or `host:port`, in lower case. */
  readonly allowedHosts: readonly string[];
  /** The build is of a pull request from a fork: other people's code is about to run with this identity in reach. */
  readonly isForkBuild: boolean;
}

export interface IdentityInputs {
  /** Absent: the identity is one of the machine. */
  readonly connection?: ServiceConnection;
  /** Absent: the machine's system-assigned identity, or its only user-assigned one. */
  readonly requested?: RequestedIdentity;
  readonly minimumLifetimeMs: number;
  /** The job runs in a container, from which the identity endpoint may be out of reach. */
  readonly isContainerJob: boolean;
}
