import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { writeGitConfig } from '../../../tasks/AzureDevOpsTokenV1/src/git/git-config';
import { readState } from '../../../tasks/AzureDevOpsTokenV1/src/git/git-state';
import type { NetworkInputs } from '../../../tasks/AzureDevOpsTokenV1/src/inputs/task-inputs';
import type { TaskInputs } from '../../../tasks/AzureDevOpsTokenV1/src/inputs/task-inputs';
import { MAX_GIT_STATE_BYTES } from '../../../tasks/AzureDevOpsTokenV1/src/limits';
import { skip } from '../../skip';
import { fakeEnvironment } from '../fakes';
import { errorOf, toProblem } from '../to-problem';
import { makeFolder } from '../folders';

const GUID = '01234567-89ab-cdef-0123-456789abcdef';
const GIT = {
  organization: { name: 'MyOrg', url: 'https://dev.azure.com/MyOrg' },
  addresses: [{ host: 'dev.azure.com', path: 'MyOrg' }],
};
const NETWORK: NetworkInputs = { tls: {}, skipsValidation: false, ignoredFiles: [] };
const STATE = {
  ...GIT,
  allowedHosts: ['localhost:8080'],
  isInContainer: false,
  environment: {},
  authorities: [],
};

describe('the state of the credential helper', () => {
  const folder = makeFolder();
  function write(
    identity: Partial<TaskInputs['identity']> = {},
    variables: Readonly<Record<string, string>> = {},
    network: Partial<NetworkInputs> = {},
  ): string {
    const config = writeGitConfig(
      {
        git: GIT,
        allowedHosts: ['localhost:8080'],
        identity: { minimumLifetimeMs: 300_000, isInContainer: false, ...identity },
        network: { ...NETWORK, ...network },
        temporaryFolder: folder,
      },
      fakeEnvironment(variables),
    );
    return join(dirname(config), 'state.json');
  }

  it('is read as it was written', () => {
    assert.deepEqual(readState(write()), STATE);
    const requested = { input: 'objectId', value: GUID } as const;
    assert.deepEqual(readState(write({ requested })), { ...STATE, requested });
    const isAgentConnection = true;
    const ofConnection = { requested, isAgentConnection };
    assert.deepEqual(readState(write(ofConnection)), { ...STATE, ...ofConnection });
  });

  it('is in a folder of its own that only the user of the agent can read', function () {
    const [first, second] = [write(), write()];
    assert.notEqual(dirname(first), dirname(second));
    if (process.platform !== 'win32') {
      const modes = [dirname(first), first, join(dirname(first), 'config')].map(
        (path) => statSync(path).mode & 0o777,
      );
      assert.deepEqual(modes, [0o700, 0o600, 0o600]);
    }
  });

  it('has the variables that choose the identity source, and none of their secrets', () => {
    const variables = {
      IDENTITY_ENDPOINT: 'http://127.0.0.1:1/',
      IDENTITY_HEADER: 'secret-of-the-endpoint',
      MSI_SECRET: 'another-secret',
      AZURE_FEDERATED_TOKEN_FILE: '/var/run/token',
      AZURE_CLIENT_ID: GUID,
      HTTPS_PROXY: 'http://user:pass@proxy.example.com',
      NODE_OPTIONS: '--no-warnings',
    };
    const { environment } = readState(write({}, variables));
    assert.deepEqual(environment, {
      IDENTITY_ENDPOINT: 'http://127.0.0.1:1/',
      AZURE_FEDERATED_TOKEN_FILE: '/var/run/token',
      AZURE_CLIENT_ID: GUID,
    });
  });

  it('has no secret of a service connection, of the proxy and of the client certificate', () => {
    const path = write(
      {
        connection: {
          input: 'azureSubscription',
          id: GUID,
          tenantId: GUID,
          clientId: GUID,
          oidcRequestUrl: new URL('https://dev.azure.com/MyOrg/oidctoken'),
          jobToken: 'secret-1',
        },
      },
      {},
      {
        proxy: {
          url: new URL('http://in-url:secret-2@proxy.example.com:3128'),
          username: 'agent',
          password: 'secret-3',
          bypass: [/\.example\.com$/i],
        },
        tls: { ca: ['PEM'], cert: 'CERT', key: 'secret-4', passphrase: 'secret-5' },
      },
    );
    assert.doesNotMatch(readFileSync(path, 'utf8'), /secret|CERT|in-url/);
    const { connection, proxy, authorities } = readState(path);
    assert.equal(connection?.oidcRequestUrl, 'https://dev.azure.com/MyOrg/oidctoken');
    assert.deepEqual(proxy, {
      url: 'http://proxy.example.com:3128',
      username: 'agent',
      hasPassword: true,
      bypass: ['\\.example\\.com$'],
    });
    assert.deepEqual(authorities, ['PEM']);
  });

  it('is refused if a link is in its place', function () {
    if (process.platform === 'win32') {
      skip(this, 'Windows has other access rights');
    }
    const link = join(folder, 'link.json');
    symlinkSync(write(), link);
    assert.equal(problemOf(link).reason, 'too many symbolic links encountered (ELOOP)');
  });

  const REFUSED = 'it is not what the step writes';
  for (const [what, content] of [
    ['is empty', ''],
    ['is no JSON', '{'],
    ['is no object', '[]'],
    ['is null', 'null'],
    ['has no organization', JSON.stringify({ ...STATE, organization: undefined })],
    ['has an address that is no host', JSON.stringify({ ...STATE, addresses: [null] })],
    ['has hosts that are no texts', JSON.stringify({ ...STATE, allowedHosts: [1] })],
    ['has a variable that is no text', JSON.stringify({ ...STATE, environment: { A: {} } })],
    ['has another input', JSON.stringify({ ...STATE, requested: { input: 'url', value: 'x' } })],
    ['has a connection without a URL', JSON.stringify({ ...STATE, connection: { id: GUID } })],
    [
      'has a proxy without a list',
      JSON.stringify({ ...STATE, proxy: { url: 'http://x', username: '' } }),
    ],
  ] as const) {
    it(`is refused if it ${what}`, () => {
      const path = join(folder, 'damaged.json');
      writeFileSync(path, content);
      assert.equal(problemOf(path).reason, REFUSED);
    });
  }

  it('is refused if it is larger than any that a step writes', () => {
    const path = join(folder, 'large.json');
    writeFileSync(path, JSON.stringify(STATE).padEnd(MAX_GIT_STATE_BYTES + 1));
    assert.equal(problemOf(path).reason, REFUSED);
  });

  it('is refused if it is a folder or not there', () => {
    const path = join(folder, 'folder.json');
    mkdirSync(path);
    assert.equal(problemOf(path).reason, REFUSED);
    assert.equal(problemOf(join(folder, 'none.json')).reason, 'no such file or directory (ENOENT)');
  });

  it('is not written to a folder that is not there, and the error names it', () => {
    const missing = join(folder, 'missing');
    assert.throws(
      () =>
        writeGitConfig(
          {
            git: GIT,
            allowedHosts: [],
            identity: { minimumLifetimeMs: 0, isInContainer: false },
            network: NETWORK,
            temporaryFolder: missing,
          },
          fakeEnvironment(),
        ),
      (error) => {
        const { kind, folder: named, reason } = toProblem(error);
        assert.deepEqual([kind, named], ['folder', missing]);
        assert.equal(reason, 'no such file or directory (ENOENT)');
        return true;
      },
    );
  });
});

function problemOf(path: string) {
  const { kind, reason, path: named } = toProblem(errorOf(() => readState(path)));
  assert.deepEqual([kind, named], ['state', path]);
  return { reason };
}
