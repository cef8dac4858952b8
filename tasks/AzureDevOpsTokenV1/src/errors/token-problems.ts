// Why a token that was received cannot be used.
import type { RequestedIdentity } from '../inputs/task-inputs';
import { untrustedText } from '../untrusted-text';
import { CONNECTIONS } from './menu-paths';
import { describeOtherServer } from './other-server';
import type { ProblemTable } from './task-error';

/** `endpoint` is an origin. */
export type TokenProblem =
  | {
      readonly kind: 'expires-soon';
      readonly expiresOn: Date;
      readonly now: Date;
      readonly minimumLifetimeMs: number;
    }
  | {
      readonly kind: 'wrong-audience';
      readonly endpoint: string;
      readonly expected: string;
      readonly actual: string;
    }
  | { readonly kind: 'no-expiry'; readonly endpoint: string }
  | {
      readonly kind: 'wrong-identity';
      readonly requested: RequestedIdentity;
      readonly actual: string;
      readonly isAgentConnection: boolean;
    };

export const TOKEN_TABLE: ProblemTable<TokenProblem> = {
  'expires-soon': {
    id: 'token-expires-too-soon',
    heading: 'The token expires too soon',
    conclusion: ({ expiresOn, now, minimumLifetimeMs }) =>
      expiresOn <= now
        ? `The token expired at ${formatTime(expiresOn)}, and now it is ${formatTime(now)}.`
        : `The token expires at ${formatTime(expiresOn)}, sooner than minimumLifetimeInMinutes (${minimumLifetimeMs / 60_000}) allows.`,
    details: ({ expiresOn, now, minimumLifetimeMs }) =>
      (expiresOn > now
        ? `Now it is ${formatTime(now)}. `
        : minimumLifetimeMs === 0
          ? 'Even with minimumLifetimeInMinutes: 0, the task does not accept an expired token. '
          : `The step needs a token that is valid for ${minimumLifetimeMs / 60_000} min (minimumLifetimeInMinutes). `) +
      'Azure caches a token and returns the same one until it is renewed.',
    hint: ({ expiresOn, now }) =>
      (expiresOn <= now
        ? 'Run the job again in a few minutes.'
        : `Run the job again after ${formatTime(expiresOn)}, or lower minimumLifetimeInMinutes.`) +
      ' If the time is wrong, correct the clock of the agent machine.',
  },
  'no-expiry': {
    id: 'token-without-expiry',
    heading: 'The token has no expiry',
    conclusion: () => 'The token was not used, because it does not show when it expires.',
    details: ({ endpoint }) =>
      `The response of ${endpoint} has neither expires_on nor expires_in, and the task could not read the expiry from the token either.`,
    hint: ({ endpoint }) =>
      `The identity services of Azure return expires_on or expires_in. ${describeOtherServer({ endpoint })}`,
  },
  'wrong-audience': {
    id: 'wrong-audience',
    heading: 'The token is for another service',
    conclusion: ({ actual }) =>
      `The token is for the audience ${untrustedText(actual)}, not for Azure DevOps.`,
    details: ({ endpoint, expected }) =>
      `The audience of Azure DevOps is ${expected}. The task discarded the token, which it got from ${endpoint}.`,
    hint: ({ endpoint }) =>
      `The identity services of Azure return tokens only for the requested service. ${describeOtherServer({ endpoint })}`,
  },
  'wrong-identity': {
    id: 'wrong-identity',
    heading: 'The token belongs to another identity',
    conclusion: ({ requested, isAgentConnection }) =>
      `The token is not for the identity that the ${isAgentConnection ? `${requested.input} of the service connection` : `input ${requested.input}`} names.`,
    details: ({ requested, actual }) =>
      `Requested: ${requested.input} ${requested.value}. In the token: ${requested.input} ${untrustedText(actual)}. The task discarded the token.`,
    hint: ({ requested, isAgentConnection }) =>
      `Correct the ${isAgentConnection ? `${requested.input} of the service connection (${CONNECTIONS})` : `input ${requested.input} of this step`}. ` +
      `If the ${requested.input} is right, assign that identity to the agent machine: in the Azure portal, open the VM or scale set, and add it under ` +
      'Security > Identity > User assigned. For a Managed DevOps Pool, add it under Settings > Identity.',
  },
};

/** To the second: `2026-01-31T12:00:00Z`. */
function formatTime(time: Date): string {
  return `${time.toISOString().slice(0, 19)}Z`;
}
