import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { gitError } from '../../../tasks/AzureDevOpsTokenV1/src/errors/git';
import { respondToGit } from '../../../tasks/AzureDevOpsTokenV1/src/git/credential-helper';
import type {
  GitSettings,
  Verification,
} from '../../../tasks/AzureDevOpsTokenV1/src/git/git-settings';
import type { GitState } from '../../../tasks/AzureDevOpsTokenV1/src/git/git-state';
import type { IdentityContext } from '../../../tasks/AzureDevOpsTokenV1/src/identity/identity';
import type { IdentityInputs } from '../../../tasks/AzureDevOpsTokenV1/src/inputs/task-inputs';
import { GIT_SIGN_IN } from '../../../tasks/AzureDevOpsTokenV1/src/limits';
import { FakeClock, fakeEnvironment } from '../fakes';
import { makeFolder } from '../folders';

const TOKEN = 'eyJ0.token-of-the-identity.x';
const STATE: GitState = {
  organization: { name: 'MyOrg', url: 'https://dev.azure.com/MyOrg' },
  addresses: [
    { host: 'dev.azure.com', path: 'MyOrg' },
    { host: 'myorg.visualstudio.com', path: '' },
    { host: 'git.example.com:8443', path: '' },
  ],
  allowedHosts: ['git.example.com:8443'],
  isInContainer: false,
  environment: { IDENTITY_ENDPOINT: 'http://127.0.0.1:1/' },
  authorities: [],
};
const CONNECTION = {
  input: 'azureSubscription',
  id: '3b0f6a52-8d1c-4e7f-9a2b-5c6d7e8f9a0b',
  tenantId: '7e9c6d20-0b1f-4c5e-9a53-2f0d6c1b8e47',
  clientId: '6f5e4d3c-2b1a-4098-8f7e-6d5c4b3a2918',
  oidcRequestUrl: 'https://dev.azure.com/MyOrg/oidctoken',
} as const;

interface Options {
  readonly operation?: string;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly state?: Partial<GitState>;
  readonly environment?: Readonly<Record<string, string>>;
  /** Thrown in place of a token. */
  readonly failure?: Error;
  /** The variables of the git that requests the credential. */
  readonly variables?: Readonly<Record<string, string>>;
  /** What that git lists as sslVerify. */
  readonly verification?: readonly Verification[];
}

const verified = (key: string): Verification => ({ key, isVerified: true });
const unverified = (key: string): Verification => ({ key, isVerified: false });

