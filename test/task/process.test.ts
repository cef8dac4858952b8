import assert from 'node:assert/strict';
import { join } from 'node:path';
import { findAgentNode } from './agent-nodes';
import { cleanUp } from '../emulators/agent/run-step';
import { openMachine } from '../emulators/places';
import { perform, type Performance } from './stage';

describe('the process of a step', () => {
  let last: Performance | undefined;

  afterEach(() => {
    if (last !== undefined) {
      cleanUp(last.step);
      last = undefined;
    }
  });

  for (const major of [6, 16] as const) {
    it(`says on Node.js ${major} that it is too old, and what to do`, async function () {
      const node = findAgentNode(major);
      if (node === undefined) {
        this.skip();
      }
      last = await perform({}, { node });
      const { step, requests } = last;
      assert.equal(step.result, 'Failed');
      assert.equal(step.exitCode, 0);
      assert.equal(step.stderr, '');
      assert.equal(requests.length, 0);
      assert.equal(step.issues.length, 1);
      assert.match(
        step.issues[0]?.message ?? '',
        new RegExp(
          `Node\\.js ${major}\\.\\d+\\.\\d+, .*Node\\.js 20 or newer.*agent to version 3\\.232\\.1 or newer`,
        ),
      );
    });
  }

  it('ends within a second of being cancelled', async () => {
    const cancelling = new AbortController();
    const place = await openMachine({ lastingFault: () => ({ kind: 'silence' }) });
    const waiting = setInterval(() => {
      if (place.requests.length > 0) {
        clearInterval(waiting);
        cancelling.abort();
      }
    }, 20);
    last = await perform({ open: () => Promise.resolve(place) }, { cancel: cancelling.signal });
    const { step } = last;
    assert.equal(step.result, 'Canceled');
    assert.equal(step.outputs.size, 0);
    // Twice the limit: the machine may be busy.
    assert.ok(
      (step.cancelledAfterMs ?? Infinity) < 2_000,
      `it took ${String(step.cancelledAfterMs)} ms`,
    );
  });

  it('reports an error that nobody caught without its text, and ends', async () => {
    const script = join(import.meta.dirname, 'fixtures', 'throw-later.cjs');
    const machineEnvironment = { NODE_OPTIONS: `--require=${JSON.stringify(script)}` };
    const open = () => openMachine({ lastingFault: () => ({ kind: 'silence' }) });
    last = await perform({ open }, { machineEnvironment });
    const { step } = last;
    assert.equal(step.result, 'Failed');
    assert.equal(step.exitCode, 0);
    assert.equal(step.issues.length, 1);
    assert.match(step.issues[0]?.message ?? '', /did not foresee \(RangeError EXAMPLE\)/);
    assert.ok(!`${step.stdout}${step.stderr}`.includes('a secret of a library'));
    assert.ok(step.log.some((line) => /^##\[debug\]at .*throw-later\.cjs/.test(line)));
  });

  it('ends as soon as it is done', async () => {
    last = await perform({});
    assert.equal(last.step.result, 'Succeeded');
    assert.ok(last.step.elapsedMs < 10_000);
  });

  it('leaves nothing in the folders of the agent but the key file of the task library', async () => {
    last = await perform({});
    const { readdirSync } = await import('node:fs');
    const files = readdirSync(last.step.folders.root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name }) => name);
    assert.deepEqual(files, ['.taskkey']);
  });

  for (const [name, value] of [
    ['NODE_OPTIONS', '--max-old-space-size=4096'],
    ['node.tls.reject.unauthorized', '0'],
    ['INPUT_CLIENTID', '01234567-89ab-cdef-0123-456789abcdef'],
    ['identity.header', 'x'],
    ['azure_federated_token_file', '/etc/hostname'],
  ] as const) {
    it(`refuses a pipeline that sets the variable ${name}`, async () => {
      last = await perform({}, { variables: { [name]: value } });
      assert.equal(last.step.result, 'Failed');
      assert.equal(last.requests.length, 0);
      assert.match(
        last.step.issues[0]?.message ?? '',
        new RegExp(`the pipeline variable "${name.replaceAll('.', '\\.')}"`),
      );
    });
  }

  it('does not mind the variables that pipelines have for other tools', async () => {
    const variables = { AZURE_CLIENT_ID: 'x', AZURE_TENANT_ID: 'y', 'azure.log.level': 'verbose' };
    last = await perform({}, { variables });
    assert.equal(last.step.result, 'Succeeded');
    assert.equal(last.requests[0]?.url.searchParams.has('client_id'), false);
  });

  it('does not take a secret variable for one of the environment', async () => {
    const variables = { IDENTITY_ENDPOINT: { value: 'http://203.0.113.7', isSecret: true } };
    last = await perform({}, { variables });
    assert.equal(last.step.result, 'Succeeded');
  });
});
