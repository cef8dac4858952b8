import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Answer } from '../azure-devops/answer';
import type { Head } from '../azure-devops/body';
import { Client, type ClientOptions } from '../azure-devops/client';
import { NoAnswer } from '../azure-devops/no-answer';
import { CallFailure } from '../errors/call-failure';
import type { CallContext, CallTrouble, FileProblem } from '../errors/call-problems';
import { describeSystemError } from '../errors/system-error';
import type { AccessToken } from '../identity/identity';
import type { RequestedCall } from '../inputs/task-inputs';
import { readOrganizationName } from '../service-hosts';
import { EchoGuard } from './echo-guard';
import { judge } from './judge';
import { readBadResult, readResult } from './read-result';
import { readBody } from './request-body';
import { ResponseFile, type FilePlace } from './response-file';
import type { RestResult } from './rest-result';
import { toJsonObject } from './result-text';
import { sendCall } from './send-call';

export interface CallOptions extends ClientOptions {
  readonly token: AccessToken;
  readonly temporaryFolder: string;
}

/**
 * Makes the call of a step with the token.
 * @returns what came of it, also where that is no success
 * @throws {CallFailure} where no answer came, or one that must not be kept
 */
export async function callAzureDevOps(
  call: RequestedCall,
  options: CallOptions,
): Promise<RestResult> {
  const context = describeCall(call, options.token);
  const report = (input: FileProblem['input'], path: string) => (error: unknown) => {
    const reason = typeof error === 'string' ? error : describeSystemError(error);
    return new CallFailure({ ...context, kind: 'file', input, path, reason });
  };
  const temporary = join(options.temporaryFolder, `azure-devops-${randomUUID()}`);
  const file = new ResponseFile(
    (status) => findPlace(call, status, temporary),
    (path, error) => report(path === temporary ? 'Agent.TempDirectory' : 'outputFile', path)(error),
  );
  const { token } = options.token;
  const guard = new EchoGuard(file, token, () => new CallFailure({ ...context, kind: 'echo' }));
  try {
    const body = readBody(call, report('bodyFile', call.bodyFile ?? ''));
    const sending = { client: new Client(options), token, body, sink: guard, tell: options.tell };
    const answer = await sendCall(call, sending);
    return await conclude(call, answer, { context, file });
  } catch (error) {
    if (error instanceof CallFailure && error.problem.kind === 'file' && guard.last !== undefined) {
      // The server has answered: a later step may have to know how.
      return { ...describeHead(call, guard.last), failure: error };
    }
    throw error instanceof NoAnswer
      ? new CallFailure({ ...context, kind: 'no-answer', why: error.why })
      : error;
  } finally {
    await file.discard();
  }
}

interface Surroundings {
  readonly context: CallContext;
  readonly file: ResponseFile;
}

async function conclude(
  call: RequestedCall,
  answer: Answer,
  { context, file }: Surroundings,
): Promise<RestResult> {
  const misfortune = judge(call, answer);
  // What is no answer of Azure DevOps, such as a sign-in page, is nothing that a later step should find there.
  const isKept = answer.isWhole && (misfortune === undefined || !call.isExpected(answer.status));
  const responseFile = isKept ? await file.keep() : undefined;
  const read =
    misfortune === undefined
      ? readResult(call, answer, responseFile)
      : { ...readBadResult(call, answer, responseFile), problem: misfortune };
  const { host } = answer.url;
  const answeredBy = host === call.url.host ? undefined : host;
  const fail = (trouble: CallTrouble) => new CallFailure({ ...context, answeredBy, ...trouble });
  return {
    ...describeHead(call, answer),
    result: read.text,
    responseFile,
    warning: read.warning,
    failure: read.problem === undefined ? undefined : fail(read.problem),
  };
}

/** What an answer leaves although its body is of no use. */
function describeHead(
  { isResultSecret }: RequestedCall,
  { status, headers }: Head,
): Omit<RestResult, 'failure'> {
  return {
    statusCode: status,
    responseHeaders: toJsonObject(withoutCookies(headers)),
    result: '',
    isResultSecret,
    responseFile: undefined,
    warning: undefined,
  };
}

/** An answer that the step does not expect is never put where the step wants a good one. */
function findPlace(
  { outputFile, isExpected, isResultSecret }: RequestedCall,
  status: number,
  temporary: string,
): FilePlace | undefined {
  if (outputFile !== undefined && isExpected(status)) {
    return { path: outputFile, isPrivate: false };
  }
  return isResultSecret ? undefined : { path: temporary, isPrivate: true };
}

function describeCall(
  { method, url, organization }: RequestedCall,
  { clientId, objectId, tenantId }: AccessToken,
): CallContext {
  return {
    method,
    url: `${url.origin}${url.pathname}`,
    organization: readOrganizationName(url) ?? organization?.name ?? url.host,
    bearer: { clientId, objectId, tenantId },
  };
}

function withoutCookies(headers: Answer['headers']): Answer['headers'] {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !name.startsWith('set-cookie')),
  );
}
