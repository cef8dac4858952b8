import assert from 'node:assert/strict';
import { cleanUp, type Step } from '../emulators/agent/run-step';
import { SYSTEM_ASSIGNED, TENANT_ID } from '../emulators/identity-endpoint';
import { FAST_CLOCK_ENVIRONMENT } from '../emulators/fast-clock';
import type { Fault } from '../emulators/faults';
import { openMachine } from '../emulators/places';
import { perform, type Performance } from '../stage';
import { atServer } from './call-step';
import { assertSecret } from './secrecy';

/** What a user sees of a step, without the frame that the agent draws. */
function bodyOf({ log }: Step): readonly string[] {
  const rule = log.lastIndexOf('='.repeat(78));
  return log.slice(rule + 1, -1);
}

describe('the log', () => {
  let last: Performance | undefined;

  afterEach(() => {
    if (last !== undefined) {
      cleanUp(last.step);
    }
  });

  it('is eight calm lines of a good run', async () => {
    last = await perform({}, { variables: { 'system.debug': 'false' } });
    const { step } = last;
    const expiresOn = step.outputs.get('expiresOn')?.value.replace('.000Z', 'Z') ?? '';
    assert.deepEqual(bodyOf(step), [
      'Got a token for Azure DevOps from the instance metadata service (IMDS) as the system-assigned managed identity of the agent machine:',
      `  client ID  ${SYSTEM_ASSIGNED.clientId}`,
      `  object ID  ${SYSTEM_ASSIGNED.objectId}`,
      `  tenant ID  ${TENANT_ID}`,
      `  resource   ${SYSTEM_ASSIGNED.resourceId}`,
      `The token expires at ${expiresOn}, in 23 h 59 min.`,
      'The identity is a member of MyOrg, with the name "agent-1".',
      'To use the token, name this step (name: devops), and map $(devops.token) under env: in the steps of this job that need it.',
    ]);
  });

  it('masks the token before anything else can hold it', async () => {
    last = await perform({});
    const { step, tokens } = last;
    const lines = step.stdout.split('\n');
    const first = lines.findIndex((line) => line.includes(tokens[0] ?? 'none'));
    assert.equal(lines[first], `##vso[task.setsecret]${tokens[0] ?? ''}`);
    const masked = Buffer.from(`x:${tokens[0] ?? ''}`).toString('base64');
    assert.ok(step.stdout.includes(`##vso[task.setsecret]${masked}`));
  });

  it('stays quiet where the libraries were told to talk', async () => {
    const machineEnvironment = {
      AZURE_LOG_LEVEL: 'verbose',
      TYPESPEC_RUNTIME_LOG_LEVEL: 'verbose',
      DEBUG: '*',
    };
    last = await perform({}, { machineEnvironment, variables: { 'system.debug': 'false' } });
    assert.equal(last.step.stderr, '');
    assert.equal(bodyOf(last.step).length, 8);
  });

  it('stays quiet where Node.js was told to talk of what goes over the wire', async () => {
    const machineEnvironment = { NODE_DEBUG: 'http,https,net,tls,stream' };
    last = await perform({}, { machineEnvironment, variables: { 'system.debug': 'false' } });
    assert.equal(last.step.result, 'Succeeded');
    last.tokens.forEach((token) => {
      assertSecret(last?.step ?? assert.fail(), token);
    });
    assert.equal(bodyOf(last.step).length, 8);
  });

  it('takes a value from a variable of the pipeline', async () => {
    const variables = { 'agent.identity': SYSTEM_ASSIGNED.clientId };
    last = await perform({ inputs: { clientId: '$(agent.identity)' }, variables });
    assert.equal(last.step.result, 'Succeeded');
    assert.equal(last.requests[0]?.url.searchParams.get('client_id'), SYSTEM_ASSIGNED.clientId);
  });
});

