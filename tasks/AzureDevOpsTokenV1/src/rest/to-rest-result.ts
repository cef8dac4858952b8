import {
  ANONYMOUS_USER,
  isSuccessStatus,
  readOwnTenantId,
  type HttpResponse,
} from '../http/response';
import type { Head } from '../http/response-body';
import type { TaskError } from '../errors/task-error';
import { nameSection, WARNINGS } from '../errors/sections';
import type { AzureDevOpsContext } from '../errors/azure-devops-problem';
import type { RestProblemDetails } from '../errors/rest-request';
import type { RestCall } from '../inputs/task-inputs';
import type { CurrentCall, Outcome } from './outcome';
import { readBadResult, readResult, type ReadResult } from './result';
import type { ReflectedTokenCheck } from './reflected-token';
import type { ResponseFile } from './response-file';
import type { RestResult } from './rest-result';
import { toJsonObject } from './result-text';
import { MAX_OUTPUT_BYTES } from '../limits';

/** The warning for headers that are too large for an output. */
export const NO_HEADERS =
  `The output responseHeaders is empty, because the headers have more than ${MAX_OUTPUT_BYTES.toLocaleString('en')} bytes as JSON.\n` +
  'If no later step reads responseHeaders, ignore this warning. Otherwise, send the request in a script.\n' +
  nameSection(WARNINGS['empty-headers']);

/**
 * Makes the outputs of a REST call from its last outcome.
 * @param file contains the last response
 * @param tokenCheck knows the tokens that were sent
 * @param toError makes the error of a problem
 */
export async function toRestResult(
  outcome: Outcome,
  {
    file,
    tokenCheck,
  }: {
    readonly file: Pick<ResponseFile, 'path' | 'keep'>;
    readonly tokenCheck: Pick<ReflectedTokenCheck, 'repeatsToken'>;
  },
  toError: (problem: RestProblemDetails & Pick<AzureDevOpsContext, 'respondedBy'>) => TaskError,
): Promise<RestResult> {
  const { call, response, statusProblem, warnings } = outcome;
  // An error response is kept for later steps. A sign-in page with an expected status is not, because a later step would use it.
  const isKept =
    response.isWhole && (statusProblem === undefined || !call.isExpected(response.status));
  const responseFile = isKept ? file.path : undefined;
  const read = withhold(call, await readAny(outcome, responseFile));
  // A query can join the parts of a token that were apart in the response.
  if (tokenCheck.repeatsToken(read.text)) {
    throw toError({ kind: 'reflected-token', respondedBy: undefined });
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

/** Removes a result that is a secret, if the step does not set `secretResult`. */
export function withhold({ isResultWithheld }: CurrentCall, read: ReadResult): ReadResult {
  if (isResultWithheld !== true) {
    return read;
  }
  const isOfResult = read.problem?.kind.startsWith('result-') ?? false;
  return { text: '', problem: isOfResult ? undefined : read.problem };
}

/** The tenant of the organization. It is not the tenant of the identity if the token was not sent, or the user was anonymous. */
function readAcceptingTenantId({ url }: RestCall, response: HttpResponse): string | undefined {
  const user = response.header('x-vss-userdata') ?? '';
  const isAnonymous = user.toLowerCase().startsWith(ANONYMOUS_USER);
  const isSent = response.tokenWithheldFrom === undefined && response.url.host === url.host;
  return isSuccessStatus(response.status) && isSent && !isAnonymous
    ? readOwnTenantId(response.headers)
    : undefined;
}

/** The outputs of a response without its body. */
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
