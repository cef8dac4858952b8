import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { NOT_CONFIGURED } from '../../../tasks/AzureDevOpsTokenV1/src/inputs/agent-certificates';
import { InputReader } from '../../../tasks/AzureDevOpsTokenV1/src/inputs/input-reader';
import {
  NETWORK_VARIABLES,
  readNetwork,
} from '../../../tasks/AzureDevOpsTokenV1/src/inputs/read-network';
import { writeCertificateSettings } from '../../emulators/agent/agent-configuration';
import { FakeAgent, fakeEnvironment } from '../fakes';
import { makeFolder } from '../folders';

function read(
  variables: Readonly<Record<string, string>>,
  environment: Readonly<Record<string, string>> = {},
) {
  const reader = new InputReader(new FakeAgent({}, variables), []);
  const network = readNetwork(reader, fakeEnvironment(environment));
  return { network, problems: reader.problems };
}

describe('the network of the agent', () => {
  const folder = makeFolder();

  before(() => {
    writeFileSync(join(folder, 'a.pem'), 'A');
    writeFileSync(join(folder, 'b.pem'), 'B');
  });

  /** Of an agent that was configured with what its variables say. */
  const readConfigured = (
    variables: Readonly<Record<string, string>>,
    environment: Readonly<Record<string, string>> = {},
  ) => {
    const { 'Agent.CAInfo': ca, 'Agent.ClientCert': cert, 'Agent.ClientCertKey': key } = variables;
    const password = variables['Agent.ClientCertPassword'];
    writeCertificateSettings(folder, {
      ...(ca !== undefined && { CACert: ca }),
      ...(cert !== undefined && { ClientCert: cert }),
      ...(key !== undefined && { ClientCertPrivatekey: key }),
      ...(password !== undefined && { ClientCertPasswordLookupKey: 'C0FFEE' }),
    });
    return read({ 'Agent.HomeDirectory': folder, ...variables }, environment);
  };

  it('is nothing special where the agent says nothing', () => {
    assert.deepEqual(read({}), {
      network: { tls: {}, skipsValidation: false, ignoredFiles: [] },
      problems: [],
    });
  });

  it('has a proxy with what goes past it', () => {
    const { proxy } = read({
      'Agent.ProxyUrl': 'http://proxy.example.com:3128',
      'Agent.ProxyUsername': 'a',
      'Agent.ProxyPassword': 'b',
      'Agent.ProxyBypassList': '["a\\\\.b ", "[", 5, " "]',
    }).network;
    assert.equal(proxy?.url.href, 'http://proxy.example.com:3128/');
    assert.deepEqual([proxy.username, proxy.password], ['a', 'b']);
    assert.deepEqual(proxy.bypass, [/a\.b/i]);
  });

  for (const list of ['', '{}', 'x', 'null', '[]']) {
    it(`has nothing that goes past the proxy by the list ${list}`, () => {
      const { proxy } = read({
        'Agent.ProxyUrl': 'https://proxy.example.com',
        'Agent.ProxyBypassList': list,
      }).network;
      assert.deepEqual(proxy?.bypass, []);
      assert.deepEqual([proxy.username, proxy.password], ['', '']);
    });
  }

  for (const url of ['proxy:3128', 'xhttp://proxy', 'socks5://proxy', 'http://[', 'ftp://x']) {
    it(`has no proxy at ${url}`, () => {
      const { network, problems } = read({ 'Agent.ProxyUrl': url });
      assert.equal(network.proxy, undefined);
      assert.match(problems[0] ?? '', /^Agent\.ProxyUrl is not a URL such as/);
    });
  }

  it('trusts the authorities of the agent beside those of Node.js and of the machine', () => {
    const agent = { 'Agent.CAInfo': join(folder, 'a.pem') };
    const own = rootCertificates;
    assert.deepEqual(readConfigured(agent).network.tls.ca, [...own, 'A']);
    const machine = { NODE_EXTRA_CA_CERTS: join(folder, 'b.pem') };
    assert.deepEqual(readConfigured(agent, machine).network.tls.ca, [...own, 'B', 'A']);
    const missing = { NODE_EXTRA_CA_CERTS: join(folder, 'c.pem') };
    assert.deepEqual(readConfigured(agent, missing).network.tls.ca, [...own, 'A']);
  });

  it('has the certificate of the agent if it has a key, and its password', () => {
    const cert = { 'Agent.ClientCert': join(folder, 'a.pem') };
    const key = { 'Agent.ClientCertKey': join(folder, 'b.pem') };
    const whole = readConfigured({ ...cert, ...key, 'Agent.ClientCertPassword': 'c' });
    assert.deepEqual(whole.network.tls, { cert: 'A', key: 'B', passphrase: 'c' });
    assert.deepEqual(readConfigured(cert).network.tls, {});
  });

  it('ignores a password that the agent was not configured with', () => {
    const cert = { 'Agent.ClientCert': join(folder, 'a.pem') };
    const key = { 'Agent.ClientCertKey': join(folder, 'b.pem') };
    readConfigured({ ...cert, ...key });
    const { network } = read({
      'Agent.HomeDirectory': folder,
      ...cert,
      ...key,
      'Agent.ClientCertPassword': 'theirs',
    });
    assert.deepEqual(network.tls, { cert: 'A', key: 'B' });
  });

  it('ignores each file that the agent was not configured with, and says so', () => {
    const path = join(folder, 'a.pem');
    const { network, problems } = read({ 'Agent.CAInfo': path, 'Agent.ClientCert': folder });
    assert.deepEqual(network.tls, {});
    assert.deepEqual(problems, []);
    assert.deepEqual(
      network.ignoredFiles.map((file) => [file.variable, file.path, file.reason]),
      [
        ['Agent.CAInfo', `"${path}"`, NOT_CONFIGURED],
        ['Agent.ClientCert', `"${folder}"`, NOT_CONFIGURED],
      ],
    );
  });

  it('ignores a configured file that cannot be read', () => {
    const { network } = readConfigured({ 'Agent.CAInfo': join(folder, 'c.pem') });
    assert.deepEqual(network.tls, {});
    assert.match(network.ignoredFiles[0]?.reason ?? '', /no such file or directory \(ENOENT\)/);
  });

  it('may skip the validation', () => {
    assert.equal(read({ 'Agent.SkipCertValidation': 'TRUE' }).network.skipsValidation, true);
    assert.equal(read({ 'Agent.SkipCertValidation': 'False' }).network.skipsValidation, false);
  });

  it('is nothing that a pipeline may choose', () => {
    assert.equal(NETWORK_VARIABLES.length, 10);
    assert.ok(NETWORK_VARIABLES.every((name) => name.startsWith('Agent.')));
  });
});
