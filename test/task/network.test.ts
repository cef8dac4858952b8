// The network of an agent: its proxy, its authorities, its certificate; and those of its environment.
import assert from 'node:assert/strict';
import { createPrivateKey } from 'node:crypto';
import { copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  writeCertificateSettings,
  type CertificateSettings,
} from '../emulators/agent/agent-configuration';
import { openCleanMachine, organizationInputs } from '../bench/machine';
import { makeFolders } from '../emulators/agent/job-setting';
import type { StepOptions } from '../emulators/agent/run-step';
import { canMount } from '../emulators/arc-machine';
import { authorityFile, issueCertificate } from '../emulators/certificates';
import { redirect } from '../emulators/organization/error-responses';
import { STORE_HOST } from '../emulators/organization/rest-api';
import { openMachine, openMachineBehindProxy, type ProxyPlaceOptions } from '../emulators/places';
import { startPublicServer } from '../emulators/public-server';
import { perform, type Performance } from '../stage';
import { needAgentNode, NO_MOUNT, skip } from '../skip';
import { call, errorOf } from './call-step';

/** Whatever a password may have in it, and a URL may not. */
const PASSWORDS = ['pa:ss@wörd/%41?#[]日本', ' $(x) "\'\\%zz'];
const USERNAME = 'CORP\\agent 1';

interface Story {
  /** What the agent was configured with, besides variables. */
  readonly settings?: CertificateSettings;
  readonly place?: ProxyPlaceOptions;
  /** Of the agent's own settings; `proxy` stands for the address of the proxy. */
  readonly agent?: Readonly<Record<string, string>>;
  readonly secrets?: Readonly<Record<string, string>>;
  readonly environment?: Readonly<Record<string, string>>;
}

/** A call from behind a proxy, of which the agent and its environment know what the story says. */
async function callFrom(
  { place = {}, settings, agent = {}, secrets = {}, environment = {} }: Story,
  look: (performance: Performance) => void,
): Promise<void> {
  const opened = await openMachineBehindProxy({ variables: [], ...place });
  const variables = Object.fromEntries([
    ...Object.entries(agent).map(([name, value]) => [
      name,
      value.replace('PROXY', opened.proxy?.origin ?? ''),
    ]),
    ...Object.entries(secrets).map(([name, value]) => [name, { value, isSecret: true }]),
  ]) as Record<string, string>;
  await call(
    {
      open: () => Promise.resolve(opened),
      inputs: { maxRetries: '0' },
      step: { variables, machineEnvironment: environment, ...withSettings(settings) },
    },
    look,
  );
}

/** The folders of an agent that was configured so. */
function withSettings(settings: CertificateSettings | undefined): Partial<StepOptions> {
  if (settings === undefined) {
    return {};
  }
  const folders = makeFolders();
  writeCertificateSettings(folders.root, settings);
  return { folders };
}

function assertThroughProxy({ step, proxy }: Performance): void {
  assert.equal(step.result, 'Succeeded', step.issues[0]?.message);
  assert.deepEqual(proxy?.requests, ['CONNECT dev.azure.com:443']);
}

describe('a call through a proxy that wants a password', () => {
  for (const password of PASSWORDS) {
    const credentials = { username: USERNAME, password };

    it(`(${password}) works with the settings of the agent`, () =>
      callFrom(
        {
          place: { credentials },
          agent: { 'Agent.ProxyUrl': 'PROXY', 'Agent.ProxyUsername': USERNAME },
          secrets: { 'Agent.ProxyPassword': password },
        },
        (performance) => {
          assertThroughProxy(performance);
          const { log, stderr } = performance.step;
          assert.ok(!log.join('\n').includes(password));
          assert.equal(stderr, '');
        },
      ));

    it(`(${password}) works with the environment of the agent`, () =>
      callFrom(
        { place: { credentials, given: credentials, variables: ['HTTPS_PROXY'] } },
        assertThroughProxy,
      ));
  }

  const credentials = { username: 'agent', password: 'right' };

  it('fails with a wrong one in the settings of the agent, and says so', () =>
    callFrom(
      {
        place: { credentials },
        agent: { 'Agent.ProxyUrl': 'PROXY', 'Agent.ProxyUsername': 'agent' },
        secrets: { 'Agent.ProxyPassword': 'wrong-password' },
      },
      (performance) => {
        const message = errorOf(performance);
        assert.match(
          message,
          /The connection through the proxy 127\.0\.0\.1:\d+ failed: it returned 407, because it does not accept the user name and the password/,
        );
        assert.match(message, /The agent is configured with this proxy .*\.proxy/);
        assert.ok(!message.includes('wrong-password'));
      },
    ));

  it('fails with a wrong one in the environment, and says so', () =>
    callFrom(
      {
        place: {
          credentials,
          given: { username: 'agent', password: 'wrong-password' },
          variables: ['HTTPS_PROXY'],
        },
      },
      (performance) => {
        const message = errorOf(performance);
        assert.match(message, /it does not accept the user name and the password/);
        assert.match(message, /HTTPS_PROXY/);
        assert.ok(!message.includes('wrong-password'));
      },
    ));
});

