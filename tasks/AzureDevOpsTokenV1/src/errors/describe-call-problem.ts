import { quoteForeign } from '../server-text';
import { findCallHint } from './call-hints';
import type { CallProblem } from './call-problems';
import { describeDetails, describeHappening } from './describe-happening';
import type { Description } from './description';

/** What to tell a user of a problem: what was attempted and what happened, and what to do. */
export function describeCallProblem(problem: CallProblem): Description {
  const { method, url, answeredBy } = problem;
  const by = answeredBy === undefined ? '' : ` (redirected to ${quoteForeign(answeredBy)})`;
  const message = `Calling Azure DevOps (${method} ${url})${by}: ${describeContent(problem)}.`;
  return { message, hint: findCallHint(problem) };
}

function describeContent(problem: CallProblem): string {
  switch (problem.kind) {
    case 'version':
      return `it answered ${problem.answered.status} about the API version${describeDetails(problem.answered)}`;
    case 'not-json':
      return describeNoJson(problem);
    case 'evaluation':
      return `the expression of ${problem.input} (${quoteForeign(problem.expression)}) does not fit the answer: ${problem.reason}`;
    case 'fail-when':
      return `the answer is what failWhen names: ${quoteForeign(problem.expression)}`;
    case 'echo':
      return 'the answer repeats the token that it was sent';
    case 'result-too-large':
      return `what query selects has ${problem.bytes.toLocaleString('en')} bytes, and an output takes 24,000`;
    case 'result-hostile':
      return `the result holds ${problem.what}`;
    case 'result-not-masked':
      return problem.why === 'lines'
        ? 'the secret result has several lines'
        : 'the secret result has fewer than 6 characters';
    case 'file':
      return `${problem.input} (${quoteForeign(problem.path)}): ${problem.reason}`;
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

function describeNoJson(problem: Extract<CallProblem, { kind: 'not-json' }>): string {
  const { input, contentType, isTooLarge } = problem;
  const type = contentType === undefined ? 'no content type' : quoteForeign(contentType);
  return isTooLarge
    ? `the answer (${type}) is too large for ${input}: more than 256 MiB`
    : `the answer is not JSON (${type}), and ${input} needs JSON`;
}
