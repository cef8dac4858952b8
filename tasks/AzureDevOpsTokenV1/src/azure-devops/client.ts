import {
  createDefaultHttpClient,
  createEmptyPipeline,
  createHttpHeaders,
  createPipelineRequest,
  isRestError,
  retryPolicy,
} from '@azure/core-rest-pipeline';
import type { Pipeline, ProxySettings } from '@azure/core-rest-pipeline';
import { version } from '../../task.json';
import type { Clock } from '../clock';
import type { Environment } from '../environment';
import { mayGetToken } from '../token-hosts';
import type { Answer } from './answer';
import { PROXY_REFUSES, sendOnce, type AttemptFailure } from './attempt';
import { describeCode, isAboutCertificate, NoAnswer } from './no-answer';
import { readProxy } from './proxy';
import { MOST_RETRIES, PATIENCE, Repeating, type Patience } from './repeating';

/** By this, an administrator finds the calls of the task in the logs of an organization. */
export const USER_AGENT = `AzureDevOpsToken/${version.Major}.${version.Minor}.${version.Patch}`;

export interface ClientOptions {
  readonly clock: Clock;
  readonly environment: Environment;
  /** Called with a sentence when a request is about to be repeated. */
  readonly tell: (line: string) => void;
  readonly patience?: Patience;
  readonly random?: () => number;
}

/** One request to Azure DevOps. */
export interface Call {
  readonly url: URL;
  readonly token: string;
  /** Hosts outside Azure DevOps that may get the token. */
  readonly allowedHosts: readonly string[];
}

/**
 * Asks Azure DevOps for JSON. Repeats what passes, within the time that there is; follows no redirect.
 * @throws {NoAnswer}
 */
export async function askAzureDevOps(call: Call, options: ClientOptions): Promise<Answer> {
  const { url, token, allowedHosts } = call;
  if (!mayGetToken(url, allowedHosts)) {
    throw new Error('The token may not be sent there');
  }
  // Without TLS the token goes to this machine only, and would stand in plain text before a proxy.
  const proxy = url.protocol === 'https:' ? readProxy(options.environment) : undefined;
  const repeating = new Repeating(url.host, {
    patience: PATIENCE,
    random: Math.random,
    ...options,
  });
  const request = createPipelineRequest({
    url: url.href,
    // The library hands the brackets of an IPv6 address on to the name service.
    requestOverrides: { hostname: url.hostname.replace(/^\[(.*)\]$/, '$1') },
    allowInsecureConnection: url.protocol === 'http:',
    headers: createHttpHeaders({
      accept: 'application/json',
      authorization: `Bearer ${token}`,
      'user-agent': USER_AGENT,
      // Otherwise Azure DevOps sends whom it does not know to a page for people.
      'x-tfs-fedauthredirect': 'Suppress',
    }),
  });
  try {
    const pipeline = openPipeline(proxy, repeating);
    const response = await pipeline.sendRequest(createDefaultHttpClient(), request);
    const { status, headers, bodyAsText } = response;
    return { url, status, header: (name) => headers.get(name), text: bodyAsText ?? '' };
  } catch (error) {
    throw isRestError(error)
      ? toNoAnswer(error as AttemptFailure, { server: url.host, proxy }, repeating)
      : error;
  }
}

function openPipeline(proxy: ProxySettings | undefined, repeating: Repeating): Pipeline {
  const pipeline = createEmptyPipeline();
  pipeline.addPolicy(retryPolicy([repeating], { maxRetries: MOST_RETRIES }), { phase: 'Retry' });
  pipeline.addPolicy(
    {
      name: 'attempt',
      sendRequest: (request, next) =>
        sendOnce(request, next, { timeoutMs: repeating.startAttempt(), proxy }),
    },
    { afterPhase: 'Retry' },
  );
  return pipeline;
}

interface Hosts {
  readonly server: string;
  readonly proxy: ProxySettings | undefined;
}

function toNoAnswer(failure: AttemptFailure, hosts: Hosts, repeating: Repeating): NoAnswer {
  const { code = 'UNKNOWN', statusCode, whom } = failure;
  const { server, proxy } = hosts;
  const isProxy = whom === 'proxy' && proxy !== undefined;
  const host = isProxy ? `${new URL(proxy.host).hostname}:${proxy.port}` : server;
  const tried = { ...repeating.describe(), host };
  if (isAboutCertificate(code)) {
    return new NoAnswer({ ...tried, kind: 'certificate', reason: code });
  }
  const reason = code === PROXY_REFUSES ? `it answered ${statusCode ?? 0}` : describeCode(code);
  return new NoAnswer({ ...tried, kind: isProxy ? 'proxy' : 'connection', reason });
}
