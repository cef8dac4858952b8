// A bad day of Azure DevOps: each kind of answer, in each place that reads one. What comes of it, and that it comes in time.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { TaskError } from '../../tasks/AzureDevOpsTokenV1/src/errors/task-error';
import { compileExpression } from '../../tasks/AzureDevOpsTokenV1/src/jmespath';
import type { RestCall } from '../../tasks/AzureDevOpsTokenV1/src/inputs/task-inputs';
import { verifyMembership } from '../../tasks/AzureDevOpsTokenV1/src/azure-devops/membership';
import { makeRestCall } from '../../tasks/AzureDevOpsTokenV1/src/rest/rest-call';
import type { Fault } from '../emulators/faults';
import { startOrganization } from '../emulators/organization/organization';
import { redirect, refuse, signInPage } from '../emulators/organization/error-responses';
import { fakeEnvironment } from '../unit/fakes';
import { CALL, TOKEN } from '../unit/rest/plain-call';
import { speedUp, type FastClock } from './fast-time';

const PLACES = ['verification', 'call', 'page 1', 'page 2', 'look', 'download'] as const;
type Where = (typeof PLACES)[number];

const json = (
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
  status = 200,
): Fault => ({
  kind: 'response',
  status,
  headers: { activityid: 'x', 'content-type': 'application/json', ...headers },
  body,
});
const busy = (status: number, retryAfter: string) =>
  refuse(status, 'TF400733: Busy.', { 'retry-after': retryAfter });
const raw = (text: string): Fault => ({ kind: 'raw', text });
const YEAR = String(365 * 86_400);
const PAGE = '<html><head><title>Access denied</title></head></html>';

