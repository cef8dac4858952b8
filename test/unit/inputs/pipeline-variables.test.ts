import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findVariableProblems } from '../../../tasks/AzureDevOpsTokenV1/src/inputs/pipeline-variables';
import { skip } from '../../skip';
import { fakeEnvironment } from '../fakes';

const CONNECTION_ID = '3b0f6a52-7c1d-4e2f-9a8b-0c1d2e3f4a5b';

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
          `The pipeline variable "${spelling}" would choose where the token comes from. Remove the variable, ` +
            'because people who may queue a run could use it against this job. If the agent machine needs this setting, put it into the ' +
            'environment of the agent.',
        ]);
      }
    });
  }

  for (const name of [
    'NODE_DEBUG',
    'NODE_DEBUG_NATIVE',
    'NODE_EXTRA_CA_CERTS',
    'NODE_USE_ENV_PROXY',
    'NODE_PATH',
    'NODE_COMPILE_CACHE',
    'NODE_ICU_DATA',
    'SSLKEYLOGFILE',
    'OPENSSL_CONF_INCLUDE',
    'OPENSSL_ENGINES',
    'GCONV_PATH',
    'NODE_TLS_REJECT_UNAUTHORIZED',
    'NODE_USE_SYSTEM_CA',
    'SSL_CERT_FILE',
    'SSL_CERT_DIR',
    'OPENSSL_CONF',
    'OPENSSL_MODULES',
    'LD_PRELOAD',
    'LD_AUDIT',
    'DYLD_INSERT_LIBRARIES',
    'dyld.library.path',
    'DYLD_FRAMEWORK_PATH',
    'node.path',
  ]) {
    it(`may not hold ${name}`, () => {
      assert.match(find(name).join(), /would change how the task runs\./);
    });
  }

  for (const name of ['INPUT_CLIENTID', 'input.clientId', 'Input ClientId']) {
    it(`may not overrule an input as ${name}`, () => {
      assert.match(find(name).join(), /would override the input clientId\./);
    });
  }

  for (const name of [
    'ENDPOINT_AUTH_SYSTEMVSSCONNECTION',
    'endpoint.url.systemvssconnection',
    `endpoint.auth.${CONNECTION_ID}`,
    `ENDPOINT_URL_${CONNECTION_ID}`,
    `endpoint.auth.scheme.${CONNECTION_ID}`,
    `Endpoint Auth Parameter ${CONNECTION_ID} ServicePrincipalId`,
    `ENDPOINT_DATA_${CONNECTION_ID}`,
    `Endpoint Data ${CONNECTION_ID}_environment`,
  ]) {
    it(`may not overrule a service connection as ${name}`, () => {
      assert.match(find(name).join(), /would override a service connection\./);
    });
  }

  for (const [id, name] of [
    ['FOO', 'ENDPOINT_AUTH_FOO'],
    ['foo', 'endpoint.url.foo'],
    ['my-connection', 'Endpoint Auth Parameter my-connection TenantId'],
  ] as const) {
    it(`may not make a service connection ${id}, which an input names, as ${name}`, () => {
      const read = { inputs: [], variables: [] };
      const environment = fakeEnvironment({}, [name, 'endpoint_url_fooling', 'endpoint_url__x']);
      assert.match(
        findVariableProblems(environment, { ...read, connections: ['', id] }).join(),
        /^The pipeline variable "endpoint[^"]*" would override a service connection\.[^"]*$/i,
      );
      assert.deepEqual(findVariableProblems(environment, read), []);
    });
  }

  it('are shown without what could act on the agent', () => {
    const problem = find('endpoint_url_systemvssconnection_##vso[task.complete]').join();
    assert.match(problem, /"endpoint_url_systemvssconnection_\*\*vso\[task\.complete\]"/);
  });

  for (const name of [
    'AZURE_CLIENT_ID',
    'AZURE_TENANT_ID',
    'identity',
    'MY_IDENTITY_ENDPOINT',
    'INPUT_OTHER',
    'identity-endpoint',
    'endpoint_url_staging',
    'Endpoint.Data.Folder',
    'ENDPOINT_AUTH_X',
    'endpoint.auth.3b0f6a52',
    `MY_ENDPOINT_AUTH_${CONNECTION_ID}`,
    `ENDPOINT_URL_${CONNECTION_ID}0`,
    'NODE_ENV',
    'NODE_V8_COVERAGE',
    'LD_RUN_PATH',
  ]) {
    it(`may hold ${name}`, () => {
      assert.deepEqual(find(name), []);
    });
  }

  it('are named with the host that they point to', () => {
    assert.match(
      find('msi.endpoint', 'http://203.0.113.7:8080/token?x=secret', 'MSI_ENDPOINT').join(),
      /"msi\.endpoint" would .*\. Its value has the host 203\.0\.113\.7:8080\. Remove/,
    );
  });

  it('are named alone where they hold no URL', () => {
    for (const value of ['secret', 'mailto:secret']) {
      assert.match(find('MSI_SECRET', value).join(), /"MSI_SECRET" would [^.]*\. Remove/);
    }
  });

  it('are all named', () => {
    const environment = fakeEnvironment({}, ['MSI_SECRET', 'node.path']);
    assert.equal(findVariableProblems(environment, { inputs: [], variables: [] }).length, 2);
  });

  for (const value of [
    '',
    '--max-old-space-size=4096',
    '--max_old_space_size=4096',
    '--max-semi-space-size=64  --no-warnings',
    '"--max-old-space-size=4096" --no_deprecation',
    '--max-old-space-size="4096"',
    '--openssl-legacy-provider',
    '--openssl_legacy_provider --no_warnings',
  ]) {
    it(`may hold NODE_OPTIONS with ${value || 'nothing'}`, () => {
      assert.deepEqual(find('NODE_OPTIONS', value), []);
      assert.deepEqual(find('node.options', value, 'NODE_OPTIONS'), []);
    });
  }

  for (const value of [
    '--require=/tmp/x.js',
    '-r /tmp/x.js',
    '--import=data:text/javascript,0',
    '--use-system-ca',
    '--use-openssl-ca',
    '--no-warnings --require=/tmp/x.js',
    '--max-old-space-size=4096\t--require=/tmp/x.js',
    '--max-old-space-size 4096',
    '--max-old-space-size=4096,--require',
    '--openssl-config=/tmp/x',
    '"--req""uire=/tmp/x.js"',
    '--inspect=0.0.0.0:9229',
    '--no-warnings\n--require=/tmp/x.js',
    '--tls-keylog=/tmp/x',
  ]) {
    it(`may not hold NODE_OPTIONS with ${JSON.stringify(value)}`, () => {
      assert.match(find('NODE_OPTIONS', value).join(), /would change how the task runs\./);
    });
  }

  const findLibraries = (value: string, workFolder = '/agent/_work') =>
    findVariableProblems(
      fakeEnvironment({ LD_LIBRARY_PATH: value, AGENT_WORKFOLDER: workFolder }, [
        'ld.library.path',
      ]),
      { inputs: [], variables: [] },
    );

  for (const value of ['', '/opt/oracle/lib', '/usr/lib:/opt/lib', '/agent/_works', '/agent']) {
    it(`may hold LD_LIBRARY_PATH with ${value || 'nothing'}`, () => {
      assert.deepEqual(findLibraries(value), []);
      assert.deepEqual(find('LD_LIBRARY_PATH', value), []);
    });
  }

  for (const value of [
    ':/usr/lib',
    '/usr/lib:',
    '/usr/lib::/opt/lib',
    '/usr/lib;',
    'lib',
    './lib',
    '$ORIGIN/lib',
    '/agent/_work',
    '/agent/_work/1..',
    '/usr/lib:/agent/_work/1/s',
    '/usr/../agent//_work/1/a',
    '/usr/lib\nlib',
    '/$ORIGIN/../../_work/1/s',
    '/${LIB}/../agent/_work',
    '/proc/self/cwd',
    '/usr/../proc/1/cwd/lib',
    '/dev/fd/3',
  ]) {
    it(`may not hold LD_LIBRARY_PATH with ${JSON.stringify(value)}`, () => {
      assert.match(findLibraries(value).join(), /would change how the task runs\./);
    });
  }

  it('may not hold LD_LIBRARY_PATH with a link into the work folder, or a folder in one behind a link', function () {
    if (process.platform === 'win32') {
      skip(this, 'Windows has no LD_LIBRARY_PATH');
    }
    const folder = mkdtempSync(join(tmpdir(), 'links-'));
    const work = join(folder, 'agent', '_work');
    try {
      mkdirSync(join(folder, 'disk', '1'), { recursive: true });
      mkdirSync(join(folder, 'agent'));
      symlinkSync(join(folder, 'disk'), work);
      symlinkSync(join(work, '1'), join(folder, 'link'));
      for (const value of ['link', 'link/later', 'disk/1', 'disk/1/later', 'agent/_work/1']) {
        assert.match(findLibraries(join(folder, value), work).join(), /would change how/, value);
      }
      assert.deepEqual(findLibraries(join(folder, 'agent', 'lib'), work), []);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  for (const secret of [false, true]) {
    const findNames = (name: string) =>
      findVariableProblems(fakeEnvironment({}, secret ? [] : [name], secret ? [name] : []), {
        inputs: [],
        variables: ['Agent.ProxyPassword'],
      }).join();

    it(`may not have "=" in ${secret ? 'the name of a secret' : 'a name'}`, () => {
      assert.match(
        findNames('IDENTITY_ENDPOINT=HTTP://2130706433:8080/X?'),
        /^A pipeline variable has "=" in its name, so programs read it as "IDENTITY_ENDPOINT"\. The name is "IDENTITY_ENDPOINT=HTTP:.*"\. Remove/,
      );
      assert.match(findNames('=x'), /has "=" in its name/);
    });

    it(`may not have a control character in ${secret ? 'the name of a secret' : 'a name'}`, () => {
      for (const character of ['\n', '\r', '\t', '\0', '\u001b', '\u007f', '\u0085']) {
        assert.match(findNames(`a${character}b`), /has a control character in its name\./);
      }
    });

    it(`may not become a secret of the agent as ${secret ? 'a secret' : 'a variable'}`, () => {
      assert.match(findNames('secret.agent.proxypassword'), /would override Agent/);
    });
  }

  it('may not replace the lists of variables', () => {
    assert.match(find('vsts.public.variables').join(), /replace the agent's list of variables/);
  });

  it('are a problem if a list of them cannot be read, or a name occurs twice', () => {
    const environment = {
      ...fakeEnvironment(),
      unreadableLists: ['VSTS_PUBLIC_VARIABLES'],
      repeatedNames: ['MSI_SECRET'],
    };
    const [list, name, ...others] = findVariableProblems(environment, {
      inputs: [],
      variables: [],
    });
    assert.match(list ?? '', /^VSTS_PUBLIC_VARIABLES, .* is not a JSON array of names/);
    assert.match(name ?? '', /^The environment contains "MSI_SECRET" twice, with different values/);
    assert.deepEqual(others, []);
  });
});