describe('the proxy of the agent', () => {
  it('goes before those of its environment', () =>
    callFrom(
      {
        agent: { 'Agent.ProxyUrl': 'PROXY' },
        environment: { HTTPS_PROXY: 'http://127.0.0.1:1', NO_PROXY: 'dev.azure.com' },
      },
      assertThroughProxy,
    ));

  it('is not used for what it lists', () =>
    callFrom(
      {
        agent: {
          'Agent.ProxyUrl': 'PROXY',
          'Agent.ProxyBypassList': JSON.stringify(['[', 'example\\.com', 'dev\\.azure\\.com$']),
        },
      },
      ({ proxy, step, organization }) => {
        // There is no other way on this machine.
        assert.deepEqual(proxy?.requests, []);
        assert.equal(organization?.requests.length, 0);
        assert.match(step.issues[0]?.message ?? '', /dev\.azure\.com/);
      },
    ));

  it('is not for the pipeline to choose', () =>
    callFrom({ agent: { AGENT_PROXYURL: 'http://evil.example.com' } }, (performance) => {
      assert.match(errorOf(performance), /would override Agent\.ProxyUrl of the agent/);
      assert.equal(performance.requests.length, 0);
    }));
});

function assertExplained(message: string): void {
  assert.match(message, /The certificate of .* is not trusted/);
  assert.match(
    message,
    /NODE_EXTRA_CA_CERTS.*configure the agent again, with config\.sh --sslcacert/,
  );
}

describe('a private authority', () => {
  let folder = '';

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'authority-'));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  const noExtra = { NODE_EXTRA_CA_CERTS: '' };

  for (const [name, place, agent] of [
    ['through the proxy of the agent', { variables: [] }, { 'Agent.ProxyUrl': 'PROXY' }],
    ['through the proxy of the environment', { variables: ['HTTPS_PROXY'] }, {}],
  ] as const) {
    it(`is trusted ${name} where the agent has its certificate`, async () => {
      const authority = await authorityFile();
      await callFrom(
        {
          place,
          settings: { CACert: authority },
          agent: { ...agent, 'Agent.CAInfo': authority },
          environment: noExtra,
        },
        (performance) => {
          assertThroughProxy(performance);
          assert.deepEqual(performance.step.issues, []);
        },
      );
    });

    it(`is explained ${name} where nobody knows it`, () =>
      callFrom({ place, agent, environment: noExtra }, (performance) => {
        assertExplained(errorOf(performance));
      }));
  }

  it('is trusted without a proxy where the agent has its certificate', async () => {
    const authority = await authorityFile();
    const variables = { 'Agent.CAInfo': authority };
    for (const inputs of [{}, { url: '' }]) {
      const step = { variables, machineEnvironment: noExtra };
      const settings = withSettings({ CACert: authority });
      await call({ inputs, step: { ...step, ...settings } }, ({ step }) => {
        assert.equal(step.result, 'Succeeded', step.issues[0]?.message);
      });
    }
  });

  it('is also trusted after a redirect to a host that does not get the token', async () => {
    const store = await startPublicServer(STORE_HOST, (_, response) => response.end('x'));
    const authority = await authorityFile();
    const open = () =>
      openMachine({
        hosts: { [STORE_HOST]: store.port },
        organization: { faults: [redirect(`https://${STORE_HOST}/x`)] },
      });
    const variables = { 'Agent.CAInfo': authority };
    const step = { variables, machineEnvironment: noExtra };
    const settings = withSettings({ CACert: authority });
    await call({ open, step: { ...step, ...settings } }, (performance) => {
      assert.equal(performance.step.result, 'Succeeded', errorOf(performance));
      assert.equal(store.requests.length, 1);
      assert.equal(store.requests[0]?.headers.authorization, undefined);
    }).finally(() => store.close());
  });

  it('of the machine is trusted beside that of the agent', async () => {
    const other = join(folder, 'other.pem');
    writeFileSync(other, '');
    await callFrom(
      {
        settings: { CACert: other },
        agent: { 'Agent.ProxyUrl': 'PROXY', 'Agent.CAInfo': other },
        environment: { NODE_EXTRA_CA_CERTS: await authorityFile() },
      },
      assertThroughProxy,
    );
  });

  it('of the system is trusted beside that of the agent, if the machine says so', async function () {
    const node = needAgentNode(this, 24);
    const other = join(folder, 'other.pem');
    writeFileSync(other, '');
    const { folders = makeFolders() } = withSettings({ CACert: other });
    const place = await openCleanMachine();
    const { step } = await perform(
      { open: () => Promise.resolve(place), inputs: organizationInputs(place) },
      {
        node,
        folders,
        variables: { 'Agent.CAInfo': other },
        machineEnvironment: {
          NODE_EXTRA_CA_CERTS: '',
          NODE_USE_SYSTEM_CA: '1',
          // OpenSSL has the authorities of the system in this file.
          SSL_CERT_FILE: place.machineEnvironment['NODE_EXTRA_CA_CERTS'],
        },
      },
    );
    assert.equal(step.result, 'Succeeded', step.issues[0]?.message);
  });

  it('whose file the agent was not configured with is ignored, with one warning', async () => {
    const variables = { 'Agent.CAInfo': await authorityFile(), 'Agent.ClientCert': '/x/cert.pem' };
    await call({ step: { variables } }, ({ step }) => {
      assert.equal(step.result, 'Succeeded', step.issues[0]?.message);
      assert.equal(step.issues.length, 1);
      assert.equal(step.issues[0]?.type, 'warning');
      assert.match(
        step.issues[0].message,
        /^The task does not use the certificate file ".*" \(Agent\.CAInfo\), because the configuration of the agent .* does not name that file\. The task does not use the certificate file "\/x\/cert\.pem" \(Agent\.ClientCert\), because .*config\.sh --sslcacert/s,
      );
    });
  });

  it('whose file is not there is ignored, with a warning that says so', async () => {
    const path = join(folder, 'none.pem');
    await callFrom(
      {
        settings: { CACert: path },
        agent: { 'Agent.ProxyUrl': 'PROXY', 'Agent.CAInfo': path },
        environment: { NODE_EXTRA_CA_CERTS: await authorityFile() },
      },
      (performance) => {
        assertThroughProxy(performance);
        assert.match(
          performance.step.issues[0]?.message ?? '',
          /certificate file ".*none\.pem" \(Agent\.CAInfo\), because it cannot be read: no such file or directory \(ENOENT\)/,
        );
        assert.ok(!existsSync(path));
      },
    );
  });

  it('of the host is ignored in a container, with a warning that names NODE_EXTRA_CA_CERTS of the image', async function () {
    if (!canMount()) {
      skip(this, NO_MOUNT);
    }
    const folders = makeFolders();
    const path = join(folders.root, 'ca.pem');
    copyFileSync(await authorityFile(), path);
    writeCertificateSettings(folders.root, { CACert: path });
    const step = { folders, container: 'inside', variables: { 'Agent.CAInfo': path } } as const;
    await call({ step }, (performance) => {
      const { result, issues } = performance.step;
      assert.equal(result, 'Succeeded', issues[0]?.message);
      assert.equal(issues.length, 1);
      assert.match(
        issues[0]?.message ?? '',
        /certificate file "\/__a\/ca\.pem" \(Agent\.CAInfo\).*runs in a container.*image.*mount.*NODE_EXTRA_CA_CERTS/s,
      );
      assert.doesNotMatch(issues[0]?.message ?? '', /sslcacert/);
    });
  });
});

