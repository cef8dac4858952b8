import assert from 'node:assert/strict';
import { EOL } from 'node:os';
import { mock } from 'node:test';
import { openAgent } from '../../tasks/AzureDevOpsTokenV1/src/agent';
import {
  prepareEnvironment,
  takeAgentValues,
} from '../../tasks/AzureDevOpsTokenV1/src/environment';

const VARIABLES = {
  INPUT_CLIENTID: ' value ',
  INPUT_OBJECTID: '',
  VSTS_PUBLIC_VARIABLES: '["my.variable"]',
  MY_VARIABLE: 'set',
  VSTS_SECRET_VARIABLES: '["my.secret","TenantId"]',
  SECRET_MY_SECRET: 'hidden',
  MY_SECRET: 'of the machine',
  ENDPOINT_AUTH_one: '{"scheme":"OAuth","parameters":{"TenantId":"t","Secret":"hidden","n":1}}',
  ENDPOINT_DATA_one_ENVIRONMENT: 'AzureCloud',
  ENDPOINT_AUTH_bare: '{"scheme":"None"}',
  ENDPOINT_AUTH_broken: '{"scheme":"hidden',
};

/** What the agent reads while `use` runs. */
function record(
  use: (agent: ReturnType<typeof openAgent>) => void,
  more: Readonly<Record<string, string>> = {},
): readonly string[] {
  const variables = { ...VARIABLES, ...more };
  const values = takeAgentValues(variables);
  const agent = openAgent({ environment: prepareEnvironment(variables, ''), values });
  const write = mock.method(process.stdout, 'write', () => true);
  try {
    use(agent);
  } finally {
    write.mock.restore();
  }
  return write.mock.calls.map(({ arguments: [line] }) => {
    const text = String(line);
    assert.ok(text.endsWith(EOL), text);
    return text.slice(0, -EOL.length);
  });
}

