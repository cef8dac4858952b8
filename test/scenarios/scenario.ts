// What can happen to a step, in words.
import type { NodeMajor } from '../../scripts/agent-nodes';
import type { StepOptions } from '../emulators/agent/run-step';
import { FAST_CLOCK } from '../emulators/fast-clock';
import type { MachineOptions, Place } from '../emulators/places';
import { openMachine } from '../emulators/places';

/** The rows of the table of failures, each with words of its remedy that no other row has. */
export const REMEDIES = {
  'no identity endpoint': 'Microsoft-hosted agents have no managed identity',
  'identity not found': 'This agent does not have the identity',
  'no system-assigned identity':
    'select Security > Identity > System assigned, and set Status to On',
  'no identity of an application': 'bind it to the service (IdentityBindingPolicy',
  'identity of a connection not assigned':
    'Or use another identity that is assigned: set connectionType: managedIdentity',
  'user-assigned identities only': 'Or switch on the system-assigned identity of the',
  'identity of a connection to choose': 'A service connection (azureRM) cannot choose one',
  'id of a connection not supported': 'in place of azureRM, and do not set clientId',
  'named endpoint': 'If this agent should not use that endpoint',
  'several identities': 'Set one of the inputs clientId, objectId and resourceId',
  'wrong input': 'Correct the step or the pipeline variables',
  'endpoint refuses': 'to its allowlist (resource InVMAccessControlProfile)',
  'endpoint redirects': 'redirected the request (302), so there is no token',
  'audience not supported': 'issues no tokens for the audience of Azure DevOps',
  'not a token': 'names this address. If the address is wrong, correct or remove the variable',
  'endpoint busy': 'or Azure is updating it',
  'token expires': 'correct the clock of the agent machine',
  'no expiry': 'return expires_on or expires_in',
  'wrong audience': 'return tokens only for the requested service',
  'wrong identity': 'is right, assign that identity to the agent machine',
  'ID not supported': 'the token source of this agent, does not support',
  'foreign endpoint': 'is not an address of the agent machine',
  'old Node.js': 'or newer. Update the Azure Pipelines agent',
  'unsupported connection': 'The task supports workload identity federation',
  'another cloud': 'a service connection whose Environment is "Azure Cloud"',
  'no federated credential': 'No federated credential of the identity matches',
  'unknown application': 'has no application with this client ID',
  'unknown tenant': 'Correct the tenant ID in',
  'disabled application': 'Ask an administrator of the tenant to enable it',
  'application of several tenants': 'supports accounts of a single tenant only',
  'assertion expired': 'has expired or is not valid yet',
  'Entra refuses': 'Look up the code of the server message',
  'Entra unavailable': 'Microsoft Entra is busy or not available',
  'not of Entra': 'A proxy that inspects TLS probably responded',
  'wrong token': 'probably responded instead of https://login.microsoftonline.com',
  'job token rejected': 'the access token of a job is valid for a limited time',
  'connection denied': 'Azure DevOps disables a connection that was not used for 100 days',
  'OIDC request rejected': 'If the server message names a setting of the service connection',
  'OIDC request of an ended job': 'The job was already over (for example cancelled)',
  'OIDC request not supported': 'This is probably a defect of the task: it sent a request',
  'OIDC unavailable': 'See https://status.dev.azure.com for the state of the service',
  'no OIDC token': 'Another server probably responded in place of dev.azure.com',
  'issuer to convert': 'If it offers Update, select it',
  'issuer of the cluster': 'with exactly this issuer, with the slash at its end',
  'issuer unreachable': 'Microsoft Entra reads the keys of the issuer from the internet',
  'assertion not verified': 'because the keys of a',
  'tenant policy': 'which issuers and identities the policy allows',
  'Entra Conditional Access': 'Its tab Conditional Access names the policy',
  'tenant of another cloud': 'issue this token across clouds',
  'tenant restrictions': 'adds the header Restrict-Access-To-Tenants',
  'tenant without Azure DevOps':
    'an administrator of the tenant can add it with az ad sp create --id',
  'tenant moved': 'The Azure subscription may have moved to another tenant',
  'identity created again': 'maybe created again with the same name',
  'another authority': 'correct or remove AZURE_AUTHORITY_HOST',
  'pod without id': 'to the Kubernetes service account of the pod. Then restart the pod',
  'pod id no GUID': 'A name, a domain or a resource ID is not supported',
  'id of the pod hidden': 'Rename that pipeline variable',
  'no token file': 'azure.workload.identity/use',
  'unknown to the organization': 'with an access level that fits its work',
  'another tenant': 'set the input organization of this step to an organization of the tenant',
  'blocked by a policy': 'Find the policy that includes Azure DevOps',
  'organization is a page': 'it must be the name or the URL of your organization',
  'web page': 'set headers to "Accept: text/html"',
  'URL too long': 'send the IDs in the body of a POST',
  empty: 'or request a URL whose response has a body',
  'no content': 'never has a body',
  'not Azure DevOps Services': 'does not look like one of Azure DevOps Services',
  'organization not found': 'Set the input organization to the name in the URL',
  'membership forbidden': 'the policies under Organization settings > Policies',
  throttled: 'or use a separate identity for each pool',
  unavailable: 'The state of Azure DevOps is at https://status.dev.azure.com',
  'organization server error':
    'server error (500) for MyOrg.\nGET https://dev.azure.com/MyOrg/_apis/connectionData',
  'page of another server': 'Ask the administrator of the proxy or the firewall',
  'unexpected response': 'names an input or a variable of your pipeline, correct it',
  'redirected elsewhere': 'If the organization was renamed',
  'certificate of another host': 'Another server responds at this address',
  'untrusted certificate': 'set NODE_EXTRA_CA_CERTS to the path of that file',
  'proxy failed': 'The connection through the proxy',
  'host unreachable': 'Check that the agent machine can connect to dev.azure.com',
  'no permission': 'Repository: Project settings > Repositories > Security',
  'not found': 'a missing permission can have the same result',
  'unexpected status': 'is a success for the step, add it to expectedStatus',
  'server error': 'or increase maxRetries',
  'API version': 'Write this line in the step: apiVersion:',
  'too large to read': 'Request less, for example with $top or fewer fields',
  'call redirected': 'If the redirect itself is the response that you want',
  'token withheld': 'or to the hosts to which it redirects',
  'author requests a coding':
    'does not decode a response if the input headers has Accept-Encoding or Range',
  'not JSON': 'or request a URL that returns JSON',
  'expression does not fit': 'A JMESPath function fails if its argument',
  'what failWhen names': 'describes the responses with which the step fails',
  'wait over': 'Increase waitTimeoutInMinutes',
  'no poll address': 'poll in a second step with a GET',
  'poll at other host': 'Otherwise, remove waitUntil',
  'no list': 'it joins an array at the top level of the response',
  'endless pages': 'Remove allPages, and use one step for each page:',
  'next link': 'allPages follows only https links',
  'not decoded': 'the body as the server sends it, and decode the file in a later step',
  'reflected token': 'remove the identity from the organization until then',
  'result too large': 'Select less in query',
  'result with command': 'The task did not set the output result, because',
  'result too deep': 'so it cannot be an output',
  'result cannot be masked': 'which the agent cannot mask reliably',
  'git not prepared': 'Run the step AzureDevOpsToken@1 with gitCredentials: true earlier',
  'git secret missing': 'Add this line under env: in the step that runs git',
  'git credential refused': 'git sends the header of checkout instead',
  'git trace shows the token': 'Remove GIT_TRACE_REDACT from the step, the pipeline variables',
  'git accepts any certificate': 'Find the setting with git config --show-origin',
  'git settings not read': 'correct the setting that git reports',
} as const;