describe('the certificate of the agent', () => {
  it('is shown to a server that requests it, with a key that has a password or not', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'certificate-'));
    const { cert, key } = await issueCertificate(['agent-1']);
    const passphrase = 'the password of a key';
    const locked = createPrivateKey(key).export({
      type: 'pkcs8',
      format: 'pem',
      cipher: 'aes-256-cbc',
      passphrase,
    });
    const file = (name: string, text: string | Buffer) => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    };
    const organization = { wantsCertificate: true };
    const certificate = { 'Agent.ClientCert': file('cert.pem', cert) };
    try {
      const unconfigured = { ...certificate, 'Agent.ClientCertKey': file('key.pem', key) };
      const inputs = { maxRetries: '0', requestTimeoutInSeconds: '5' };
      for (const variables of [{}, unconfigured]) {
        await call({ organization, inputs, step: { variables } }, ({ step }) => {
          assert.equal(step.result, 'Failed');
          const isNamed = (step.issues[0]?.message ?? '').includes('(Agent.ClientCertKey)');
          assert.equal(isNamed, variables === unconfigured);
        });
      }
      for (const variables of [
        { ...certificate, 'Agent.ClientCertKey': file('key.pem', key) },
        {
          ...certificate,
          'Agent.ClientCertKey': file('locked.pem', locked),
          'Agent.ClientCertPassword': { value: passphrase, isSecret: true },
        },
      ]) {
        const settings = withSettings({
          ClientCert: variables['Agent.ClientCert'],
          ClientCertPrivatekey: variables['Agent.ClientCertKey'],
          ...('Agent.ClientCertPassword' in variables && { ClientCertPasswordLookupKey: 'C0FFEE' }),
        });
        await call({ organization, step: { variables, ...settings } }, ({ step }) => {
          assert.equal(step.result, 'Succeeded', step.issues[0]?.message);
          assert.ok(!step.log.join('\n').includes(passphrase));
        });
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('an agent that trusts any certificate', () => {
  it('is warned that the task does not', () =>
    callFrom(
      {
        agent: { 'Agent.ProxyUrl': 'PROXY', 'Agent.SkipCertValidation': 'True' },
        environment: { NODE_EXTRA_CA_CERTS: '' },
      },
      ({ step }) => {
        assert.equal(step.result, 'Failed');
        assert.match(step.issues[0]?.message ?? '', /skips certificate validation/);
        assert.match(step.issues[1]?.message ?? '', /The certificate of .* is not trusted/);
      },
    ));
});