describe('the credential helper of git', () => {
  const folder = makeFolder();
  const statePath = join(folder, 'state.json');
  let signedIn: (IdentityInputs & IdentityContext)[] = [];
  let pinned: GitState['environment'][] = [];

  beforeEach(() => {
    signedIn = [];
    pinned = [];
  });
  function ask(options: Options = {}) {
    const { operation = 'get', attributes, state, environment, failure } = options;
    const settings: GitSettings = {
      getVariable: (name) => options.variables?.[name],
      listVerification: () => options.verification ?? [],
    };
    writeFileSync(statePath, JSON.stringify({ ...STATE, ...state }));
    const request = {
      protocol: 'https',
      host: 'dev.azure.com',
      path: 'MyOrg/a/_git/b',
      ...attributes,
    };
    const input = Object.entries(request)
      .map(([name, value]) => `${name}=${value}\n`)
      .join('');
    return respondToGit(
      { operation, statePath, input },
      {
        clock: new FakeClock(),
        signIn: (inputs, context) => {
          signedIn.push({ ...inputs, ...context });
          const expiresOn = new Date('2026-01-31T12:00:00.999Z');
          const ids = { tenantId: undefined, clientId: undefined, objectId: undefined };
          const getToken = () => {
            context.maskToken(TOKEN);
            return failure === undefined
              ? Promise.resolve({ token: TOKEN, expiresOn, ...ids })
              : Promise.reject(failure);
          };
          return Promise.resolve({ source: 'IMDS', identityName: 'identity', getToken });
        },
        pin: (values) => {
          pinned.push(values);
          return fakeEnvironment({ ...values, ...environment });
        },
        settings,
      },
    );
  }

  it('returns the token as a password, with its expiry', async () => {
    assert.deepEqual(await ask(), {
      output: `username=MyOrg\npassword=${TOKEN}\npassword_expiry_utc=1769860800\n`,
      error: '',
    });
  });

  it('gets it as the step did, whatever its lifetime, within the limits for git', async () => {
    const requested = { input: 'clientId', value: CONNECTION.clientId } as const;
    await ask({ state: { requested, isInContainer: true } });
    const [{ minimumLifetimeMs, isInContainer, limits, allowedHosts, ...rest } = assert.fail()] =
      signedIn;
    assert.deepEqual([minimumLifetimeMs, isInContainer, limits], [0, true, GIT_SIGN_IN]);
    assert.deepEqual([rest.requested, rest.connection], [requested, undefined]);
    assert.deepEqual(allowedHosts, STATE.allowedHosts);
    assert.deepEqual(pinned, [STATE.environment]);
  });

  it('knows that the identity is that of a service connection for the agent', async () => {
    await ask({ state: { isAgentConnection: true } });
    await ask();
    assert.deepEqual(
      signedIn.map(({ isAgentConnection }) => isAgentConnection),
      [true, undefined],
    );
  });

  it('keeps the user name of the URL', async () => {
    const { output } = await ask({ attributes: { username: 'someone' } });
    assert.match(output, /^username=someone\n/);
  });

  for (const [what, attributes] of Object.entries({
    'the organization in capital letters': { path: 'MYORG/a/_git/b' },
    'the organization alone': { path: 'MyOrg' },
    'a host in capital letters with its port': { host: 'Dev.Azure.com:443' },
    'the older host': { host: 'myorg.visualstudio.com', path: 'DefaultCollection/a/_git/b' },
    'a host that allowedHosts names': { host: 'git.example.com:8443', path: 'a' },
    'attributes of the server': { 'wwwauth[]': 'Bearer', 'capability[]': 'state', 'state[]': 'x' },
  } as const)) {
    it(`responds to ${what}`, async () => {
      assert.match((await ask({ attributes })).output, /^username=MyOrg\npassword=eyJ0/);
    });
  }

  for (const [what, attributes] of [
    ['another organization', { path: 'OtherOrg/a/_git/b' }],
    ['an organization whose name begins like it', { path: 'MyOrg2/a/_git/b' }],
    ['a request without a path', { path: '' }],
    ['a path that leaves the organization', { path: 'MyOrg/../OtherOrg/_git/b' }],
    ['a path with a dot as a segment', { path: 'MyOrg/./a' }],
    ['a path with a backslash', { path: 'MyOrg\\..\\OtherOrg' }],
    ['a path that begins with a slash', { path: '/MyOrg/a' }],
    ['a request without TLS', { protocol: 'http' }],
    ['another host', { host: 'dev.azure.com.example.com' }],
    ['another port', { host: 'dev.azure.com:8443' }],
    ['the older host of another organization', { host: 'other.visualstudio.com' }],
  ] as const) {
    it(`is silent about ${what}, so that git goes on`, async () => {
      for (const operation of ['get', 'erase']) {
        assert.deepEqual(await ask({ operation, attributes }), { output: '', error: '' });
      }
      assert.deepEqual(signedIn, []);
    });
  }

  it('is silent about an operation that it does not have', async () => {
    assert.deepEqual(await ask({ operation: 'capability' }), { output: '', error: '' });
  });

  it('explains a refused credential without showing it', async () => {
    const attributes = { username: 'x', password: TOKEN };
    const { error } = await ask({ operation: 'erase', attributes });
    assert.match(error, /refused the credential for https:\/\/dev\.azure\.com\/MyOrg\/a\/_git\/b/);
    assert.match(error, /remove persistCredentials/);
    assert.ok(!error.includes(TOKEN) && !error.includes('\n'));
    assert.deepEqual(signedIn, []);
  });

  it('explains in one line why there is no token, and ends git', async () => {
    const failure = gitError({ kind: 'folder', folder: '/tmp', reason: 'x' });
    const { output, error } = await ask({ failure });
    assert.equal(output, 'quit=1\n');
    assert.match(error, /^The git configuration cannot be written\. [^\n]*\/tmp[^\n]*$/);
  });

  it('shows nothing of an error that it does not foresee but its kind', async () => {
    const { output, error } = await ask({ failure: new TypeError(TOKEN) });
    assert.equal(output, 'quit=1\n');
    assert.match(error, /TypeError/);
    assert.ok(!error.includes(TOKEN));
  });

  it('uses the access token of the job with a service connection', async () => {
    await ask({
      state: { connection: CONNECTION },
      environment: { SYSTEM_ACCESSTOKEN: 'job-token' },
    });
    assert.deepEqual(signedIn[0]?.connection, {
      ...CONNECTION,
      oidcRequestUrl: new URL(CONNECTION.oidcRequestUrl),
      jobToken: 'job-token',
    });
  });

  for (const environment of [{}, { SYSTEM_ACCESSTOKEN: '$(System.AccessToken)' }]) {
    it(`says how to map it if the step has ${JSON.stringify(environment)}`, async () => {
      const { output, error } = await ask({ state: { connection: CONNECTION }, environment });
      assert.equal(output, 'quit=1\n');
      assert.match(
        error,
        /env: in the step that runs git\. SYSTEM_ACCESSTOKEN: \$\(System\.AccessToken\)/,
      );
      assert.deepEqual(signedIn, []);
    });
  }

  const PROXY = {
    url: 'http://proxy.example.com:3128',
    username: 'agent',
    hasPassword: true,
    bypass: ['^https://dev\\.azure\\.com$'],
  };

  it('uses the proxy of the agent to reach Microsoft Entra, with the password of the step', async () => {
    const environment = { SYSTEM_ACCESSTOKEN: 'job-token', AGENT_PROXYPASSWORD: 'p@ss' };
    await ask({ state: { connection: CONNECTION, proxy: PROXY }, environment });
    assert.deepEqual(signedIn[0]?.network, {
      tls: {},
      proxy: {
        url: new URL(PROXY.url),
        username: 'agent',
        password: 'p@ss',
        bypass: [/^https:\/\/dev\.azure\.com$/i],
      },
    });
  });

  it('says how to map the password of the proxy', async () => {
    const pod = { environment: { AZURE_FEDERATED_TOKEN_FILE: '/token' }, proxy: PROXY };
    const { error } = await ask({ state: pod });
    assert.match(
      error,
      /env: in the step that runs git\. AGENT_PROXYPASSWORD: \$\(Agent\.ProxyPassword\)/,
    );
  });

  it('needs no proxy for a managed identity', async () => {
    await ask({ state: { proxy: PROXY } });
    assert.deepEqual(signedIn[0]?.network, { tls: {} });
  });

  it('trusts the authorities of the step besides those of Node.js', async () => {
    await ask({ state: { authorities: ['PEM'] } });
    assert.deepEqual(signedIn[0]?.network?.tls, { ca: [...rootCertificates, 'PEM'] });
  });

  describe('with variables that let a trace show the token', () => {
    for (const [name, values] of Object.entries({
      // Whatever is no sign of redaction, as git reads a boolean: https://git-scm.com/docs/git-config#_values
      GIT_TRACE_REDACT: ['0', 'false', 'No', 'OFF', '', '00', '0x0', '-0', '0k', ' 0', '0=1'],
      LFS_DEBUG_HTTP: ['1', 'true', 't', 'yes', 'anything'],
    })) {
      for (const value of values) {
        it(`returns no token if ${name} is ${JSON.stringify(value)}`, async () => {
          const { output, error } = await ask({ variables: { [name]: value } });
          assert.equal(output, 'quit=1\n');
          assert.match(error, new RegExp(`because the variable ${name} lets .*Remove ${name} `));
          assert.deepEqual(signedIn, []);
        });
      }
    }

    for (const variables of [
      { GIT_TRACE_REDACT: '1', LFS_DEBUG_HTTP: '0' },
      { GIT_TRACE_REDACT: 'True', LFS_DEBUG_HTTP: 'off' },
      {
        GIT_TRACE_CURL: '1',
        GIT_CURL_VERBOSE: '1',
        GIT_TRACE_CURL_NO_DATA: '0',
        LFS_DEBUG_HTTP: '',
      },
    ]) {
      it(`returns the token with ${JSON.stringify(variables)}`, async () => {
        assert.match((await ask({ variables })).output, /^password=eyJ0/m);
      });
    }
  });

  describe('with a git that does not verify certificates', () => {
    for (const [what, options] of [
      ['GIT_SSL_NO_VERIFY is 1', { variables: { GIT_SSL_NO_VERIFY: '1' } }],
      ['GIT_SSL_NO_VERIFY is 0', { variables: { GIT_SSL_NO_VERIFY: '0' } }],
      ['GIT_SSL_NO_VERIFY is empty', { variables: { GIT_SSL_NO_VERIFY: '' } }],
      ...[
        'http.sslverify',
        'http.https://dev.azure.com/.sslverify',
        'http.https://DEV.azure.com:443.sslverify',
        'http.https://MyOrg@dev.azure.com/MyOrg/a/_git/b.sslverify',
        'http.https://*.azure.com/.sslverify',
        'http.https://dev.*.com/OtherOrg.sslverify',
        'http.dev.azure.com.sslverify',
      ].map((key) => [`${key} is false`, { verification: [unverified(key)] }] as const),
      [
        'only the setting for its address is true, which Git LFS does not read',
        {
          verification: [
            unverified('http.sslverify'),
            verified('http.https://dev.azure.com/MyOrg/.sslverify'),
          ],
        },
      ],
    ] satisfies readonly (readonly [string, Options])[]) {
      it(`returns no token if ${what}`, async () => {
        const { output, error } = await ask(options);
        assert.equal(output, 'quit=1\n');
        assert.match(
          error,
          /(?:GIT_SSL_NO_VERIFY|sslVerify=false) makes it accept any certificate/,
        );
        assert.deepEqual(signedIn, []);
      });
    }

    for (const [what, verification] of [
      ['of another host', [unverified('http.https://git.example.com/.sslverify')]],
      ['of hosts with other names', [unverified('http.https://*.example.com/.sslverify')]],
      ['of hosts with longer names', [unverified('http.https://*.dev.azure.com/.sslverify')]],
      ['of another port', [unverified('http.https://dev.azure.com:8443/.sslverify')]],
      ['that a later one replaces', [unverified('http.sslverify'), verified('http.sslverify')]],
    ] as const) {
      it(`returns the token in spite of a setting ${what}`, async () => {
        assert.match((await ask({ verification })).output, /^password=eyJ0/m);
      });
    }
  });

  it('ends git if its state is damaged', async () => {
    writeFileSync(statePath, '{');
    const request = { operation: 'get', statePath, input: 'protocol=https\n' };
    const { output, error } = await respondToGit(request, {
      clock: new FakeClock(),
      signIn: () => assert.fail('it signed in'),
    });
    assert.equal(output, 'quit=1\n');
    assert.match(error, /state\.json failed: it is not what the step writes/);
  });
});
