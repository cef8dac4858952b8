import { untrustedText } from '../untrusted-text';
import { countAttempts, type Description } from './description';
import type { IdentityProblem } from './identity-problems';

type Describers = {
  readonly [Kind in IdentityProblem['kind']]: (
    problem: Extract<IdentityProblem, { kind: Kind }>,
  ) => Description;
};

const ATTEMPT = 'Getting a token from the managed identity endpoint';

const DESCRIBERS: Describers = {
  'no-endpoint': ({ endpoint, reason, attempts, elapsedMs, isContainerJob }) => ({
    message: `${ATTEMPT} ${endpoint}: ${reason}, ${countAttempts(attempts, elapsedMs)}.`,
    hint: describeMissingIdentity(isContainerJob),
  }),
  'identity-not-found': ({ endpoint, requested, serverMessage, isContainerJob }) =>
    requested === undefined
      ? {
          message: `${ATTEMPT} ${endpoint}: it found no system-assigned identity (400 ${untrustedText(serverMessage)}).`,
          hint:
            'Switch the system-assigned identity of this machine on (in the Azure portal: Identity > System assigned), ' +
            'or assign it a user-assigned one (Identity > User assigned). ' +
            describeMissingIdentity(isContainerJob),
        }
      : {
          message: `${ATTEMPT} ${endpoint}: it found no identity with the ${requested.input} ${requested.value} (400 ${untrustedText(serverMessage)}).`,
          hint:
            'Assign that identity to this machine (in the Azure portal: Identity > User assigned of the virtual machine or ' +
            `scale set, Settings > Identity of the Managed DevOps Pool), or correct ${requested.input}.`,
        },
  'several-identities': ({ endpoint, serverMessage }) => ({
    message: `${ATTEMPT} ${endpoint}: the machine has several user-assigned identities, and none was named (400 ${untrustedText(serverMessage)}).`,
    hint: 'Choose one of them with one of the inputs clientId, objectId and resourceId.',
  }),
  'endpoint-refuses': ({ endpoint, status, serverMessage }) => ({
    message: `${ATTEMPT} ${endpoint}: it answered ${status}${serverMessage === undefined ? '' : ` (${untrustedText(serverMessage)})`}.`,
    hint:
      'Repeating the request would not help. See what answers at this address: the identity service may refuse this process, ' +
      'or a proxy, a firewall or Docker Desktop (403) may stand in front of it.',
  }),
  'not-a-token': ({ endpoint, status, reason }) => ({
    message: `${ATTEMPT} ${endpoint}: it answered${status === undefined ? '' : ` ${status}`} with something other than a token (${untrustedText(reason)}).`,
    hint: 'See what answers at this address: it does not behave like the identity service of Azure.',
  }),
  'endpoint-busy': ({ endpoint, reason, attempts, elapsedMs, retryAfterMs }) => ({
    message:
      `${ATTEMPT} ${endpoint}: ${reason}, ${countAttempts(attempts, elapsedMs)}.` +
      (retryAfterMs === undefined
        ? ''
        : ` It asks to wait ${Math.ceil(retryAfterMs / 1000)} seconds (Retry-After).`),
    hint: 'The endpoint is overloaded or being updated, which passes: run the job again in a few minutes.',
  }),
  'expires-soon': ({ expiresOn, now, minimumLifetimeMs }) => ({
    message:
      `Checking the token: it ${expiresOn <= now ? 'expired' : 'expires'} at ${formatTime(expiresOn)}, and now it is ` +
      `${formatTime(now)}. The step asks for a lifetime of ${minimumLifetimeMs / 60_000} min (minimumLifetimeInMinutes).`,
    hint:
      'The same token is handed out until it is renewed. Run the job again later, lower minimumLifetimeInMinutes, ' +
      'or, where the times above look wrong, set the clock of the machine.',
  }),
  'no-expiry': ({ endpoint }) => ({
    message: `Checking the token: neither the token nor the response of ${endpoint} says when it expires.`,
    hint: 'The token was not used. An identity service of Azure returns expires_on or expires_in: see what listens at this address.',
  }),
  'wrong-audience': ({ endpoint, expected, actual }) => ({
    message: `Checking the token: it is for the audience ${untrustedText(actual)}, not for Azure DevOps (${expected}).`,
    hint: `The token was thrown away. See what answers in place of the identity service (${endpoint}).`,
  }),
  'wrong-identity': ({ requested, actual }) => ({
    message: `Checking the token: it is of the ${requested.input} ${untrustedText(actual)}, and ${requested.value} was asked for.`,
    hint: `The token was thrown away. Correct ${requested.input}, or see which identities this machine really has.`,
  }),
  'unsupported-id': ({ source, requested, ids }) => ({
    message: `Getting a token: on this machine it comes from ${source}, which takes no ${requested.input}.`,
    hint:
      ids.length === 0
        ? `It has a single identity: leave ${requested.input} empty.`
        : `It takes ${new Intl.ListFormat('en', { type: 'disjunction' }).format(ids)} of the same identity instead.`,
  }),
  challenge: ({ endpoint, path, reason }) => ({
    message: `${ATTEMPT} ${endpoint}: it asks to read the file ${untrustedText(path)}, and that was not done: ${untrustedText(reason)}.`,
    hint:
      'Azure Arc gives tokens only to whom may read its files: add the user of the agent to the group himds (on Windows: Hybrid agent ' +
      'extension applications), and start the agent anew.',
  }),
  'foreign-endpoint': ({ source, host }) => ({
    message: `Looking for the managed identity endpoint: ${source} points to ${untrustedText(host)}.`,
    hint:
      'A token is taken only from http://localhost or from a loopback, link-local or private address of the machine, written as ' +
      'a number. Correct or remove the variable where the agent is started.',
  }),
  'pod-without-id': ({ variable, isHidden }) => ({
    message: `Getting a token for the workload identity of this pod: ${isHidden ? `a variable of the pipeline hides ${variable} of the pod` : `the pod has no ${variable}`}.`,
    hint: isHidden
      ? `Give that variable another name, and hand it to the tools that need it under env:${orClientId(variable)}.`
      : `See that its service account has the annotations of Microsoft Entra Workload ID${orClientId(variable)}.`,
  }),
  library: ({ name, requested }) => ({
    message: `Getting a token: @azure/identity did not ask for one (${untrustedText(name)}).`,
    hint:
      requested === undefined
        ? 'See which identity endpoint the environment of the agent describes: the library makes nothing of it.'
        : `The identity endpoint that the environment of the agent describes takes no ${requested.input}: try without.`,
  }),
};

/** What to tell a user of a problem: what was attempted and what happened, and what to do. */
export function describeProblem(problem: IdentityProblem): Description {
  const describe = DESCRIBERS[problem.kind] as (problem: IdentityProblem) => Description;
  return describe(problem);
}

function orClientId(variable: string): string {
  return variable === 'AZURE_CLIENT_ID' ? ', or set the input clientId' : '';
}

function describeMissingIdentity(isContainerJob: boolean): string {
  return (
    'This machine offers no managed identity. Microsoft-hosted agents have none: run the job on a virtual machine, a scale set or ' +
    'a Managed DevOps Pool that has one, or use a service connection (connectionType: azureDevOps).' +
    (isContainerJob
      ? ' The job runs in a container, from which the endpoint may be out of reach: set "target: host" on the step, or give the ' +
        'container a route to it.'
      : '')
  );
}

/** To the second: `2026-01-31T12:00:00Z`. */
function formatTime(time: Date): string {
  return `${time.toISOString().slice(0, 19)}Z`;
}
