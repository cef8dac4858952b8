// Log injection: whatever somebody else writes, wherever it comes in, the agent sees no command, no formatting tag and no line but those that
// the task wrote.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { run } from '../../tasks/AzureDevOpsTokenV1/src/run';
import { untrustedText } from '../../tasks/AzureDevOpsTokenV1/src/untrusted-text';
import { readLine } from '../emulators/agent/logging-commands';
import { cleanUp } from '../emulators/agent/run-step';
import type { Fault } from '../emulators/faults';
import {
  startIdentityEndpoint,
  SYSTEM_ASSIGNED,
  type IdentityFault,
} from '../emulators/identity-endpoint';
import { startOrganization } from '../emulators/organization/organization';
import { openMachine } from '../emulators/places';
import { perform } from '../stage';
import { speedUp } from '../faults/fast-time';
import { FakeAgent, fakeEnvironment } from '../unit/fakes';
import { forgetMsal } from '../unit/forget-msal';
import { hostileHeader, hostileText } from './hostile-text';

const HOST = 'AZURE_POD_IDENTITY_AUTHORITY_HOST';
/** More for a release: `npm run soak`. */
const RUNS = Number(process.env['SOAK_RUNS'] ?? 0);
const OF_FUNCTION = Math.max(5_000, RUNS);
const OF_MODULES = Math.max(500, RUNS);
const OF_BUNDLE = Math.max(6, Math.round(RUNS / 20));

/** What is wrong with one line as the agent reads it. */
function findFault(line: string): string | undefined {
  if (/[\n\r\u0085\u2028\u2029\u000b\u000c]/.test(line)) {
    return 'a line break';
  }
  const { kind } = readLine(line);
  return kind === 'text' && !line.includes('##[') ? undefined : kind;
}

/** What comes from somebody else in a step. */
interface Hostility {
  readonly inputs?: (place: { readonly origin: string }) => Readonly<Record<string, string>>;
  readonly variables?: Readonly<Record<string, string>>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly identity?: IdentityFault;
  readonly organization?: Fault;
}

const response = (status: number, body: unknown, headers = {}): Fault => ({
  kind: 'response',
  status,
  headers: { activityid: 'x', 'content-type': 'application/json', ...headers },
  body,
});
const callOf = (more: Readonly<Record<string, string>> = {}) => ({
  inputs: ({ origin }: { readonly origin: string }) => ({
    url: `${origin}/MyOrg/_apis/x`,
    maxRetries: '0',
    ...more,
  }),
});
const inputOf = (name: string) => (text: string) => ({ inputs: () => ({ [name]: text }) });
const statuses = fc.constantFrom(200, 302, 400, 401, 403, 404, 409, 429, 500);

/** Each character as an entity of HTML. */
const escapeAll = (text: string) =>
  Array.from(text, (character) => `&#${character.codePointAt(0) ?? 0};`).join('');

