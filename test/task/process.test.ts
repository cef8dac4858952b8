import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TASK_FOLDER } from '../../scripts/build-task';
import { cleanUp } from '../emulators/agent/run-step';
import { openMachine } from '../emulators/places';
import { needSignals } from '../skip';
import { perform, type Performance } from '../stage';

describe('the process of a step', () => {
  let last: Performance | undefined;

  afterEach(() => {
    if (last !== undefined) {
      cleanUp(last.step);
      last = undefined;
    }
  });

  it('ends within a second of being cancelled', async function () {
    needSignals(this);
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
    assert.match(
      step.issues[0]?.message ?? '',
      /because of an unexpected error \(RangeError EXAMPLE\)/,
    );
    assert.ok(!`${step.stdout}${step.stderr}`.includes('a secret of a library'));
    assert.ok(step.log.some((line) => /^##\[debug\]at .*throw-later\.cjs/.test(line)));
  });

  it('ends as soon as it is done', async () => {
    last = await perform({});
    assert.equal(last.step.result, 'Succeeded');
    assert.ok(last.step.elapsedMs < 10_000);
  });

  it('ends although something still holds the process', async () => {
    const script = join(import.meta.dirname, 'fixtures', 'hold.cjs');
    const machineEnvironment = { NODE_OPTIONS: `--require=${JSON.stringify(script)}` };
    for (const inputs of [{}, { clientId: 'x' }]) {
      last = await perform({ inputs }, { machineEnvironment });
      assert.equal(last.step.exitCode, 0);
      assert.ok(last.step.elapsedMs < 10_000);
      cleanUp(last.step);
    }
  });

  it('names a section if one of its files is missing', async () => {
    const taskFolder = mkdtempSync(join(tmpdir(), 'task-'));
    cpSync(TASK_FOLDER, taskFolder, { recursive: true });
    rmSync(join(taskFolder, 'dist', 'run.js'));
    last = await perform({}, { taskFolder });
    rmSync(taskFolder, { recursive: true });
    const { step } = last;
    assert.equal(step.result, 'Failed');
    assert.equal(last.requests.length, 0);
    assert.equal(step.issues.length, 1);
    assert.match(
      step.issues[0]?.message ?? '',
      /^The task did not start, because one of its files did not load \(Error MODULE_NOT_FOUND\)\. .*Troubleshooting: The task does not start$/,
    );
  });

  it('explains to git in one line that one of its files is missing', () => {
    const taskFolder = mkdtempSync(join(tmpdir(), 'task-'));
    cpSync(TASK_FOLDER, taskFolder, { recursive: true });
    rmSync(join(taskFolder, 'dist', 'run.js'));
    const helper = join(taskFolder, 'dist', 'git-credential.js');
    const { stdout, stderr } = spawnSync(process.execPath, [helper, 'state.json', 'get'], {
      input: 'protocol=https\nhost=dev.azure.com\n\n',
      encoding: 'utf8',
    });
    rmSync(taskFolder, { recursive: true });
    assert.equal(stdout, 'quit=1\n');
    assert.match(
      stderr,
      /^The task stopped because of an unexpected error \(Error MODULE_NOT_FOUND\)\. [^\n]*Troubleshooting: [^\n]*\n$/,
    );
  });

  it('leaves nothing in the folders of the agent', async () => {
    last = await perform({});
    const files = readdirSync(last.step.folders.root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name }) => name);
    assert.deepEqual(files, []);
  });

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
