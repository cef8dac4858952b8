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
  'no system-assigned identity': 'switch Identity > System assigned on',
  'identity of a connection not assigned':
    'Or use an identity that is assigned: set connectionType: managedIdentity',
  'user-assigned identities only': 'Or switch its system-assigned identity on',
  'identity of a connection to choose': 'a service connection (azureRM) cannot choose one',
  'id of a connection not supported': 'which uses the identity of this agent without an ID',
  'named endpoint': 'If this agent should not use that endpoint',
  'several identities': 'Set one of the inputs clientId, objectId and resourceId',
  'wrong input': 'Correct the step or the pipeline variables',
  'endpoint refuses': 'The identity service does not allow this process',
  'not a token': 'and the variables of the identity endpoint in the environment',
  'no temporary folder': 'temporary folder of the agent (Agent.TempDirectory)',
  'endpoint busy': 'or Azure is updating it',
  'token expires': 'correct the clock of the agent machine',
  'no expiry': 'returns expires_on or expires_in',
  'wrong audience': 'probably responded instead of the identity service',
  'wrong identity': 'check which identities are assigned to the VM',
  'id not taken': 'the token source of this agent, does not support',
  'foreign endpoint': 'is not an address of the agent machine',
  'old Node.js': 'or newer. Update the Azure Pipelines agent',
  'unsupported connection': 'The task supports workload identity federation',
  'another cloud': 'Use a connection to AzureCloud',
  'no federated credential': 'No federated credential of the identity matches',
  'unknown application': 'has no application with this client ID',
  'unknown tenant': 'Correct the tenant in',
  'disabled application': 'Enabled for users to sign-in?',
  'application of several tenants': 'supports accounts of a single tenant only',
  'assertion expired': 'has expired or is not valid yet',
  'Entra refuses': 'Look up the code of the server message',
  'Entra in trouble': 'Microsoft Entra is busy or not available',
  'not of Entra': 'a proxy that inspects TLS probably responded',
  'wrong token': 'probably responded instead of https://login.microsoftonline.com',
  'job token rejected': 'the access token of a job is valid for a limited time',
  'connection denied': 'Azure DevOps disables a connection that was not used for 100 days',
  'OIDC request rejected': 'Do what the server message asks for',
  'OIDC unavailable': 'See https://status.dev.azure.com for the state of the service',
  'no OIDC token': 'Azure DevOps returns a token or an error message',
  'issuer to convert': 'If it offers Update, select it',
  'issuer of the cluster': 'the exact issuer of the cluster',
  'issuer unreachable': 'Microsoft Entra reads the keys of the issuer from the internet',
  'assertion not verified': 'because the keys of a',
  'tenant policy': 'to allow workload identity federation with this issuer',
  'Entra Conditional Access': 'Its tab Conditional Access names the policy',
  'tenant of another cloud': 'issue this token across clouds',
  'tenant restrictions': 'adds the header Restrict-Access-To-Tenants',
  'tenant without Azure DevOps': 'If it is not there: az ad sp create --id',
  'tenant moved': 'The subscription may have moved to another tenant',
  'identity created again': 'maybe created again with the same name',
  'another authority': 'Correct or remove AZURE_AUTHORITY_HOST',
  'pod without id': 'to the service account of the pod, and restart the pod',
  'pod id no GUID': 'A name, a domain or a resource ID is not supported',
  'id of the pod hidden': 'Rename that pipeline variable',
  'no token file': 'azure.workload.identity/use',
  'unknown to the organization': 'Organization settings > Users > Add users',
  'another tenant': 'or set the input organization to an organization of the tenant',
  'blocked by a policy': 'Find the policy that includes Azure DevOps',
  'organization is a page': 'the name or the URL of an organization, such as',
  'web page': 'set headers to "Accept: text/html"',
  'URL too long': 'send the IDs in the body of a POST',
  empty: 'a response with the status 204 or 304 never has a body',
  'not Azure DevOps Services': 'only Azure DevOps Services accepts Microsoft Entra tokens',
  'organization not found': 'Set the input organization to the name in the URL',
  'not let in': 'the policies under Organization settings > Policies',
  throttled: 'the task waits at most 5 min for Azure DevOps',
  'organization in trouble':
    'server error (500) for MyOrg.\nGET https://dev.azure.com/MyOrg/_apis/connectionData',
  'page of another server': 'ask the administrator of the proxy or the firewall',
  'unexpected answer': 'Read the server message, and check whether a proxy responded',
  'redirected elsewhere': 'If the organization was renamed',
  'untrusted certificate': 'make that authority known',
  'proxy in the way': 'The connection through the proxy',
  'organization out of reach': 'Check that the agent machine can connect to dev.azure.com',
  'no permission': 'Give the identity the permission that the server message names',
  'nothing there': 'Check the path of the input url',
  'unexpected status': 'If this status is a success for the step',
  'server in trouble': 'or increase maxRetries',
  'API version': 'Write this line in the step: apiVersion:',
  'too large to read': 'Request less, for example with $top or fewer fields',
  'call redirected': 'a redirected request goes without the token',
  'token withheld': 'After the redirect to that host, the task no longer sends the token',
  'not JSON': 'or request a URL that returns JSON',
  'expression does not fit': 'A JMESPath function fails if its argument',
  'what failWhen names': 'The step is set to fail on such a response',
  'wait over': 'Increase waitTimeoutInMinutes',
  'nowhere to look': 'poll in a second step with a GET',
  'look elsewhere': 'Otherwise, remove waitUntil',
  'no list': 'allPages joins the array with the name',
  'paging in circles': 'Remove allPages and read page by page',
  'next link': 'Find out which server returns such a link',
  'not decoded': 'To receive the body as the server sends it',
  'token comes back': 'remember that it has the token until it expires',
  'result too large': 'Select less in query',
  'result would act': 'The result cannot be published safely, because',
  'result cannot be masked': 'which the agent cannot mask reliably',
  'git not prepared': 'Run the step AzureDevOpsToken@1 with gitCredentials: true earlier',
  'git secret missing': 'Add this line under env: in the step that runs git',
  'git credential refused': 'git sends the header of checkout instead',
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
  /** The step makes a call, and an answer to it came or not. */
  readonly call?: 'answered' | 'unanswered';
  /** The step prepares credentials for git. */
  readonly git?: 'prepared';
  /** How many requests the identity endpoint sees; absent where that depends on time. */
  readonly requests?: number;
  /** How many requests the organization sees, by default one of a step that succeeds and none of one that fails. */
  readonly calls?: number | 'some';
  /** The agent brings this Node.js, whichever is asked for. */
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
