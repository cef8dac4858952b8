import { isSuccessStatus, readOwnTenantId, type HttpResponse } from '../http/response';
import type { Head } from '../http/response-body';
import type { TaskError } from '../errors/task-error';
import { nameSection, WARNING_HEADINGS } from '../errors/sections';
import type { CallContext, CallProblemDetails } from '../errors/call-problems';
import type { RestCall } from '../inputs/task-inputs';
import type { Outcome } from './success';
import { readBadResult, readResult, type ReadResult } from './result';
import type { ReflectedTokenCheck } from './reflected-token';
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
 * @param toError makes an error of why the REST call is no success
 */
export async function toRestResult(
  outcome: Outcome,
  {
    file,
    guard,
  }: {
    readonly file: Pick<ResponseFile, 'path' | 'keep'>;
    readonly guard: Pick<ReflectedTokenCheck, 'repeatsToken'>;
  },
  toError: (problem: CallProblemDetails & Pick<CallContext, 'respondedBy'>) => TaskError,
): Promise<RestResult> {
  const { call, response, statusProblem, warnings } = outcome;
  // What is no answer of Azure DevOps, such as a sign-in page, is nothing that a later step should find there.
  const isKept =
    response.isWhole && (statusProblem === undefined || !call.isExpected(response.status));
  const responseFile = isKept ? file.path : undefined;
  const read = withhold(call, await readAny(outcome, responseFile));
  // A query can put together what came in parts.
  if (guard.repeatsToken(read.text)) {
    throw toError({ kind: 'echo', respondedBy: undefined });
  }
  await (isKept ? file.keep() : undefined);
  const problem = statusProblem ?? outcome.problem ?? read.problem;
  const head = describeHead(call, response);
  const { host } = response.url;
  const respondedBy = host === call.url.host ? undefined : host;
  return {
    ...head,
    result: read.text,
    tenantId: statusProblem === undefined ? readAcceptingTenantId(call, response) : undefined,
    responseFile,
    warnings: [
      ...head.warnings,
      ...warnings,
      ...(read.warning === undefined ? [] : [read.warning]),
    ],
    error: problem === undefined ? undefined : toError({ ...problem, respondedBy }),
  };
}

function readAny(
  { call, response, statusProblem }: Outcome,
  responseFile: string | undefined,
): ReadResult | Promise<ReadResult> {
  return statusProblem === undefined
    ? readResult(call, response, responseFile)
    : readBadResult(call, response, responseFile);
}

/** Of a secret that the step did not ask for as an output, nothing becomes one. */
export function withhold({ isResultWithheld }: RestCall, read: ReadResult): ReadResult {
  if (isResultWithheld !== true) {
    return read;
  }
  const isOfResult = read.problem?.kind.startsWith('result-') ?? false;
  return { text: '', problem: isOfResult ? undefined : read.problem };
}

/** What it says of its tenant is worth nothing if the token was not sent, or the user was taken for an anonymous one. */
function readAcceptingTenantId({ url }: RestCall, response: HttpResponse): string | undefined {
  const isAnonymous = /^a{8}(?:-a{4}){3}-a{12}/i.test(response.header('x-vss-userdata') ?? '');
  const isSent = response.tokenWithheldFrom === undefined && response.url.host === url.host;
  return isSuccessStatus(response.status) && isSent && !isAnonymous
    ? readOwnTenantId(response.headers)
    : undefined;
}

/** What an answer leaves although its body is of no use. */
export function describeHead(
  { isResultSecret }: RestCall,
  { status, headers }: Head,
): Omit<RestResult, 'error'> {
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

function withoutCookies(headers: HttpResponse['headers']): HttpResponse['headers'] {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !name.startsWith('set-cookie')),
  );
}
