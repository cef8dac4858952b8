// What can happen to a step, in words.
import type { NodeMajor } from '../../scripts/agent-nodes';
import type { StepOptions } from '../emulators/agent/run-step';
import { FAST_CLOCK } from '../emulators/fast-clock';
import type { MachineOptions, Place } from '../emulators/places';
import { openMachine } from '../emulators/places';

/** The rows of the table of failures, each with words of its remedy that no other row has. */
export const REMEDIES = {
  'no identity endpoint':
    'This machine offers no managed identity. Microsoft-hosted agents have none',
  'identity not found': 'Assign that identity to this machine',
  'no system-assigned identity': 'Switch the system-assigned identity of this machine on',
  'several identities': 'one of the inputs clientId, objectId and resourceId',
  'wrong input': 'Correct the step or the variables of the pipeline',
  'endpoint refuses': 'Repeating the request would not help',
  'not a token': 'it does not behave like the identity service of Azure',
  'no temporary folder': 'See that the temporary folder of the agent',
  'endpoint busy': 'run the job again in a few minutes',
  'token expires': 'lower minimumLifetimeInMinutes',
  'no expiry': 'returns expires_on or expires_in',
  'wrong audience': 'See what answers in place of the identity service',
  'wrong identity': 'see which identities this machine really has',
  'id not taken': 'which takes no',
  'foreign endpoint': 'A token is taken only from http://localhost',
  'old Node.js': 'move that to a newer release',
  'unsupported connection': 'Supported are workload identity federation',
  'another cloud': 'name a connection of AzureCloud',
  'no federated credential': 'No federated credential of the identity fits',
  'unknown application': 'has no application with that client id',
  'unknown tenant': 'Microsoft Entra has no tenant',
  'disabled application': 'The application is disabled: let it sign in again',
  'application of several tenants': 'The application is for several tenants',
  'assertion out of time': 'What was shown is not valid at this time',
  'Entra refuses': 'See what Microsoft Entra says',
  'Entra in trouble': 'Microsoft Entra is busy or in trouble',
  'not of Entra': 'seems to answer in its place: let this machine reach it',
  'wrong token': 'See what answers in place of https://login.microsoftonline.com',
  'job not vouched for':
    'See that the service connection is there and that this pipeline may use it',
  'another authority': 'Tokens for Azure DevOps Services are asked for at',
  'pod without id': 'See that its service account has the annotations',
  'id of the pod hidden': 'Give that variable another name',
  'no token file': 'azure.workload.identity/use',
  'unknown to the organization': 'Organization settings > Users',
  'another tenant': 'an organization takes only identities of its own tenant',
  'not Azure DevOps Services': 'Azure DevOps Server takes no Microsoft Entra token',
  'organization not found': 'See that the organization is written as in its URL',
  'not let in': 'The organization knows the identity and does not let it in',
  throttled: 'Azure DevOps asks to wait before the next request',
  'organization in trouble': 'Azure DevOps may be in trouble',
  'page of somebody else': 'a proxy or a firewall in between seems to answer',
  'unexpected answer': 'The task makes nothing of this answer',
  'redirected elsewhere': 'The redirect was not followed',
  'untrusted certificate': 'the file that NODE_EXTRA_CA_CERTS names',
  'proxy in the way': 'It is the proxy that',
  'organization out of reach': 'See whether a firewall, the name service',
  'no permission': 'The identity is known, and may not do this',
  'nothing there': 'See that the path is right',
  'unexpected status': 'If the step can live with this status',
  'server in trouble': 'The server may be in trouble',
  'API version': 'Write apiVersion:',
  'too large to read': 'Request less, for example with $top or fewer fields',
  'call redirected': 'The call did not follow',
  'token withheld': 'which may not receive the token',
  'not JSON': 'Without that input, result holds the answer',
  'expression does not fit': 'A function of JMESPath fails on what it does not expect',
  'what failWhen names': 'The step was told to fail on such an answer',
  'wait over': 'Set waitTimeoutInMinutes higher',
  'nowhere to look': 'look in a second step, with a GET',
  'look elsewhere': 'is yours and may have the token, name it in allowedHosts',
  'no list': 'allPages joins the one array of a list',
  'paging in circles': 'What was read is no complete list',
  'token comes back': 'no service of Azure DevOps repeats a token',
  'result too large': 'Select less in query',
  'result would act': 'The agent would act on it',
  'result cannot be masked': 'An agent may leave such a value unmasked',
} as const;

export type Row = keyof typeof REMEDIES;

type Inputs = Readonly<Record<string, string>>;

export interface Scenario {
  readonly name: string;
  readonly story: string;
  readonly open?: () => Promise<Place>;
  readonly inputs?: Inputs | ((place: Place) => Inputs);
  readonly variables?: Readonly<Record<string, string>>;
  readonly machineEnvironment?: Readonly<Record<string, string>>;
  /** What is special about its agent and job. */
  readonly agent?: Pick<StepOptions, 'container' | 'environmentOrder' | 'layout'>;
  /** Absent: the step succeeds. */
  readonly row?: Row;
  /** The remedy of another row that belongs here, too. */
  readonly alsoRow?: Row;
  /** What the error, or a successful log, must name. */
  readonly names: readonly string[];
  /** The step makes a call, and an answer to it came or not. */
  readonly call?: 'answered' | 'unanswered';
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
