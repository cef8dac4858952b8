import { untrustedText } from '../untrusted-text';
import type { CallProblem } from './call-problems';
import {
  describeUnknownIdentity,
  findConnectionHint,
  FOREIGN_PAGE,
  THROTTLED,
} from './shared-hints';

type Problem<Kind extends CallProblem['kind']> = Extract<CallProblem, { kind: Kind }>;

const MAY_HAVE_ACTED =
  'The server may have acted all the same: see whether it did before you run the step again.';

type Hints = {
  readonly [Kind in CallProblem['kind']]: (problem: Problem<Kind>) => string;
};

const UNREAD_HINTS = {
  memory: 'Request less, for example with $top or fewer fields.',
  time: 'Simplify the expression, or request less, for example with $top.',
  start: "Allow the agent's user to start the agent's Node.js.",
};

const HINTS: Hints = {
  'no-answer': ({ why, method }) =>
    findConnectionHint(why) + (mayHaveActed(method, why) ? ` ${MAY_HAVE_ACTED}` : ''),
  'unknown-identity': (problem) => describeUnknownIdentity(problem, problem.organization),
  'not-services': () =>
    'Correct url or organization. The task speaks to Azure DevOps Services: Azure DevOps Server takes no Microsoft Entra token.',
  forbidden: () =>
    'The identity is known, and may not do this. Give it the permission that the server names: on the project, the repository, the ' +
    'pipeline or the feed, under Permissions or Security of its settings; or see its access level. A name that is written wrongly ' +
    'can look the same.',
  'not-found': ({ url }) =>
    `See that the path is right: ${url}. What is there, and what the identity has no permission to see, can look the same: see its ` +
    'permissions on the project.',
  throttled: () => THROTTLED,
  'in-trouble': () =>
    'The server may be in trouble, which passes: try again a little later, or set maxRetries higher. (A POST or PATCH is not ' +
    'repeated where the server may have acted on it: see whether it did.)',
  'foreign-page': () => FOREIGN_PAGE,
  unexpected: () =>
    'Correct the request by what the server says. If the step can live with this status, name it in expectedStatus.',
  redirect: ({ target }) =>
    `The call did not follow to ${untrustedText(target)}: a GET or HEAD follows up to five redirects, to https only, and without the ` +
    'token where the host is neither of Azure DevOps nor in allowedHosts. To take the redirect itself for the answer, name its status in expectedStatus.',
  'token-withheld': ({ host }) =>
    `A redirect led to ${untrustedText(host)}, which may not receive the token. No request from there on carries it, not even one to Azure DevOps. ` +
    'If that host is yours and may receive the token, name it in allowedHosts. Otherwise set url to the address at which the ' +
    'redirects end. A signed address may have expired: run the step again.',
  version: ({ offered }) => `Write apiVersion: ${untrustedText(offered)}`,
  'not-json': () =>
    'Without that input, result holds the answer as it came; outputFile writes it to a file.',
  unread: ({ input, exceeded }) =>
    `${UNREAD_HINTS[exceeded ?? 'start']} Or remove ${input}, set outputFile, and read the file in a later step.`,
  evaluation: ({ input }) =>
    `Correct ${input}. A function of JMESPath fails on what it does not expect, such as length() of something that is not there.`,
  'fail-when': () =>
    'The step was told to fail on such an answer: the outputs result and responseFile hold it.',
  'wait-over': () =>
    'What the call began may still go on. Set waitTimeoutInMinutes higher, or see whether waitUntil can become true: the outputs result ' +
    'and responseFile hold the last answer.',
  'no-poll-address': () =>
    'The call itself was made. Leave waitUntil out, and look in a second step, with a GET of the address that the documentation of ' +
    'the API names.',
  'poll-host': ({ host }) =>
    `The call itself was made. If ${untrustedText(host)} is yours and may have the token, name it in allowedHosts.`,
  'no-list': () =>
    'allPages joins the one array of a list: value, else members, else items, else the only one. For any other answer, leave it out.',
  'paging-loop': () =>
    'What was read is no complete list, and none of it was kept. Leave allPages out and read the pages one by one: with $top and $skip, ' +
    'or with continuationToken in url, as the documentation of the API has it.',
  echo: () =>
    'Nothing of the answer was kept. See what answers at this address: no service of Azure DevOps repeats a token.',
  'result-too-large': () =>
    'Select less in query, or read the file that the output responseFile names: it is in the temporary folder of the agent, or where ' +
    'outputFile puts it.',
  'result-hostile': ({ responseFile }) =>
    'The agent would act on it wherever the variable is used. ' +
    (responseFile === undefined
      ? 'Set outputFile, and read the file in a later step.'
      : `Read the file that the output responseFile names (${untrustedText(responseFile)}), or select something else in query.`),
  'result-not-masked': () =>
    'An agent may leave such a value unmasked. Select one line of at least 6 characters in query, or set outputFile and not secretResult.',
  file: ({ input }) =>
    input === 'bodyFile'
      ? 'See that the file is there and stays as it is while it is sent.'
      : 'See that the folder can be written and has room.',
};

/** Whether a request may have arrived although no answer came. */
function mayHaveActed(method: string, { kind, reason }: Problem<'no-answer'>['why']): boolean {
  const isConnected = kind === 'connection' && !/ECONNREFUSED|ENOTFOUND|EAI_AGAIN/.test(reason);
  return (method === 'POST' || method === 'PATCH') && isConnected;
}

/** What to do about a problem. */
export function findCallHint(problem: CallProblem): string {
  const hint = HINTS[problem.kind] as (problem: CallProblem) => string;
  return hint(problem);
}
