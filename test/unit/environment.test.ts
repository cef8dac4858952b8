import assert from 'node:assert/strict';
import {
  listPinned,
  pinEnvironment,
  prepareEnvironment,
} from '../../tasks/AzureDevOpsTokenV1/src/environment';

describe('the environment', () => {
  it('hides what would make the libraries talk, choose an identity, or trust any certificate', () => {
    const variables = {
      AZURE_LOG_LEVEL: 'verbose',
      TYPESPEC_RUNTIME_LOG_LEVEL: 'verbose',
      DEBUG: '*',
      AZURE_CLIENT_ID: 'a',
      AZURE_TENANT_ID: 'b',
      AZURE_AUTHORITY_HOST: 'c',
      AZURE_FEDERATED_TOKEN_FILE: '/token',
      AZURE_REGIONAL_AUTHORITY_NAME: 'd',
      MSAL_FORCE_REGION: 'e',
      NODE_TLS_REJECT_UNAUTHORIZED: '0',
      IDENTITY_ENDPOINT: 'http://127.0.0.1/',
      PATH: '/bin',
    };
    prepareEnvironment(variables);
    assert.deepEqual(variables, { IDENTITY_ENDPOINT: 'http://127.0.0.1/', PATH: '/bin' });
  });

  it('keeps what a pod says of itself from the libraries, and tells it', () => {
    const names = [
      'AZURE_CLIENT_ID',
      'AZURE_TENANT_ID',
      'AZURE_AUTHORITY_HOST',
      'AZURE_FEDERATED_TOKEN_FILE',
    ];
    const { get } = prepareEnvironment(Object.fromEntries(names.map((name) => [name, name])));
    assert.deepEqual(names.map(get), names);
  });

  it('takes no identifier of a variable of the pipeline for one of the machine', () => {
    const variables = {
      AZURE_CLIENT_ID: 'a',
      AZURE_TENANT_ID: 'b',
      DEFAULT_IDENTITY_CLIENT_ID: 'c',
      VSTS_PUBLIC_VARIABLES: '["azure.client.id", "Azure Tenant ID", "default_identity_client_id"]',
    };
    const { get } = prepareEnvironment(variables);
    assert.deepEqual(Object.keys(variables), ['VSTS_PUBLIC_VARIABLES']);
    assert.deepEqual([get('AZURE_CLIENT_ID'), get('AZURE_TENANT_ID')], [undefined, undefined]);
    const kept = { DEFAULT_IDENTITY_CLIENT_ID: 'c' };
    prepareEnvironment(kept);
    assert.deepEqual(kept, { DEFAULT_IDENTITY_CLIENT_ID: 'c' });
  });

  it('tells the value of a variable, and nothing of one that is empty or absent', () => {
    const environment = prepareEnvironment({ ONE: 'x', EMPTY: '' });
    assert.equal(environment.get('ONE'), 'x');
    assert.equal(environment.get('EMPTY'), undefined);
    assert.equal(environment.get('ABSENT'), undefined);
  });

  it('tells the names of the variables of the pipeline', () => {
    const environment = prepareEnvironment({ VSTS_PUBLIC_VARIABLES: '["system.debug","My Var"]' });
    assert.deepEqual(environment.pipelineVariableNames, ['system.debug', 'My Var']);
    for (const variables of [{}, { VSTS_PUBLIC_VARIABLES: '' }]) {
      assert.deepEqual(prepareEnvironment(variables).pipelineVariableNames, []);
    }
    const secret = prepareEnvironment({ VSTS_SECRET_VARIABLES: '["My Secret"]' });
    assert.deepEqual(secret.secretVariableNames, ['My Secret']);
    assert.deepEqual(secret.pipelineVariableNames, []);
  });

  it('keeps proxies from the libraries, and tells them', () => {
    const names = [
      'HTTPS_PROXY',
      'https_proxy',
      'ALL_PROXY',
      'all_proxy',
      'HTTP_PROXY',
      'http_proxy',
    ];
    const variables = Object.fromEntries(
      [...names, 'NO_PROXY'].map((name) => [name, `of ${name}`]),
    );
    const { get } = prepareEnvironment(variables);
    assert.deepEqual(variables, { NO_PROXY: 'of NO_PROXY' });
    for (const name of [...names, 'NO_PROXY']) {
      assert.equal(get(name), `of ${name}`);
    }
    assert.equal(prepareEnvironment({ HTTPS_PROXY: '' }).get('HTTPS_PROXY'), undefined);
  });

  it('reads the environment of the process where it is given no other', () => {
    const before = { ...process.env };
    assert.equal(prepareEnvironment().get('PATH'), process.env['PATH']);
    Object.assign(process.env, before);
  });

  it('tells which list of variables is none, and removes it', () => {
    for (const list of ['["', '{}', '[1]', 'x', '[]=']) {
      const variables = { VSTS_PUBLIC_VARIABLES: list, VSTS_SECRET_VARIABLES: '["a"]' };
      const environment = prepareEnvironment(variables);
      assert.deepEqual(environment.unreadableLists, ['VSTS_PUBLIC_VARIABLES']);
      assert.deepEqual(environment.pipelineVariableNames, []);
      assert.deepEqual(environment.secretVariableNames, ['a']);
      assert.ok(!('VSTS_PUBLIC_VARIABLES' in variables));
    }
    assert.deepEqual(prepareEnvironment({}).unreadableLists, []);
  });

  for (const [block, names] of [
    ['A=1\0B=2\0', []],
    ['A=1\0A=1\0', []],
    ['A=1\0A=2\0', ['A']],
    ['A=B=1\0A=\0', ['A']],
    ['A=\0A=B=1\0A=3\0B=1\0B=2\0', ['A', 'B']],
    ['a=1\0A=2\0', []],
    ['=C:=C:\\\0=C:=D:\\\0', []],
    ['A\0A\0', []],
    ['', []],
  ] as const) {
    it(`tells which names of ${JSON.stringify(block)} occur twice with different values`, () => {
      assert.deepEqual(prepareEnvironment({}, block).repeatedNames, names);
    });
  }
});

