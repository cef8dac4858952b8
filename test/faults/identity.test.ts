// A bad day of the identity endpoint, fault by fault: what comes of it, how long it takes at most, and how often the endpoint is asked.
import assert from 'node:assert/strict';
import { signIn } from '../../tasks/AzureDevOpsTokenV1/src/identity/sign-in';
import type { Fault } from '../emulators/faults';
import {
  AZURE_DEVOPS,
  busy,
  startIdentityEndpoint,
  SYSTEM_ASSIGNED,
  TENANT_ID,
  type IdentityEndpoint,
  type IdentityFault,
} from '../emulators/identity-endpoint';
import { IMDS } from '../emulators/identity-dialects';
import { issueToken } from '../emulators/token-issuer';
import { openBareMachine, openSwallowingNetwork } from '../emulators/places';
import { fakeEnvironment } from '../unit/fakes';
import { forgetMsal } from '../unit/forget-msal';
import { FastClock, speedUp } from './fast-time';
import { toProblem } from '../unit/to-problem';

const HOST = 'AZURE_POD_IDENTITY_AUTHORITY_HOST';
/** The limits of the contract, in milliseconds: without an endpoint, and with a busy one. */
const NOBODY = { least: 0, most: 15_000 };
const BUSY = { least: 75_000, most: 120_000 };
const AT_ONCE = { least: 0, most: 5_000 };

interface Expected {
  /** `token`, or the kind of the problem. */
  readonly outcome: string;
  readonly time: { readonly least: number; readonly most: number };
  /** How often the endpoint is asked; absent where that depends on chance. */
  readonly requests?: number;
}

interface Case extends Expected {
  readonly name: string;
  /** Before the good answers, or for ever. */
  readonly faults: readonly IdentityFault[];
  readonly isForEver?: boolean;
}

async function acquire(clock: FastClock): Promise<string> {
  await forgetMsal();
  const identity = await signIn(
    { minimumLifetimeMs: 300_000, isInContainer: false },
    {
      clock,
      environment: fakeEnvironment(),
      allowedHosts: [],
      maskToken: () => undefined,
      log: () => undefined,
    },
  );
  try {
    await identity.getToken();
    return 'token';
  } catch (error) {
    return toProblem(error).kind;
  }
}

