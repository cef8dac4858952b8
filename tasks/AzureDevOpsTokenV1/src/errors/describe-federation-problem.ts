import { untrustedText } from '../untrusted-text';
import { describeHappening } from './describe-happening';
import type { Description } from './description';
import { findFederationHint } from './federation-hints';
import type { FederationProblem, Requester } from './federation-problems';

/** What to tell a user of a problem: what was attempted and what happened, and what to do. */
export function describeFederationProblem(problem: FederationProblem): Description {
  return {
    message: `Getting a token ${describeRequester(problem.requester)}: ${describeProblemDetails(problem)}.`,
    hint: findFederationHint(problem),
  };
}

function describeRequester(requester: Requester): string {
  return requester.kind === 'connection'
    ? `for the service connection ${requester.id} (${requester.input})`
    : 'for the workload identity of this pod';
}

function describeProblemDetails(problem: FederationProblem): string {
  switch (problem.kind) {
    case 'not-vouched': {
      const { host, status, activityId } = problem;
      const id = activityId === undefined ? '' : ` (activity id ${untrustedText(activityId)})`;
      return `Azure DevOps (${host}) was asked to vouch for this job, and answered ${status}${id}`;
    }
    case 'entra-refuses': {
      const { status, serverMessage, correlationId } = problem;
      const details = [
        serverMessage === undefined ? '' : `"${untrustedText(serverMessage)}"`,
        correlationId === undefined ? '' : `correlation id ${untrustedText(correlationId)}`,
      ].filter((detail) => detail !== '');
      const inside = details.length === 0 ? '' : ` (${details.join('; ')})`;
      return `Microsoft Entra answered ${status}${inside}`;
    }
    case 'no-token':
      return `${problem.host} answered ${problem.status} with something that cannot be used (${problem.reason})`;
    case 'no-answer':
      return describeHappening(problem);
    case 'elsewhere':
      return `it would have to be asked for at ${untrustedText(problem.host)}`;
    case 'wrong-token':
      return `it is of the ${problem.what} ${untrustedText(problem.actual)}, and not of ${problem.expected}`;
    case 'token-file':
      return `the file that AZURE_FEDERATED_TOKEN_FILE names cannot be used: ${untrustedText(problem.reason)}`;
    case 'library':
      return `@azure/identity did not ask for one (${untrustedText(problem.name)})`;
  }
}
