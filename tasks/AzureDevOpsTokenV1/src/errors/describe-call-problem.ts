import { describeDuration, describeProgress } from '../duration';
import { untrustedText } from '../untrusted-text';
import { findCallHint } from './call-hints';
import type { CallProblem } from './call-problems';
import { describeDetails, describeHappening } from './describe-happening';
import type { Description } from './description';

/** What to tell a user of a problem: what was attempted and what happened, and what to do. */
export function describeCallProblem(problem: CallProblem): Description {
  const { method, url, respondedBy, progress } = problem;
  const by = respondedBy === undefined ? '' : ` (redirected to ${untrustedText(respondedBy)})`;
  const poll = progress === undefined ? '' : `, ${describeProgress(progress)}`;
  const message = `Calling Azure DevOps (${method} ${url})${by}${poll}: ${describeContent(problem)}.`;
  return { message, hint: findCallHint(problem) };
}

function describeContent(problem: CallProblem): string {
  switch (problem.kind) {
    case 'version':
      return `it answered ${problem.summary.status} about the API version${describeDetails(problem.summary)}`;
    case 'token-withheld':
      return `the last request carried no token, and the server returned ${problem.summary.status}${describeDetails(problem.summary)}`;
    case 'not-json':
    case 'unread':
      return problem.kind === 'unread' ? describeUnread(problem) : describeNoJson(problem);
    case 'evaluation':
    case 'fail-when':
      return describeExpression(problem);
    case 'wait-over':
    case 'no-poll-address':
    case 'poll-host':
      return describeWaiting(problem);
    case 'no-list':
    case 'paging-loop':
      return describePaging(problem);
    case 'echo':
      return 'the answer repeats the token that it was sent';
    case 'result-too-large':
    case 'result-hostile':
    case 'result-not-masked':
      return describeResult(problem);
    case 'file':
      return `${problem.input} (${untrustedText(problem.path)}): ${problem.reason}`;
    case 'no-answer':
    case 'unknown-identity':
    case 'not-services':
    case 'forbidden':
    case 'not-found':
    case 'throttled':
    case 'in-trouble':
    case 'foreign-page':
    case 'redirect':
    case 'unexpected':
      return describeHappening(problem);
  }
}

type Problem<Kind extends CallProblem['kind']> = Extract<CallProblem, { kind: Kind }>;

function describeExpression(problem: Problem<'evaluation' | 'fail-when'>): string {
  const expression = untrustedText(problem.expression);
  return problem.kind === 'fail-when'
    ? `the answer is what failWhen names: ${expression}`
    : `the expression of ${problem.input} (${expression}) does not fit the answer: ${problem.reason}`;
}

function describeResult(
  problem: Problem<'result-too-large' | 'result-hostile' | 'result-not-masked'>,
): string {
  switch (problem.kind) {
    case 'result-too-large':
      return `what query selects has ${problem.bytes.toLocaleString('en')} bytes, and an output takes 24,000`;
    case 'result-hostile':
      return `the result holds ${problem.what}`;
    case 'result-not-masked':
      return problem.why === 'lines'
        ? 'the secret result has several lines'
        : 'the secret result has fewer than 6 characters';
  }
}

function describeWaiting(problem: Problem<'wait-over' | 'no-poll-address' | 'poll-host'>): string {
  switch (problem.kind) {
    case 'wait-over':
      return describeWaitTimeout(problem);
    case 'no-poll-address':
      return 'the answer does not say where waitUntil can look again: it has no Location, url or _links.self.href';
    case 'poll-host':
      return `the answer says to look again at ${untrustedText(problem.host)}, and the token may not go there`;
  }
}

function describeWaitTimeout({ expression, requestedPauseMs }: Problem<'wait-over'>): string {
  const pause =
    requestedPauseMs === 0
      ? ''
      : `; the server asks to wait ${describeDuration(requestedPauseMs)} more (Retry-After)`;
  return `waitUntil (${untrustedText(expression)}) was not true in time${pause}`;
}

function describePaging(problem: Problem<'no-list' | 'paging-loop'>): string {
  if (problem.kind === 'paging-loop') {
    const name = untrustedText(problem.name);
    switch (problem.what) {
      case 'token':
        return `the pages go in circles: the continuation token "${name}" came for the second time`;
      case 'page':
        return `the pages go in circles: page ${name} is one that came before`;
      case 'end':
        return `the list does not end: it has more than ${name} pages`;
    }
  }
  const names = problem.lists.map(untrustedText).join(', ');
  return names === ''
    ? 'the answer has no array at its top level, and allPages needs one'
    : `the answer has several arrays (${names}), and allPages needs a single one`;
}

function describeNoJson(problem: Problem<'not-json'>): string {
  const { input, contentType, isTooLarge } = problem;
  const type = contentType === undefined ? 'no content type' : untrustedText(contentType);
  return isTooLarge
    ? `the answer (${type}) is too large for ${input}: more than 256 MiB`
    : `the answer is not JSON (${type}), and ${input} needs JSON`;
}

function describeUnread({ input, exceeded, reason = '' }: Problem<'unread'>): string {
  if (exceeded === undefined) {
    return `the process that reads the response for ${input} does not run: ${untrustedText(reason)}`;
  }
  return exceeded === 'memory'
    ? `reading the response for ${input} needs more than 1 GiB of memory`
    : `reading the response for ${input} takes more than 5 minutes`;
}
