// When each attempt of a request begins. The tables are a promise to users: overview.md and the pages give the limits.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { createPipelineRequest } from '@azure/core-rest-pipeline';
import type { Clock } from '../../../tasks/AzureDevOpsTokenV1/src/clock';
import type { RequestLimits } from '../../../tasks/AzureDevOpsTokenV1/src/http/request';
import { EndpointClient } from '../../../tasks/AzureDevOpsTokenV1/src/identity/endpoint-client';
import { REST_CALL_RETRY, SHORT_REQUEST } from '../../../tasks/AzureDevOpsTokenV1/src/limits';
import { listen } from './listen';
import { makeClient } from './make-client';

const restCall = (maxRetries: number): RequestLimits => ({
  attemptMs: Infinity,
  idleMs: 300_000,
  totalMs: Infinity,
  retry: { ...REST_CALL_RETRY, maxElapsedMs: Infinity, maxRetries },
});

/** Runs a request against a server that always returns one response, in a time of its own. */
async function findTimetable(
  response: { readonly status: number; readonly headers?: Readonly<Record<string, string>> },
  send: (url: URL, clock: Clock) => Promise<unknown>,
): Promise<readonly number[]> {
  const moments: number[] = [];
  let nowMs = 0;
  const server = createServer((_, reply) => {
    moments.push(nowMs);
    reply.writeHead(response.status, response.headers).end();
  });
  const sleep = (ms: number) => {
    nowMs += ms;
    return Promise.resolve();
  };
  const url = new URL(`http://127.0.0.1:${await listen(server)}/`);
  try {
    await send(url, { now: () => nowMs, elapsed: () => nowMs, sleep }).catch(() => undefined);
  } finally {
    server.close();
  }
  return moments;
}

const sendToAzureDevOps = (limits: RequestLimits, random: number) => (url: URL, clock: Clock) =>
  makeClient(url, { clock, random: () => random }).send({ method: 'GET', url, limits });

const sendToEndpoint = (random: number) => (url: URL, clock: Clock) => {
  const client = new EndpointClient({
    clock,
    random: () => random,
    maskToken: () => undefined,
    log: () => undefined,
  });
  return client.sendRequest(
    createPipelineRequest({ url: url.href, allowInsecureConnection: true }),
  );
};

describe('the moments of the attempts, in milliseconds after the first', () => {
  const BUSY = { status: 503 };
  const askingFor = (seconds: number) => ({
    status: 429,
    headers: { 'retry-after': String(seconds) },
  });
  /** Returned by a server that is not IMDS. */
  const OTHER_SERVER = { status: 404, headers: { server: 'nginx' } };

  for (const [name, [response, send, moments]] of Object.entries({
    'of a membership check': [
      BUSY,
      sendToAzureDevOps(SHORT_REQUEST, 1),
      [0, 1_000, 3_000, 7_000, 15_000, 25_000],
    ],
    'of a membership check with the shortest pauses': [
      BUSY,
      sendToAzureDevOps(SHORT_REQUEST, 0),
      [0, 500, 1_500, 3_500, 7_500, 12_500],
    ],
    'of a membership check that is to wait 15 s': [
      askingFor(15),
      sendToAzureDevOps(SHORT_REQUEST, 0),
      [0, 15_000, 30_000],
    ],
    'of a membership check that is to wait 15 s, with the longest pauses': [
      askingFor(15),
      sendToAzureDevOps(SHORT_REQUEST, 1),
      [0, 16_500, 33_000],
    ],
    'of a membership check that is to wait 41 s': [
      askingFor(41),
      sendToAzureDevOps(SHORT_REQUEST, 1),
      [0],
    ],
    'of a REST call with eight retries': [
      BUSY,
      sendToAzureDevOps(restCall(8), 1),
      [0, 1_000, 3_000, 7_000, 15_000, 31_000, 61_000, 91_000, 121_000],
    ],
    'of a REST call without retries': [BUSY, sendToAzureDevOps(restCall(0), 1), [0]],
    'of a REST call that is to wait 300 s': [
      askingFor(300),
      sendToAzureDevOps(restCall(2), 0),
      [0, 300_000, 600_000],
    ],
    'of a REST call that is to wait 301 s': [
      askingFor(301),
      sendToAzureDevOps(restCall(2), 1),
      [0],
    ],
    'at an identity endpoint that is busy': [
      BUSY,
      sendToEndpoint(1),
      [0, 2_000, 6_000, 14_000, 24_000, 34_000, 44_000, 54_000, 64_000, 74_000, 84_000, 90_000],
    ],
    'at an identity endpoint that is busy, with the shortest pauses': [
      BUSY,
      sendToEndpoint(0),
      [
        0, 1_000, 3_000, 7_000, 12_000, 17_000, 22_000, 27_000, 32_000, 37_000, 42_000, 47_000,
        52_000, 57_000, 62_000, 67_000, 72_000, 77_000, 82_000, 87_000, 90_000,
      ],
    ],
    'at an identity endpoint that wants 60 s': [
      askingFor(60),
      sendToEndpoint(1),
      [0, 66_000, 90_000],
    ],
    'at an identity endpoint that wants 301 s': [askingFor(301), sendToEndpoint(1), [0]],
    'at a server that is not IMDS': [OTHER_SERVER, sendToEndpoint(1), [0, 2_000, 6_000, 9_000]],
  } as const)) {
    it(`are fixed: ${name}`, async () => {
      assert.deepEqual(await findTimetable(response, send), moments);
    });
  }
});