describe('the agent', () => {
  it('hands a service connection on, by its ID and the names of its parameters in any case', () => {
    record((agent) => {
      for (const id of ['one', 'ONE']) {
        const endpoint = agent.getEndpoint(id) ?? assert.fail();
        assert.equal(endpoint.scheme, 'OAuth');
        assert.deepEqual(
          ['tenantid', 'TENANTID', 'n', 'other'].map((name) => endpoint.parameter(name)),
          ['t', 't', undefined, undefined],
        );
      }
      assert.equal(agent.getEndpoint('one')?.data('environment'), 'AzureCloud');
      assert.equal(agent.getEndpoint('one')?.data('other'), undefined);
      assert.equal(agent.getEndpoint('bare')?.parameter('x'), undefined);
    });
  });

  it('knows no service connection that does not exist, or that cannot be read', () => {
    record((agent) => {
      assert.equal(agent.getEndpoint('none'), undefined);
      assert.equal(agent.getEndpoint('broken'), undefined);
    });
  });

  it('hands inputs and variables on, secret and not', () => {
    const lines = record((agent) => {
      assert.equal(agent.getInput('clientId'), ' value ');
      assert.equal(agent.getInput('objectId'), undefined);
      assert.equal(agent.getVariable('my.variable'), 'set');
      assert.equal(agent.getVariable('My Secret'), 'hidden');
      assert.equal(agent.getVariable('other'), undefined);
      assert.equal(agent.isDebugged(), false);
    });
    assert.deepEqual(lines, []);
  });

  it('shows what it reads in the debug log only, and no secret there', () => {
    const lines = record(
      (agent) => {
        assert.equal(agent.isDebugged(), true);
        agent.getInput('clientId');
        agent.getVariable('my.variable');
        agent.getVariable('my.secret');
        agent.getEndpoint('one')?.parameter('secret');
        agent.getEndpoint('broken');
        agent.debug('a line');
      },
      { SYSTEM_DEBUG: 'True' },
    );
    assert.deepEqual(lines, [
      '##vso[task.debug]clientId= value ',
      '##vso[task.debug]my.variable=set',
      '##vso[task.debug]my.secret=***',
      '##vso[task.debug]a line',
    ]);
  });

  it('masks a secret, and does not mask an empty text', () => {
    const lines = record((agent) => {
      agent.setSecret('a.b.c');
      agent.setSecret('');
    });
    assert.deepEqual(lines, ['##vso[task.setsecret]a.b.c']);
  });

  it('sets outputs, secret and not', () => {
    const lines = record((agent) => {
      agent.setSecretOutput('token', 'a.b.c');
      agent.setOutput('expiresOn', '2030');
    });
    assert.deepEqual(lines, [
      '##vso[task.setvariable variable=token;isOutput=true;issecret=true;]a.b.c',
      '##vso[task.setvariable variable=expiresOn;isOutput=true;issecret=false;]2030',
    ]);
  });

  it('keeps an output secret that is the name of a secret variable', () => {
    const lines = record((agent) => {
      agent.setOutput('tenantId', 't');
    });
    assert.deepEqual(lines, [
      '##vso[task.setvariable variable=tenantId;isOutput=true;issecret=true;]t',
    ]);
  });

  it('refuses a secret of several lines, which the agent would not mask', () => {
    for (const text of ['a\nb', 'a\rb']) {
      const lines = record((agent) => {
        assert.throws(() => {
          agent.setSecret(text);
        }, /several lines/);
        assert.throws(() => {
          agent.setSecretOutput('token', text);
        }, /several lines/);
        // The name of a secret variable makes a secret of it.
        assert.throws(() => {
          agent.setOutput('tenantId', text);
        }, /several lines/);
      });
      assert.deepEqual(lines, []);
    }
  });

  it('warns, shows progress and ends the step, with a text of several lines in one command', () => {
    const lines = record((agent) => {
      agent.warning('careful');
      agent.progress(7, 'page 3');
      agent.succeed();
      agent.fail('first\nsecond');
    });
    assert.deepEqual(lines, [
      '##vso[task.issue type=warning;source=TaskInternal;]careful',
      '##vso[task.setprogress value=7;]page 3',
      '##vso[task.complete result=Succeeded;]',
      '##vso[task.issue type=error;source=TaskInternal;]first%0Asecond',
      '##vso[task.complete result=Failed;]first%0Asecond',
    ]);
  });

  it('marks its issues with the ID of the agent, which no text of another program knows', () => {
    const lines = record(
      (agent) => {
        agent.warning('careful');
        agent.fail('wrong');
      },
      { COMMAND_CORRELATION_ID: 'id-1' },
    );
    assert.deepEqual(lines.slice(0, 2), [
      '##vso[task.issue type=warning;source=TaskInternal;correlationId=id-1;]careful',
      '##vso[task.issue type=error;source=TaskInternal;correlationId=id-1;]wrong',
    ]);
  });

  it('writes a line to the log as it is', () => {
    const lines = record((agent) => {
      agent.info('a line');
    });
    assert.deepEqual(lines, ['a line']);
  });
});

describe('what the agent passes to the task', () => {
  it('is taken out of the environment, so that no library and no other process finds it', () => {
    const variables = {
      INPUT_CLIENTID: 'a',
      INPUT_URL: '',
      ENDPOINT_AUTH_x: 'b',
      ENDPOINT_AUTH_PARAMETER_x_ACCESSTOKEN: 'c',
      SECUREFILE_TICKET_x: 'd',
      SECRET_X: 'e',
      VSTS_TASKVARIABLE_X: 'f',
      ENDPOINT_URL_x: 'g',
      MY_INPUT_X: 'h',
    };
    const { get } = takeAgentValues(variables);
    assert.deepEqual(variables, { INPUT_URL: '', ENDPOINT_URL_x: 'g', MY_INPUT_X: 'h' });
    assert.deepEqual(
      ['INPUT_CLIENTID', 'endpoint_auth_X', 'SECRET_X', 'INPUT_URL', 'MY_INPUT_X'].map(get),
      ['a', 'b', 'e', undefined, undefined],
    );
  });
});
