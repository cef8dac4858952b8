import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { EOL, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { mock } from 'node:test';
import type { Agent } from '../../tasks/AzureDevOpsTokenV1/src/agent';

const EVENTS = ['uncaughtException', 'unhandledRejection'] as const;

describe('the agent', () => {
  const folder = mkdtempSync(join(tmpdir(), 'agent-test-'));
  let lines: string[] = [];
  let agent: Agent;

  before(async () => {
    // The library takes these away while it loads, and writes its key file.
    process.env['AGENT_TEMPDIRECTORY'] = folder;
    process.env['INPUT_CLIENTID'] = ' value ';
    process.env['VSTS_PUBLIC_VARIABLES'] = '["my.variable"]';
    process.env['MY_VARIABLE'] = 'set';
    process.env['ENDPOINT_AUTH_one'] =
      '{"scheme":"OAuth","parameters":{"TenantId":"t","Secret":"hidden"}}';
    process.env['ENDPOINT_DATA_one_ENVIRONMENT'] = 'AzureCloud';
    process.env['ENDPOINT_AUTH_bare'] = '{"scheme":"None"}';
    process.env['ENDPOINT_AUTH_broken'] = '{"scheme":"hidden';
    process.env['DISTRIBUTEDTASK_TASKS_NODE_SKIPDEBUGLOGSWHENDEBUGMODEOFF'] = 'true';
    // It writes some debug lines while it loads.
    const silence = mock.method(process.stdout, 'write', () => true);
    const library = await import('azure-pipelines-task-lib/task');
    silence.mock.restore();
    library.setStdStream(
      new Writable({
        write: (chunk: Buffer, _, done) => {
          lines.push(chunk.toString().trimEnd());
          done();
        },
      }),
    );
    const ofMocha = EVENTS.map((event) => process.listeners(event as 'uncaughtException'));
    const { openAgent } = await import('../../tasks/AzureDevOpsTokenV1/src/agent');
    agent = openAgent();
    const left = EVENTS.map((event) => process.listenerCount(event));
    EVENTS.forEach((event, index) => {
      ofMocha[index]?.forEach((listener) => process.on(event as 'uncaughtException', listener));
    });
    assert.deepEqual(left, [0, 0], 'the library would print an uncaught error');
  });

  beforeEach(() => {
    lines = [];
  });

  after(() => {
    rmSync(folder, { recursive: true });
    for (const name of ['AGENT_TEMPDIRECTORY', 'MY_VARIABLE', 'ENDPOINT_DATA_one_ENVIRONMENT']) {
      Reflect.deleteProperty(process.env, name);
    }
  });

  it('hands a service connection on, by the names of its parameters in any case', () => {
    const endpoint = agent.getEndpoint('one') ?? assert.fail();
    assert.equal(endpoint.scheme, 'OAuth');
    assert.deepEqual(
      ['tenantid', 'TENANTID', 'other'].map((name) => endpoint.parameter(name)),
      ['t', 't', undefined],
    );
    assert.equal(endpoint.data('environment'), 'AzureCloud');
    assert.equal(endpoint.data('other'), undefined);
    assert.equal(agent.getEndpoint('bare')?.parameter('x'), undefined);
  });

  it('knows no service connection that there is not, or that cannot be read', () => {
    assert.equal(agent.getEndpoint('none'), undefined);
    assert.equal(agent.getEndpoint('broken'), undefined);
  });

  it('says nothing of what a service connection holds', () => {
    agent.getEndpoint('one')?.parameter('secret');
    agent.getEndpoint('broken');
    assert.ok(!lines.join('\n').includes('hidden'), lines.join('\n'));
  });

  it('hands inputs and variables on', () => {
    assert.equal(agent.getInput('clientId'), ' value ');
    assert.equal(agent.getInput('objectId'), undefined);
    assert.equal(agent.getVariable('my.variable'), 'set');
    assert.equal(agent.getVariable('other'), undefined);
  });

  it('masks a secret', () => {
    agent.setSecret('a.b.c');
    assert.deepEqual(lines, ['##vso[task.setsecret]a.b.c']);
  });

  it('sets outputs, secret and not', () => {
    agent.setSecretOutput('token', 'a.b.c');
    agent.setOutput('expiresOn', '2030');
    assert.deepEqual(lines, [
      '##vso[task.setvariable variable=token;isOutput=true;issecret=true;]a.b.c',
      '##vso[task.setvariable variable=expiresOn;isOutput=true;issecret=false;]2030',
    ]);
  });

  it('warns and ends the step, with a text of several lines in one command', () => {
    agent.warning('careful');
    agent.succeed();
    agent.fail('first\nsecond');
    assert.deepEqual(lines, [
      '##vso[task.issue type=warning;source=TaskInternal;]careful',
      '##vso[task.complete result=Succeeded;]',
      '##vso[task.issue type=error;source=TaskInternal;]first%0Asecond',
      '##vso[task.complete result=Failed;]first%0Asecond',
    ]);
  });

  it('writes a line to the log as it is', () => {
    const write = mock.method(process.stdout, 'write', () => true);
    agent.info('a line');
    write.mock.restore();
    assert.deepEqual(
      write.mock.calls.map(({ arguments: values }) => values),
      [[`a line${EOL}`]],
    );
  });
});