/** Every place in which a text of somebody else can come in. */
const PLACES: Readonly<Record<string, fc.Arbitrary<Hostility>>> = {
  'the words of the identity endpoint': fc
    .tuple(hostileText, fc.constantFrom(400, 401, 403, 404, 500))
    .map(([text, status]) => ({
      identity: response(status, { error: text, error_description: text, message: text }),
    })),
  'the error of Microsoft Entra that the identity endpoint passes on': fc
    .tuple(hostileText, fc.constantFrom(53003, 90033, 700016, 500011), fc.constantFrom(400, 403))
    .map(([text, code, status]) => ({
      identity: response(status, {
        error: text,
        error_description: `AADSTS${code}: ${text}`,
        correlation_id: text,
      }),
    })),
  'the error in an object of the identity endpoint': fc
    .tuple(hostileText, fc.constantFrom(400, 404), fc.constantFrom('', 'IdentityNotFound'))
    .map(([text, status, code]) => ({
      identity: response(status, { error: { code: code || text, message: text } }),
    })),
  'the error of App Service': hostileText.map((text) => ({
    identity: response(500, { statusCode: 500, message: text, correlationId: text }),
  })),
  'an ID of a pod': fc
    .tuple(hostileText, fc.constantFrom('AZURE_CLIENT_ID', 'AZURE_TENANT_ID'))
    .map(([text, name]) => ({
      environment: {
        AZURE_FEDERATED_TOKEN_FILE: '/nowhere',
        AZURE_CLIENT_ID: SYSTEM_ASSIGNED.clientId,
        AZURE_TENANT_ID: SYSTEM_ASSIGNED.clientId,
        [name]: text,
      },
    })),
  'a claim of the token': fc
    .tuple(fc.constantFrom('aud', 'xms_mirid', 'oid', 'tid', 'appid'), hostileText)
    .map(([claim, text]) => ({ identity: { kind: 'altered', claims: { [claim]: text } } })),
  'the body of an error': fc.tuple(hostileText, statuses).map(([message, status]) => ({
    ...callOf(),
    organization: response(status, { message, typeKey: message, errorCode: message }),
  })),
  'the nested messages of an error': fc.tuple(hostileText, statuses).map(([text, status]) => ({
    ...callOf(),
    organization: response(status, {
      error: { message: text, innererror: { message: text } },
      errors: { [text]: [text], x: [{ value: text }] },
      customProperties: { [text]: [{ message: text }] },
      innerException: { message: text },
      value: { Message: text, ModelState: { [text]: [text] } },
    }),
  })),
  'a page, a text or XML in place of an error': fc
    .tuple(
      hostileText,
      statuses,
      fc.constantFrom<readonly [type: string, write: (text: string) => string]>(
        ['text/html', (text) => `<html><title>${text}</title><h2>${text}</h2></html>`],
        ['text/html', (text) => `<html><title>${escapeAll(text)}</title></html>`],
        ['application/xml', (text) => `<Error><Message>${escapeAll(text)}</Message></Error>`],
        ['text/plain', (text) => text],
      ),
    )
    .map(([text, status, [type, write]]) => ({
      ...callOf(),
      organization: response(status, write(text), { 'content-type': type }),
    })),
  'the headers of an error': fc
    .tuple(
      fc.constantFrom(
        ...['activityid', 'retry-after', 'x-tfs-serviceerror', 'x-ratelimit-resource', 'location'],
        ...['x-ratelimit-remaining'],
        ...['www-authenticate', 'x-vss-resourcetenant', 'content-type', 'x-vss-e2eid', 'server'],
      ),
      hostileHeader,
      statuses,
    )
    .map(([name, text, status]) => ({
      ...callOf(),
      organization: response(status, { message: 'x' }, { [name]: text }),
    })),
  'the name under which the organization knows the identity': hostileText.map((text) => ({
    inputs: ({ origin }) => ({ organization: `${origin}/MyOrg` }),
    organization: response(200, {
      authenticatedUser: { id: 'x', providerDisplayName: text, customDisplayName: text },
      deploymentType: text,
    }),
  })),
  'a continuation token, or the names of lists': fc
    .tuple(hostileText, hostileText)
    .map(([token, name]) => ({
      ...callOf({ allPages: 'true' }),
      organization: response(200, { [name]: [1], continuationToken: token, [`${name}2`]: [2] }),
    })),
  'the address at which to look again': hostileText.map((text) => ({
    ...callOf({ method: 'POST', waitUntil: 'done', waitTimeoutInMinutes: '0.001' }),
    organization: response(202, { url: text, _links: { self: { href: text } } }),
  })),
  'an answer that fits no expression': fc
    .tuple(hostileText, fc.constantFrom('query', 'failWhen', 'waitUntil'))
    .map(([text, input]) => ({
      ...callOf({ [input]: 'join(`,`, value)', waitTimeoutInMinutes: '0.001' }),
      organization: response(200, { value: { [text]: text }, text }),
    })),
  'a result': hostileText.map((text) => ({
    ...callOf({ query: 'value' }),
    organization: response(200, { value: text }),
  })),
  ...Object.fromEntries(
    [
      ...['connectionType', 'clientId', 'objectId', 'resourceId', 'minimumLifetimeInMinutes'],
      ...[
        'organization',
        'verifyMembership',
        'allowedHosts',
        'azureSubscription',
        'url',
        'headers',
      ],
    ].map((name) => [`the input ${name}`, hostileText.map(inputOf(name))]),
  ),
  ...Object.fromEntries(
    [
      ...['method', 'apiVersion', 'bodyFile', 'query', 'allPages', 'outputFile', 'secretResult'],
      ...['expectedStatus', 'failWhen', 'waitUntil', 'waitIntervalInSeconds', 'headers', 'body'],
      ...['waitTimeoutInMinutes', 'requestTimeoutInSeconds', 'maxRetries'],
    ].map((name) => [
      `the input ${name} of a call`,
      hostileText.map((text): Hostility => ({
        ...callOf({ waitTimeoutInMinutes: '0.001', [name]: text }),
        organization: response(409, { message: text }),
      })),
    ]),
  ),
  ...Object.fromEntries(
    ['System.CollectionUri', 'Agent.ProxyUrl', 'Agent.CAInfo', 'Agent.TempDirectory'].map(
      (name) => [
        `the variable ${name}`,
        hostileText.map((text): Hostility => ({ variables: { [name]: text } })),
      ],
    ),
  ),
};

