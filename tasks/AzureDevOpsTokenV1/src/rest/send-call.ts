import type { Answer } from '../azure-devops/answer';
import type { BodySink } from '../azure-devops/body';
import type { Client } from '../azure-devops/client';
import type { Patience } from '../azure-devops/repeating';
import type { RequestedCall } from '../inputs/task-inputs';
import { addVersion, isPreviewOnly } from './api-version';
import type { RequestBody } from './request-body';

/** Enough to be looked at as JSON, and still at home in the memory of a small machine. */
const LARGEST_JSON = 256 * 1024 * 1024;
const LARGEST_WORDS = 1024 * 1024;

export interface Sending {
  readonly client: Client;
  readonly token: string;
  readonly body: RequestBody | undefined;
  readonly sink: BodySink;
  readonly tell: (line: string) => void;
}

/**
 * Makes the call of a step; once more where the resource is still in preview and nobody chose a version.
 * @throws {NoAnswer}
 * @throws {Failure}
 */
export async function sendCall(call: RequestedCall, sending: Sending): Promise<Answer> {
  const { apiVersion, headers, isVersionDefault } = call;
  const withVersion = (version: string | undefined) =>
    version === undefined ? call.url : addVersion(call.url, version, headers.get('accept'));
  const url = withVersion(apiVersion);
  const answer = await send(call, url, sending);
  const isChosen = !isVersionDefault || url === call.url;
  if (apiVersion === undefined || isChosen || !isPreviewOnly(answer)) {
    return answer;
  }
  const preview = `${apiVersion}-preview`;
  sending.tell(
    `The resource is in preview. The call is repeated with that version; to save the first one, write apiVersion: ${preview}`,
  );
  return send(call, withVersion(preview), sending);
}

function send(call: RequestedCall, url: URL, sending: Sending): Promise<Answer> {
  const { body, client, token, sink } = sending;
  const contentType = body === undefined ? [] : [['content-type', body.contentType] as const];
  return client.ask({
    method: call.method,
    url,
    token,
    patience: findPatience(call),
    headers: new Map([...contentType, ...call.headers]),
    body: body?.body,
    followsRedirect: (status) => !call.isExpected(status),
    reception: { keptBytes: needsAll(call) ? LARGEST_JSON : LARGEST_WORDS, sink },
  });
}

/** Whether the body is looked at as JSON, or has no file to be in. */
function needsAll({ query, failWhen, isResultSecret, outputFile }: RequestedCall): boolean {
  return query !== undefined || failWhen !== undefined || (isResultSecret && !outputFile);
}

/** Nothing ends a call that goes on but a silence. */
function findPatience({ requestTimeoutMs, maxRetries }: RequestedCall): Patience {
  return {
    attempt: { ms: requestTimeoutMs, isOfSilence: true },
    lastAttemptAtMs: Infinity,
    endMs: Infinity,
    firstPauseMs: 1_000,
    longestPauseMs: 30_000,
    mostRetries: maxRetries,
  };
}