export type Row = keyof typeof REMEDIES;

type Inputs = Readonly<Record<string, string>>;

/** A script that uses the outputs of the step. */
export interface LaterStep {
  readonly bash: string;
  readonly env: Readonly<Record<string, string>>;
}

export interface Scenario {
  readonly name: string;
  readonly story: string;
  readonly open?: () => Promise<Place>;
  readonly inputs?: Inputs | ((place: Place) => Inputs);
  readonly variables?: Readonly<Record<string, string>>;
  readonly machineEnvironment?: Readonly<Record<string, string>>;
  /** Files in the working directory of its job. */
  readonly files?: Readonly<Record<string, Buffer | string>>;
  /** What is special about its agent and job. */
  readonly agent?: Pick<StepOptions, 'container' | 'environmentOrder' | 'layout'>;
  /** A later step of the job, which runs if the step succeeds. */
  readonly later?: LaterStep;
  /** Absent: the step succeeds, and so does the later one. */
  readonly row?: Row;
  /** The remedy of another row that belongs here, too. */
  readonly alsoRow?: Row;
  /** What the error, or a successful log, must name. */
  readonly names: readonly string[];
  /** The step makes a REST call, and gets a response to it or not. */
  readonly call?: 'response' | 'no response';
  /** The step prepares credentials for git. */
  readonly git?: 'prepared';
  /** How many requests the identity endpoint sees; absent where that depends on time. */
  readonly requests?: number;
  /** How many requests the organization sees, by default one of a step that succeeds and none of one that fails. */
  readonly calls?: number | 'some';
  /** The agent brings this Node.js, also if another one is requested. */
  readonly node?: NodeMajor;
  /** Only this platform can stage it. */
  readonly platform?: NodeJS.Platform;
  /** Whether this machine can stage it; absent: every one can. */
  readonly isPossible?: () => boolean;
}

/** For the story of a scenario whose waits would take minutes. */
export const FASTER = `Time runs ${FAST_CLOCK} times as fast.`;

/** A machine with an identity endpoint, and an organization. */
export const machine = (options: MachineOptions) => () => openMachine(options);