/** All that the task says in such a step, as the agent reads it. */
async function sayings(hostility: Hostility): Promise<readonly string[]> {
  const endpoint = await startIdentityEndpoint(
    hostility.identity === undefined ? {} : { lastingFault: () => hostility.identity },
  );
  const organization = await startOrganization({
    isPlain: true,
    ...(hostility.organization && { lastingFault: hostility.organization }),
  });
  const { origin } = organization;
  process.env[HOST] = endpoint.origin;
  await forgetMsal();
  const inputs = {
    verifyMembership: hostility.organization === undefined ? 'false' : 'true',
    allowedHosts: new URL(origin).host,
    ...hostility.inputs?.({ origin }),
  };
  const agent = new FakeAgent(inputs, hostility.variables);
  try {
    await speedUp((clock) =>
      run(agent, { clock, environment: fakeEnvironment(hostility.environment) }),
    );
  } finally {
    Reflect.deleteProperty(process.env, HOST);
    await Promise.all([endpoint.close(), organization.close()]);
  }
  // Outputs are no text for a reader; what they may hold is the matter of other tests.
  return agent.calls
    .filter((call) => /^(?:info|warning|fail|progress) /.test(call))
    .flatMap((call) => {
      const text = call.replace(/^\w+ /, '');
      // The task's own lines: what happened, and what to do; the list of what is wrong with inputs.
      return /^(?:fail|warning) /.test(call) ? text.split('\n') : [text];
    });
}

describe('text of somebody else', function () {
  this.timeout(3_600_000);

  it(`becomes one harmless line (${OF_FUNCTION} cases)`, () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const quoted = untrustedText(text);
        assert.equal(findFault(quoted), undefined, JSON.stringify(quoted));
        assert.ok(!quoted.includes('##') && quoted.length <= 501, JSON.stringify(quoted));
        // Nor where our own text stands around it.
        assert.equal(findFault(`(400 "${quoted}").`), undefined);
      }),
      { numRuns: OF_FUNCTION },
    );
  });

  it('becomes one harmless line of 1 MB, in no time (6 cases)', () => {
    for (const piece of ['#', '##vso[', '\u200b', '\n', 'eyJ', '😀']) {
      const startedAt = performance.now();
      assert.equal(findFault(untrustedText(piece.repeat(1_000_000 / piece.length))), undefined);
      assert.ok(performance.now() - startedAt < 2_000);
    }
  });

  const places = Object.entries(PLACES);
  it(`makes the agent act nowhere (${OF_MODULES} cases, in ${places.length} places)`, async () => {
    const any = fc.oneof(
      ...places.map(([name, hostility]) => hostility.map((made) => ({ name, made }))),
    );
    await fc.assert(
      fc.asyncProperty(any, async ({ name, made }) => {
        for (const line of await sayings(made)) {
          assert.equal(findFault(line), undefined, `${name}: ${JSON.stringify(line)}`);
        }
      }),
      { numRuns: OF_MODULES },
    );
  });

  it(`makes the agent act on nothing that the built task prints (${OF_BUNDLE} cases)`, async () => {
    const any = fc.record({ text: hostileText, header: hostileHeader, status: statuses });
    await fc.assert(
      fc.asyncProperty(any, async ({ text, header, status }) => {
        const headers = { 'x-tfs-serviceerror': header, 'x-ratelimit-resource': header };
        const lastingFault = response(status, { message: text }, headers);
        const { step } = await perform(
          {
            open: () => openMachine({ organization: { lastingFault } }),
            inputs: { url: '_apis/x', maxRetries: '0', query: 'message' },
          },
          { variables: { 'system.debug': 'false' } },
        );
        cleanUp(step);
        // One error, no warning of the agent, and no line of anybody else.
        assert.ok(step.issues.length <= 1, JSON.stringify(step.issues));
        assert.ok(step.issues.every(({ type }) => type === 'error'));
        assert.equal(step.variables.size, 0);
        assert.ok(step.log.length <= 24, step.log.join('\n'));
        const ours = step.log.filter((line) => /^##\[(?!section\]|error\])/.test(line));
        assert.deepEqual(ours, []);
      }),
      { numRuns: OF_BUNDLE },
    );
  });
});