describe('a bad day of the identity endpoint', function () {
  this.timeout(300_000);
  let endpoint: IdentityEndpoint;
  let lasting: IdentityFault | undefined;

  before(async () => {
    endpoint = await startIdentityEndpoint({ lastingFault: () => lasting });
  });

  after(async () => {
    await endpoint.close();
  });

  afterEach(() => {
    Reflect.deleteProperty(process.env, HOST);
  });

  /** What is wrong with how a case went. */
  async function perform(one: Case, clock = new FastClock()): Promise<string[]> {
    process.env[HOST] = endpoint.origin;
    endpoint.plan(one.isForEver === true ? [] : one.faults);
    lasting = one.isForEver === true ? one.faults[0] : undefined;
    const before = endpoint.requests.length;
    const outcome = await acquire(clock);
    const [elapsed, requests] = [clock.elapsed(), endpoint.requests.length - before];
    return [
      outcome === one.outcome ? '' : `${outcome} and not ${one.outcome}`,
      elapsed >= one.time.least && elapsed <= 2 * one.time.most ? '' : `it took ${elapsed} ms`,
      one.requests === undefined || one.requests === requests ? '' : `${requests} requests`,
    ]
      .filter((problem) => problem !== '')
      .map((problem) => `${one.name}: ${problem}`);
  }

  async function performAll(cases: readonly Case[]): Promise<void> {
    const problems: string[] = [];
    for (const one of cases) {
      problems.push(...(await perform(one)));
    }
    assert.deepEqual(problems, []);
  }

  // The statuses that have a meaning for the task, their neighbours, and the ends of both classes.
  const statuses = [
    ...[400, 401, 402, 403, 404, 405, 407, 408, 409, 410, 411, 418, 428, 429, 430, 451, 499],
    ...[500, 501, 502, 503, 504, 505, 511, 520, 598, 599],
  ];
  const isPassing = (status: number) => [404, 408, 410, 429].includes(status) || status >= 500;
  const atStatus = statuses.map((status): Case => {
    const rest = isPassing(status)
      ? { outcome: 'endpoint-busy', time: BUSY }
      : { outcome: 'endpoint-refused', time: AT_ONCE, requests: 1 };
    return { name: `${status} for ever`, faults: [busy(status)], isForEver: true, ...rest };
  });
  const afterSome = [1, 2, 3].flatMap((times) =>
    statuses.map((status): Case => {
      const rest = isPassing(status)
        ? { outcome: 'token', time: { least: 0, most: 20_000 }, requests: times + 1 }
        : { outcome: 'endpoint-refused', time: AT_ONCE, requests: 1 };
      const faults = Array.from({ length: times }, () => busy(status));
      return { name: `${status}, ${times} times`, faults, ...rest };
    }),
  );

  it(`of a status from 400 to 599 for ever (${atStatus.length} cases)`, () => performAll(atStatus));

  it(`of a status, once, twice, three times, then a good answer (${afterSome.length} cases)`, () =>
    performAll(afterSome));

  /** An error of Microsoft Entra as IMDS passes it on. */
  const relayed = (code: number, status = 400): Fault => ({
    kind: 'response',
    status,
    body: { error: 'invalid_request', error_description: `AADSTS${code}: x` },
    headers: IMDS.headers,
  });
  const errors: readonly Case[] = [
    ...[50033, 50166, 90024, 90033, 90061].flatMap((code): readonly Case[] => [
      {
        name: `AADSTS${code} for ever`,
        faults: [relayed(code)],
        isForEver: true,
        outcome: code === 50166 || code === 90061 ? 'issuer-unreachable' : 'entra-busy',
        time: BUSY,
      },
      {
        name: `AADSTS${code}, twice`,
        faults: [relayed(code), relayed(code, 401)],
        outcome: 'token',
        time: { least: 0, most: 20_000 },
        requests: 3,
      },
    ]),
    ...(
      [
        [700016, 'unknown-application'],
        [500011, 'no-azure-devops'],
        [53003, 'conditional-access'],
        [123456, 'entra-error'],
      ] as const
    ).map(([code, outcome]): Case => ({
      name: `AADSTS${code}`,
      faults: [relayed(code)],
      outcome,
      time: AT_ONCE,
      requests: 1,
    })),
    // The status says that it passes, and the code why it did not.
    {
      name: 'AADSTS700016 with 503 for ever',
      faults: [relayed(700016, 503)],
      isForEver: true,
      outcome: 'unknown-application',
      time: BUSY,
    },
  ];

  it(`of an error of Microsoft Entra that it passes on (${errors.length} cases)`, () =>
    performAll(errors));

  const foreign: Case = {
    name: '404 of another cloud',
    faults: [{ kind: 'response', status: 404, body: '<html>', headers: { server: 'nginx' } }],
    isForEver: true,
    outcome: 'no-endpoint',
    time: NOBODY,
  };
  const json = (body: unknown, headers = {}): Fault => ({
    kind: 'response',
    status: 200,
    body,
    headers,
  });
  const text = (body: string, type = 'application/json') =>
    json(Buffer.from(body), { 'content-type': type });
  const good = issueToken({
    aud: AZURE_DEVOPS,
    tid: TENANT_ID,
    appid: SYSTEM_ASSIGNED.clientId,
    oid: SYSTEM_ASSIGNED.objectId,
    exp: Math.floor(Date.now() / 1000) + 86_400,
  });
  const expiry = Math.floor(Date.now() / 1000) + 86_400;
  const proper = JSON.stringify({ access_token: good, expires_on: String(expiry), x: 'x' });
  const NOT_A_TOKEN = { outcome: 'not-a-token', time: AT_ONCE, requests: 1 };
  const TOKEN = { outcome: 'token', time: AT_ONCE, requests: 1 };
  const shapes: readonly Case[] = [
    { name: 'the content type of a text', faults: [text(proper, 'text/plain')], ...TOKEN },
    { name: 'the content type of a page', faults: [text(proper, 'text/html')], ...TOKEN },
    { name: 'a byte order mark', faults: [text(`\ufeff${proper}`)], ...TOKEN },
    {
      name: 'invalid UTF-8 beside the token',
      faults: [json(Buffer.from(proper.replace('"x"}', '"\u00ff"}'), 'latin1'))],
      ...TOKEN,
    },
    {
      name: 'invalid UTF-8 in the token',
      faults: [json(Buffer.from(proper.replace('.', '.\u00ff'), 'latin1'))],
      ...NOT_A_TOKEN,
    },
    { name: 'an empty answer', faults: [json('')], ...NOT_A_TOKEN },
    { name: 'a page', faults: [json('<html><body>##vso[x</body></html>')], ...NOT_A_TOKEN },
    ...[null, [], 'text', 5, true, {}, { access_token: 5 }, { access_token: '' }].map(
      (body): Case => ({
        name: `JSON of another shape: ${JSON.stringify(body)}`,
        faults: [text(JSON.stringify(body))],
        ...NOT_A_TOKEN,
      }),
    ),
    {
      name: 'two JSON documents',
      faults: [text('{"access_token":"a.b.c"}{"access_token":"a.b.c"}')],
      ...NOT_A_TOKEN,
    },
    ...['secret', 'aaa.bbb.ccc'].map((token): Case => ({
      name: `a token that cannot be read, and no expiry: ${token}`,
      faults: [text(JSON.stringify({ access_token: token }))],
      outcome: 'no-expiry',
      time: AT_ONCE,
      requests: 1,
    })),
    {
      name: 'a token that cannot be read, with an expiry',
      faults: [text(JSON.stringify({ access_token: 'secret', expires_on: String(expiry) }))],
      ...TOKEN,
    },
    { name: 'JSON that breaks off', faults: [text('{"access_token":"a.b.')], ...NOT_A_TOKEN },
    { name: 'no HTTP', faults: [{ kind: 'raw', text: 'SSH-2.0-x\r\n' }], ...NOT_A_TOKEN },
    ...[201, 202, 203, 204, 206, 299].map((status): Case => ({
      name: `a ${status}`,
      faults: [{ kind: 'response', status, body: {} }],
      ...NOT_A_TOKEN,
    })),
    ...[301, 302, 303, 307, 308].map((status): Case => {
      const headers = { location: 'http://203.0.113.7/' };
      return {
        name: `a redirect (${status})`,
        faults: [{ kind: 'response', status, headers }],
        outcome: 'endpoint-refused',
        time: AT_ONCE,
        requests: 1,
      };
    }),
    ...[
      { expires_on: '946684800' },
      { expires_on: 946684800 },
      { expires_on: undefined, expires_in: undefined },
      { expires_on: '06/20/2030 02:57:58 +00:00' },
      { expires_on: 'soon' },
      { access_token: undefined, expires_on: '1' },
    ].map((fields): Case => {
      const isToken = !('access_token' in fields);
      // The token itself says until when it is good.
      const rest = isToken ? TOKEN : NOT_A_TOKEN;
      const faults: readonly IdentityFault[] = [{ kind: 'altered', fields }];
      return { name: `other times: ${JSON.stringify(fields)}`, faults, ...rest };
    }),
    ...(
      [
        [{ exp: 946_684_800 }, 'expires-soon'],
        // Then the response says it.
        [{ exp: 'soon' }, 'token'],
        [{ exp: undefined }, 'token'],
        [{ aud: 'https://management.azure.com/' }, 'wrong-audience'],
        [{ aud: ['https://management.azure.com/'] }, 'wrong-audience'],
        [{ aud: [AZURE_DEVOPS] }, 'token'],
        // What is not there cannot be checked.
        [{ oid: 'x' }, 'token'],
        [{ tid: undefined }, 'token'],
        [{ appid: undefined }, 'token'],
        [{ appid: SYSTEM_ASSIGNED.clientId.toUpperCase() }, 'token'],
      ] as const
    ).map(([claims, outcome]): Case => {
      const faults: readonly IdentityFault[] = [{ kind: 'altered', claims }];
      const name = `other claims: ${JSON.stringify(claims)}`;
      return { name, faults, outcome, time: AT_ONCE, requests: 1 };
    }),
  ];

  it(`of answers that are none (${shapes.length + 1} cases)`, () =>
    performAll([foreign, ...shapes]));

  const kinds: readonly Case[] = [
    { name: 'a reset', faults: [{ kind: 'reset' }], outcome: 'no-endpoint', time: NOBODY },
    {
      name: 'silence before the headers',
      faults: [{ kind: 'silence' }],
      outcome: 'no-endpoint',
      time: NOBODY,
    },
    {
      name: 'silence after the headers',
      faults: [{ kind: 'silence', afterHeaders: true }],
      outcome: 'endpoint-busy',
      time: BUSY,
    },
    {
      name: 'silence between bytes',
      faults: [{ kind: 'slow', msPerByte: 6_000 }],
      outcome: 'endpoint-busy',
      time: BUSY,
    },
    {
      name: 'one byte a second',
      faults: [{ kind: 'slow', msPerByte: 1_000 }],
      outcome: 'endpoint-busy',
      time: BUSY,
    },
    {
      name: 'an answer that breaks off',
      faults: [{ kind: 'truncated' }],
      outcome: 'endpoint-busy',
      time: BUSY,
    },
  ];
  const lastingly = kinds.map((one): Case => ({
    ...one,
    name: `${one.name}, for ever`,
    isForEver: true,
  }));
  const passingly = [1, 2].flatMap((times) =>
    kinds.map((one): Case => {
      const faults = Array.from({ length: times }, () => one.faults[0] ?? assert.fail());
      const time = { least: 0, most: 60_000 };
      // Whoever was silent twice is given up: nobody may be there.
      const isGivenUp = times === 2 && one.name === 'silence before the headers';
      const outcome = isGivenUp ? 'no-endpoint' : 'token';
      return { name: `${one.name}, ${times} times`, faults, outcome, time };
    }),
  );

  it(`of connections that fail or say nothing (${lastingly.length + passingly.length} cases)`, async () => {
    const problems: string[] = [];
    for (const one of [...lastingly, ...passingly]) {
      problems.push(...(await speedUp((clock) => perform(one, clock))));
    }
    assert.deepEqual(problems, []);
  });

  it('of nobody there: refused, unreachable (2 cases)', async () => {
    for (const open of [openBareMachine, openSwallowingNetwork]) {
      const place = await open();
      process.env[HOST] = place.origin;
      const { outcome, elapsed } = await speedUp(async (clock) => {
        return { outcome: await acquire(clock), elapsed: clock.elapsed() };
      });
      await place.close();
      assert.equal(outcome, 'no-endpoint');
      assert.ok(elapsed <= 2 * NOBODY.most, String(elapsed));
    }
  });

  it('of an answer of 100 MB (1 case), of which a hundredth is read', async () => {
    const before = process.memoryUsage().rss;
    const huge = Buffer.alloc(100 * 1024 * 1024, ' ');
    const one: Case = { name: '100 MB', faults: [json(huge)], ...NOT_A_TOKEN };
    const problems = await perform({ ...one, time: { least: 0, most: 20_000 } });
    assert.deepEqual(problems, []);
    assert.ok(process.memoryUsage().rss - before < 400 * 1024 * 1024);
  });
});