describe('the environment of the credential helper', () => {
  it('has the identity source of the step, whatever a later step set', () => {
    const variables: NodeJS.ProcessEnv = {
      IDENTITY_ENDPOINT: 'http://127.0.0.1:2/',
      MSI_ENDPOINT: 'http://127.0.0.1:3/',
      IDENTITY_HEADER: 'header',
      AZURE_CLIENT_ID: 'b',
      NODE_TLS_REJECT_UNAUTHORIZED: '0',
      VSTS_PUBLIC_VARIABLES: '["AZURE_CLIENT_ID"]',
      PATH: '/bin',
    };
    const pinned = {
      IDENTITY_ENDPOINT: 'http://127.0.0.1:1/',
      AZURE_CLIENT_ID: 'a',
      NODE_OPTIONS: '--require=/tmp/x.js',
    };
    const { get, pipelineVariableNames } = pinEnvironment(pinned, variables);
    assert.deepEqual(variables, {
      IDENTITY_ENDPOINT: 'http://127.0.0.1:1/',
      IDENTITY_HEADER: 'header',
      PATH: '/bin',
    });
    assert.equal(get('AZURE_CLIENT_ID'), 'a');
    assert.deepEqual(pipelineVariableNames, []);
  });

  it('has the values that the step had', () => {
    const values = { MSI_ENDPOINT: 'http://127.0.0.1/', AZURE_TENANT_ID: 'b' };
    const secrets = { MSI_SECRET: 'secret', IDENTITY_HEADER: 'secret' };
    const step = prepareEnvironment({ ...values, ...secrets, IMDS_ENDPOINT: '', PATH: '/bin' });
    assert.deepEqual(listPinned(step), values);
  });
});