/** What an answer is, and what comes of it: in every place, or in some of them something else. */
const ANSWERS: Readonly<Record<string, readonly [Fault, Partial<Record<Where | 'all', string>>]>> =
  {
    'a sign-in page as a 200': [signInPage(200), { all: 'unknown-identity' }],
    'a sign-in page as a 203': [signInPage(203), { all: 'unknown-identity' }],
    'a redirect to sign in': [
      redirect('https://spsprodweu1.vssps.visualstudio.com/_signin'),
      { all: 'unknown-identity' },
    ],
    'a redirect without TLS': [redirect('http://203.0.113.7/'), { all: 'redirect' }],
    'a redirect to something that is no URL': [redirect('http://['), { all: 'unexpected' }],
    '401': [refuse(401, 'TF400813: no'), { all: 'unknown-identity' }],
    '403': [refuse(403, 'VS800075: no'), { all: 'forbidden' }],
    '404': [refuse(404, 'Not there'), { all: 'not-found' }],
    '409': [refuse(409, 'Conflict'), { all: 'unexpected' }],
    '418': [refuse(418, '##vso[task.complete result=Succeeded]'), { all: 'unexpected' }],
    '429 for ever': [busy(429, '1'), { all: 'throttled' }],
    '429, Retry-After a year': [busy(429, YEAR), { all: 'throttled' }],
    '429, Retry-After negative': [busy(429, '-5'), { all: 'throttled' }],
    '429, Retry-After not a number': [busy(429, 'soon'), { all: 'throttled' }],
    '429, Retry-After larger than any': [busy(429, '9'.repeat(400)), { all: 'throttled' }],
    '429, Retry-After a date long ago': [
      busy(429, 'Thu, 01 Jan 1970 00:00:00 GMT'),
      { all: 'throttled' },
    ],
    '429, Retry-After a date far off': [
      busy(429, 'Fri, 31 Dec 9999 23:59:59 GMT'),
      { all: 'throttled' },
    ],
    '500 for ever': [refuse(500, 'Broken'), { all: 'server-error' }],
    '503 for ever': [refuse(503, 'Busy'), { all: 'server-error' }],
    '599': [refuse(599, 'Broken'), { all: 'server-error' }],
    'a page of a firewall': [
      { kind: 'response', status: 200, headers: { 'content-type': 'text/html' }, body: PAGE },
      { verification: 'not-services', all: 'web-page' },
    ],
    'a page of a firewall as a 403': [
      { kind: 'response', status: 403, headers: { 'content-type': 'text/html' }, body: PAGE },
      { verification: 'not-services', all: 'proxy-page' },
    ],
    'a reset': [{ kind: 'reset' }, { all: 'connection' }],
    silence: [{ kind: 'silence' }, { all: 'connection' }],
    'silence after the headers': [{ kind: 'silence', afterHeaders: true }, { all: 'connection' }],
    'an answer that breaks off': [{ kind: 'truncated' }, { all: 'connection' }],
    'no HTTP': [raw('SSH-2.0-x\r\n'), { all: 'connection' }],
    'a content length that promises more': [
      raw(
        'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{"value":[]}',
      ),
      { all: 'connection' },
    ],
    'two content lengths': [
      raw('HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}'),
      { all: 'connection' },
    ],
    'a header that does not end': [
      raw(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(200_000)}`),
      { all: 'connection' },
    ],
    nothing: [
      json(Buffer.alloc(0)),
      { verification: 'not-services', call: 'success', download: 'success', all: 'not-json' },
    ],
    'a 204': [
      { kind: 'response', status: 204, headers: { activityid: 'x' } },
      {
        verification: 'unexpected',
        call: 'success',
        look: 'wait-over',
        download: 'success',
        all: 'not-json',
      },
    ],
    'a text': [
      json('just text', { 'content-type': 'text/plain' }),
      { verification: 'not-services', call: 'success', download: 'success', all: 'not-json' },
    ],
    'JSON that breaks off': [
      json(Buffer.from('{"value":[1,')),
      { verification: 'not-services', call: 'success', download: 'success', all: 'not-json' },
    ],
    'two JSON documents': [
      json(Buffer.from('{"value":[1]}{"value":[2]}')),
      { verification: 'not-services', call: 'success', download: 'success', all: 'not-json' },
    ],
    'invalid UTF-8': [
      json(Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])),
      { verification: 'not-services', call: 'success', download: 'success', all: 'not-json' },
    ],
    'a large body, compressed': [
      json(gzipSync(Buffer.alloc(1_000_000, ' ')), { 'content-encoding': 'gzip' }),
      { verification: 'not-services', call: 'success', download: 'success', all: 'not-json' },
    ],
    'JSON of another shape': [
      json({ other: true }),
      {
        verification: 'not-services',
        call: 'success',
        download: 'success',
        look: 'wait-over',
        all: 'no-list',
      },
    ],
    'a list': [json([1, 2]), { verification: 'not-services', look: 'wait-over', all: 'success' }],
    'a number': [
      json(Buffer.from('5')),
      {
        verification: 'not-services',
        call: 'success',
        download: 'success',
        look: 'wait-over',
        all: 'no-list',
      },
    ],
    null: [
      json(Buffer.from('null')),
      {
        verification: 'not-services',
        call: 'success',
        download: 'success',
        look: 'wait-over',
        all: 'no-list',
      },
    ],
    'the token': [
      json({ value: [TOKEN.token] }),
      { verification: 'not-services', all: 'reflected-token' },
    ],
  };

interface Outcome {
  readonly outcome: string;
  readonly elapsedMs: number;
  readonly requests: number;
}

async function perform(where: Where, fault: Fault, clock: FastClock): Promise<Outcome> {
  const good: Partial<Record<Where, Fault>> = {
    'page 2': json({ value: [1], continuationToken: 'next' }),
    look: json({ state: 'begun' }),
  };
  const server = await startOrganization({
    isPlain: true,
    issued: [TOKEN.token],
    faults: where in good ? [good[where]] : [],
    lastingFault: fault,
  });
  const folder = mkdtempSync(join(tmpdir(), 'faults-'));
  const startedAt = clock.elapsed();
  try {
    const outcome = await send(where, { origin: server.origin, folder, clock });
    // Whatever is no success leaves no file behind.
    assert.ok(outcome === 'success' || !existsSync(join(folder, 'answer')), `${where}: a file`);
    return { outcome, elapsedMs: clock.elapsed() - startedAt, requests: server.requests.length };
  } finally {
    await server.close();
    rmSync(folder, { recursive: true });
  }
}

interface Setting {
  readonly origin: string;
  readonly folder: string;
  readonly clock: FastClock;
}

async function send(where: Where, { origin, folder, clock }: Setting): Promise<string> {
  const organization = { name: 'MyOrg', url: `${origin}/MyOrg` };
  const host = new URL(origin).host;
  const options = {
    clock,
    environment: fakeEnvironment(),
    allowedHosts: [host],
    log: () => undefined,
    warn: () => undefined,
  };
  try {
    if (where === 'verification') {
      await verifyMembership({ organization, token: TOKEN }, options);
      return 'success';
    }
    const url = new URL(`${organization.url}/_apis/x`);
    const own = { isVersionDefault: false, maxRetries: 2, ...DIFFERENCES[where] };
    const call = { ...CALL, url, organization, ...own };
    const outputFile = ['download', 'page 2'].includes(where) ? join(folder, 'answer') : undefined;
    const context = {
      identityDetails: TOKEN,
      getToken: () => Promise.resolve(TOKEN),
      showProgress: () => undefined,
      temporaryFolder: folder,
    };
    const { error: failure } = await makeRestCall(
      { ...call, outputFile },
      { ...options, ...context },
    );
    return failure === undefined ? 'success' : kindOf(failure);
  } catch (error) {
    return kindOf(error);
  }
}

/** Of a failure that we foresee, with its three parts; there is no other. */
function kindOf(error: unknown): string {
  assert.ok(error instanceof TaskError, String(error));
  assert.ok(error.message.length > 20 && error.message.length < 3_000 && error.hint.length > 20);
  assert.ok(!`${error.message}${error.hint}`.includes(TOKEN.token), 'the token is in an error');
  // The conclusion and the details, each on a line.
  assert.ok(!/##|\r|\n[^]*\n/.test(error.message), error.message);
  return error.problem.kind;
}

const DIFFERENCES: Readonly<Partial<Record<Where, Partial<RestCall>>>> = {
  'page 1': { allPages: true },
  'page 2': { allPages: true },
  look: {
    wait: { until: compileExpression("state == 'done'"), intervalMs: 1_000, timeoutMs: 5_000 },
  },
};

/** The longest that each place may take, in milliseconds by its own clock, and how often it may ask. */
const LIMITS: Readonly<Record<Where, readonly [ms: number, requests: number]>> = {
  verification: [60_000, 6],
  call: [80_000, 3],
  'page 1': [80_000, 3],
  'page 2': [80_000, 4],
  look: [80_000, 9],
  download: [80_000, 3],
};

describe('a bad day of Azure DevOps', function () {
  this.timeout(300_000);
  const answers = Object.entries(ANSWERS);

  it(`of any kind of answer, in each place that reads one (${answers.length * PLACES.length} cases)`, async () => {
    const problems: string[] = [];
    await speedUp(async (clock) => {
      for (const [name, [fault, expected]] of answers) {
        const all = PLACES.map(async (where) => {
          const { outcome, elapsedMs, requests } = await perform(where, fault, clock);
          const wanted = expected[where] ?? expected.all;
          const [mostMs, mostRequests] = LIMITS[where];
          if (outcome !== wanted || elapsedMs > 2 * mostMs || requests > mostRequests) {
            problems.push(`${name}, ${where}: ${outcome}, ${elapsedMs} ms, ${requests} requests`);
          }
        });
        await Promise.all(all);
      }
    });
    assert.deepEqual(problems, []);
  });

  it('of continuation tokens without end (1 case), which end with the patience of whoever cancels, or when one comes twice', async () => {
    let pages = 0;
    const response = (): Fault => json({ value: [pages], continuationToken: String(pages++ % 50) });
    const faults = Array.from({ length: 200 }, response);
    const server = await startOrganization({ isPlain: true, issued: [TOKEN.token], faults });
    const folder = mkdtempSync(join(tmpdir(), 'faults-'));
    const outcome = await speedUp((clock) =>
      send('page 1', { origin: server.origin, folder, clock }),
    );
    assert.equal(outcome, 'paging-loop');
    assert.equal(server.requests.length, 51);
    await server.close();
    rmSync(folder, { recursive: true });
  });
});
