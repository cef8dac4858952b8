import { isSuccessStatus, readOwnTenantId, type Answer } from '../http/response';
import type { Head } from '../http/response-body';
import type { Failure } from '../errors/task-error';
import { nameSection, WARNING_HEADINGS } from '../errors/sections';
import type { CallContext, CallTrouble } from '../errors/call-problems';
import type { RequestedCall } from '../inputs/task-inputs';
import type { Outcome } from './success';
import { readBadResult, readResult, type ReadResult } from './result';
import type { EchoGuard } from './reflected-token';
import type { ResponseFile } from './response-file';
import type { RestResult } from './rest-result';
import { toJsonObject } from './result-text';

/** A warning. */
export const NO_HEADERS =
  'The headers of the answer have over 24,000 bytes as JSON: the output responseHeaders is empty.\n' +
  nameSection(WARNING_HEADINGS['empty-headers']);

/**
 * What a call leaves.
 * @param file the last answer is in it
 * @param guard knows the tokens that were sent
 * @param toFailure makes a failure of why the call is no success
 */
export async function conclude(
  outcome: Outcome,
  {
    file,
    guard,
  }: {
    readonly file: Pick<ResponseFile, 'path' | 'keep'>;
    readonly guard: Pick<EchoGuard, 'repeatsToken'>;
  },
  toFailure: (trouble: CallTrouble & Pick<CallContext, 'answeredBy'>) => Failure,
): Promise<RestResult> {
  const { call, answer, misfortune, warnings } = outcome;
  // What is no answer of Azure DevOps, such as a sign-in page, is nothing that a later step should find there.
  const isKept = answer.isWhole && (misfortune === undefined || !call.isExpected(answer.status));
  const responseFile = isKept ? file.path : undefined;
  const read = withhold(call, await readAny(outcome, responseFile));
  // A query can put together what came in parts.
  if (guard.repeatsToken(read.text)) {
    throw toFailure({ kind: 'echo', answeredBy: undefined });
  }
  await (isKept ? file.keep() : undefined);
  const problem = misfortune ?? outcome.problem ?? read.problem;
  const head = describeHead(call, answer);
  const { host } = answer.url;
  const answeredBy = host === call.url.host ? undefined : host;
  return {
    ...head,
    result: read.text,
    tenantId: misfortune === undefined ? readAcceptingTenantId(call, answer) : undefined,
    responseFile,
    warnings: [
      ...head.warnings,
      ...warnings,
      ...(read.warning === undefined ? [] : [read.warning]),
    ],
    failure: problem === undefined ? undefined : toFailure({ ...problem, answeredBy }),
  };
}

function readAny(
  { call, answer, misfortune }: Outcome,
  responseFile: string | undefined,
): ReadResult | Promise<ReadResult> {
  return misfortune === undefined
    ? readResult(call, answer, responseFile)
    : readBadResult(call, answer, responseFile);
}

/** Of a secret that the step did not ask for as an output, nothing becomes one. */
export function withhold({ isResultWithheld }: RequestedCall, read: ReadResult): ReadResult {
  if (isResultWithheld !== true) {
    return read;
  }
  const isOfResult = read.problem?.kind.startsWith('result-') ?? false;
  return { text: '', problem: isOfResult ? undefined : read.problem };
}

/** What it says of its tenant is worth nothing if the token was not sent, or the user was taken for an anonymous one. */
function readAcceptingTenantId({ url }: RequestedCall, answer: Answer): string | undefined {
  const isAnonymous = /^a{8}(?:-a{4}){3}-a{12}/i.test(answer.header('x-vss-userdata') ?? '');
  const isSent = answer.tokenWithheldFrom === undefined && answer.url.host === url.host;
  return isSuccessStatus(answer.status) && isSent && !isAnonymous
    ? readOwnTenantId(answer.headers)
    : undefined;
}

/** What an answer leaves although its body is of no use. */
export function describeHead(
  { isResultSecret }: RequestedCall,
  { status, headers }: Head,
): Omit<RestResult, 'failure'> {
  const responseHeaders = toJsonObject(withoutCookies(headers));
  return {
    statusCode: status,
    responseHeaders: responseHeaders ?? '',
    result: '',
    isResultSecret,
    responseFile: undefined,
    warnings: responseHeaders === undefined ? [NO_HEADERS] : [],
  };
}

function withoutCookies(headers: Answer['headers']): Answer['headers'] {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !name.startsWith('set-cookie')),
  );
}
