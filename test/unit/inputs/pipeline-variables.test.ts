import assert from 'node:assert/strict';
import { findVariableProblems } from '../../../tasks/AzureDevOpsTokenV1/src/inputs/pipeline-variables';
import { fakeEnvironment } from '../fakes';

const find = (name: string, value?: string, environmentName = name) =>
  findVariableProblems(
    fakeEnvironment(value === undefined ? {} : { [environmentName]: value }, [
      'system.debug',
      name,
    ]),
    { inputs: ['clientId'], variables: ['System.CollectionUri'] },
  );

describe('the variables of the pipeline', () => {
  for (const name of [
    'IDENTITY_ENDPOINT',
    'IDENTITY_HEADER',
    'IDENTITY_SERVER_THUMBPRINT',
    'IMDS_ENDPOINT',
    'MSI_ENDPOINT',
    'MSI_SECRET',
    'AZURE_POD_IDENTITY_AUTHORITY_HOST',
    'AZURE_AUTHORITY_HOST',
    'AZURE_FEDERATED_TOKEN_FILE',
    'PROGRAMFILES',
    'PROGRAMDATA',
  ]) {
    it(`may not hold ${name}, however it is spelled`, () => {
      for (const spelling of [
        name,
        name.toLowerCase(),
        name.replaceAll('_', '.'),
        name.replace('_', ' '),
      ]) {
        assert.deepEqual(find(spelling), [
          `the pipeline variable "${spelling}" would decide where the token comes from. Whoever may set variables could turn it ` +
            'against this job: remove it. What the machine needs is set in the environment of the agent.',
        ]);
      }
    });
  }

  for (const name of [
    'NODE_DEBUG',
    'NODE_OPTIONS',
    'NODE_EXTRA_CA_CERTS',
    'NODE_TLS_REJECT_UNAUTHORIZED',
    'NODE_USE_SYSTEM_CA',
    'SSL_CERT_FILE',
    'SSL_CERT_DIR',
    'OPENSSL_CONF',
    'OPENSSL_MODULES',
    'LD_PRELOAD',
    'LD_AUDIT',
    'DYLD_INSERT_LIBRARIES',
    'node.options',
  ]) {
    it(`may not hold ${name}`, () => {
      assert.match(find(name).join(), /would change how the task itself runs\./);
    });
  }

  for (const name of ['INPUT_CLIENTID', 'input.clientId', 'Input ClientId']) {
    it(`may not overrule an input as ${name}`, () => {
      assert.match(find(name).join(), /would overrule the input clientId\./);
    });
  }

  for (const name of [
    'ENDPOINT_AUTH_SYSTEMVSSCONNECTION',
    'endpoint.auth.3b0f6a52',
    'Endpoint Data X_environment',
    'ENDPOINT_URL_X',
  ]) {
    it(`may not overrule a service connection as ${name}`, () => {
      assert.match(find(name).join(), /would overrule a service connection\./);
    });
  }

  it('are shown without what could act on the agent', () => {
    const problem = find('endpoint_url_##vso[task.complete]').join();
    assert.match(problem, /"endpoint_url_\*\*vso\[task\.complete\]"/);
  });

  for (const name of [
    'AZURE_CLIENT_ID',
    'AZURE_TENANT_ID',
    'identity',
    'MY_IDENTITY_ENDPOINT',
    'INPUT_OTHER',
    'identity-endpoint',
  ]) {
    it(`may hold ${name}`, () => {
      assert.deepEqual(find(name), []);
    });
  }

  it('are named with the host that they point to', () => {
    assert.match(
      find('msi.endpoint', 'http://203.0.113.7:8080/token?x=secret', 'MSI_ENDPOINT').join(),
      /"msi\.endpoint" \(it points to 203\.0\.113\.7:8080\) would/,
    );
  });

  it('are named alone where they hold no URL', () => {
    assert.match(find('MSI_SECRET', 'secret').join(), /"MSI_SECRET" would/);
    assert.match(find('MSI_SECRET', 'mailto:secret').join(), /"MSI_SECRET" would/);
  });

  it('are all named', () => {
    const environment = fakeEnvironment({}, ['MSI_SECRET', 'node.options']);
    assert.equal(findVariableProblems(environment, { inputs: [], variables: [] }).length, 2);
  });
});