describe('a hostile server', () => {
  const HOSTILE =
    'x\r\n##vso[task.setvariable variable=token]mine\u2028##[section]Finishing\n#\u200b#vso[task.complete]' +
    // Shown, and skipped by the comparison with which the agent finds its commands.
    '\n#\u0640#\u0591vso[task.complete]';
  let last: Performance | undefined;

  afterEach(() => {
    if (last !== undefined) {
      cleanUp(last.step);
    }
  });

  function assertHarmless({ step }: Performance): void {
    assert.equal(step.outputs.get('token')?.value === 'mine', false);
    assert.equal(step.issues.filter(({ type }) => type === 'warning').length, 0);
    // Not even where the form of a command would make it harmless.
    assert.ok(step.issues.every(({ message }) => !/##(?:vso|\[)|\u200b|\u2028|\r/.test(message)));
    for (const line of step.log) {
      assert.ok(!/^##(?!\[(?:section|error|debug)\])/.test(line), line);
      assert.ok(
        !/##vso\[(?!task\.(?:setsecret|setvariable|issue|complete|debug))/.test(line),
        line,
      );
    }
    assert.equal(step.log.filter((line) => line.startsWith('##[section]Finishing')).length, 1);
  }

  it('does not speak to the agent by the claims of a token', async () => {
    const open = () =>
      openMachine({ faults: [{ kind: 'altered', claims: { xms_mirid: HOSTILE } }] });
    last = await perform({ open });
    assert.equal(last.step.result, 'Succeeded');
    assertHarmless(last);
    const wrong = () => openMachine({ faults: [{ kind: 'altered', claims: { aud: HOSTILE } }] });
    cleanUp(last.step);
    last = await perform({ open: wrong });
    assert.equal(last.step.result, 'Failed');
    assertHarmless(last);
  });

  it('shows no part of the token that it repeats', () => {
    const parts = (token: string) => {
      const base64 = Buffer.from(`PAT:${token}`).toString('base64');
      return [token.slice(40, 400), token.slice(-60), base64.slice(20, 80)];
    };
    return atServer(
      ({ headers }, response) => {
        const token = (headers.authorization ?? '').replace('Bearer ', '');
        response.writeHead(409, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ message: `Seen: ${parts(token).join('… ')}.` }));
      },
      { inputs: {} },
      ({ step, tokens: [token = ''] }) => {
        // The agent masks whole tokens only: what the task itself hides of parts is all that hides them.
        const message = step.issues[0]?.message ?? '';
        assert.match(message, /"Seen: \*{3,}… \*{3,}… \*{3,}\."/);
        assert.ok(parts(token).every((part) => !message.includes(part.slice(0, 24))));
      },
    );
  });

  // What a header can hold of it.
  const HEADER = '##vso[task.setvariable variable=token]mine ##[section]Finishing';
  const headers = {
    activityid: HEADER,
    'x-vss-resourcetenant': HEADER,
    'www-authenticate': `Bearer authorization_uri=https://login.windows.net/${HEADER}`,
    'x-tfs-serviceerror': `TF401444: ${encodeURIComponent(HOSTILE)}`,
    'x-ratelimit-resource': HEADER,
    'content-type': `text/html; ${HEADER}`,
  };
  // Every other text, in each place that it can come from, is in test/attack/log-injection.test.ts.
  const refusals: Readonly<Record<string, Fault>> = {
    'the headers of a 401': { kind: 'response', status: 401, headers },
    'the words of a 400': { kind: 'response', status: 400, headers, body: { message: HOSTILE } },
    'something that is no HTTP': { kind: 'raw', text: `${HEADER}\r\n${HOSTILE}` },
  };

  for (const [name, lastingFault] of Object.entries(refusals)) {
    it(`does not speak to the agent by ${name} of the organization`, async () => {
      const open = () => openMachine({ organization: { lastingFault } });
      last = await perform({ open, machineEnvironment: FAST_CLOCK_ENVIRONMENT });
      assert.equal(last.step.result, 'Failed');
      assert.equal(last.step.issues.length, 1);
      assertHarmless(last);
      assertSecret(last.step, last.tokens[0] ?? 'none');
    });
  }
});
