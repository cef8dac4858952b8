// git with the credentials of a step: the real git, the configuration that the built task writes, and servers that demand a token.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { IDENTITY_NAMES, NODE_NAMES } from '../../tasks/AzureDevOpsTokenV1/src/protected-names';
import { JOB_TOKEN } from '../emulators/agent/job-setting';
import type { Job, JobOptions, YamlStep } from '../emulators/agent/run-job';
import type { Step } from '../emulators/agent/run-step';
import { APP, has } from '../emulators/git-machine';
import { readToken } from '../emulators/organization/organization';
import {
  APPLICATION,
  azureDevOps,
  CONNECTION_ID,
  ISSUER,
  SUBJECT,
} from '../emulators/service-connections';
import { needAgentNode, needGit, skip } from '../skip';
import { assertKept, filesBelow } from './secrecy';
import { Workshop, type WorkshopOptions } from './workshop';

const PREPARE: YamlStep = {
  task: 'AzureDevOpsToken@1',
  name: 'devops',
  inputs: { gitCredentials: true },
};
const GIT_VARIABLES = {
  GIT_CONFIG_COUNT: 1,
  GIT_CONFIG_KEY_0: 'include.path',
  GIT_CONFIG_VALUE_0: '$(devops.gitConfig)',
  GIT_TERMINAL_PROMPT: 0,
};
/** A header of an earlier job, whose token has expired. */
const STALE_HEADER = 'Authorization: Basic c3RhbGU6c3RhbGU=';

/** A step that runs git with the credentials of the step `devops`. */
const withGit = (script: string, env: YamlStep['env'] = {}): YamlStep => ({
  bash: `set -e\n${script}`,
  env: { ...GIT_VARIABLES, ...env },
});
const commit = (file: string) =>
  `echo x > ${file}; git add ${file}; git -c user.name=Build -c user.email=build@example.com commit --quiet -m "Add ${file}"`;

describe('git with the credentials of a step', () => {
  let workshop: Workshop;
  let job: Job;

  before(function () {
    needGit(this);
  });

  /** Runs a job on a machine of its own, and checks that no token is left behind. */
  async function act(
    steps: readonly YamlStep[],
    {
      machine = {},
      ...options
    }: Omit<JobOptions, 'steps' | 'taskFolder'> & {
      readonly machine?: WorkshopOptions;
    } = {},
  ): Promise<Step> {
    workshop = await Workshop.open(machine);
    job = await workshop.run(steps, options);
    return job.steps.at(-1) ?? assert.fail();
  }

  afterEach(async () => {
    try {
      assertKept(
        workshop.tokens,
        job,
        filesBelow(workshop.trace).map((file) => [file, readFileSync(file, 'latin1')] as const),
      );
    } finally {
      rmSync(job.folders.root, { recursive: true });
      await workshop.close();
    }
  });

  const assertSucceeded = () => {
    for (const { result, log } of job.steps) {
      assert.equal(result, 'Succeeded', log.join('\n'));
    }
  };
  const fileOf = (...path: readonly string[]) =>
    readFileSync(join(job.folders.sources, ...path), 'utf8');
  const inApp = (...args: readonly string[]) => workshop.git.git('MyOrg/SecretSauce/app', ...args);
  /** The tokens that git sent. With a user name in the URL, it first sends that and no password. */
  const sent = () =>
    workshop
      .gitRequests()
      .flatMap(({ headers }) => readToken(headers.authorization) ?? [])
      .filter((token) => token !== '');

  for (const major of [20, 24] as const) {
    it(`clones, fetches and pushes with the Node.js ${major} of the agent`, async function () {
      const node = needAgentNode(this, major);
      const script = `git clone --quiet ${APP}; cd app; git fetch origin; ${commit('new.txt')}; git push origin HEAD:main`;
      await act([PREPARE, withGit(script)], { node });
      assertSucceeded();
      assert.equal(inApp('show', 'main:new.txt'), 'x');
      assert.ok(sent().every((token) => workshop.tokens.includes(token)));
      // One for the step, and one for each command of git.
      assert.equal(workshop.tokens.length, 4);
    });
  }

  it('clones by each spelling of a URL, at the same time', async () => {
    const urls = [
      APP.replace('MyOrg', 'myorg'),
      APP.replace('MyOrg', 'MYORG'),
      'https://myorg.visualstudio.com/DefaultCollection/SecretSauce/_git/app',
      APP.replace('//', '//MyOrg@'),
    ];
    const clones = urls.map((url, index) => `git clone --quiet ${url} clone-${index} &`);
    await act([PREPARE, withGit(`${clones.join('\n')}\nwait`)]);
    assertSucceeded();
    urls.forEach((_, index) => {
      assert.equal(fileOf(`clone-${index}`, 'app.txt'), 'the app\n');
    });
  });

  describe('in a step that outlives a token', () => {
    // When the push begins, five minutes have passed, and each token is valid for two.
    const jump = () =>
      workshop.gitRequests().some(({ url }) => url.search.includes('receive-pack')) ? 300_000 : 0;
    const now = () => Date.now() + jump();
    const machine: WorkshopOptions = {
      endpoint: { lifetimeSeconds: 120, now },
      organization: { now },
    };
    const script = `git clone --quiet ${APP}; cd app; ${commit('late.txt')}; git push origin HEAD:main`;
    const prepare = { ...PREPARE, inputs: { gitCredentials: true, minimumLifetimeInMinutes: 1 } };

    it('pushes with a new one', async () => {
      await act([prepare, withGit(script)], { machine });
      assertSucceeded();
      assert.equal(inApp('show', 'main:late.txt'), 'x');
    });

    it('does not push with the one that the step was given', async () => {
      const env = {
        GIT_CONFIG_KEY_0: 'http.https://dev.azure.com/MyOrg/.extraheader',
        GIT_CONFIG_VALUE_0: 'Authorization: Bearer $(devops.token)',
      };
      const { result } = await act([prepare, withGit(script, env)], { machine });
      assert.equal(result, 'Failed');
      assert.ok(!inApp('ls-tree', '--name-only', 'main').includes('late.txt'));
    });
  });

  describe('beside the configuration of the user', () => {
    const LEVELS = ['--global', '--local'];

    it('gives a helper of the user or of the repository nothing to store', async () => {
      const configure = LEVELS.flatMap((level) =>
        ['credential.helper', 'credential.https://dev.azure.com.helper'].flatMap((key) =>
          ['store', 'cache', 'store --file kept'].map(
            (helper) => `git config ${level} --add ${key} '${helper}'`,
          ),
        ),
      );
      await act([
        { checkout: 'self' },
        PREPARE,
        { bash: configure.join('\n') },
        withGit(`git fetch; ${commit('y.txt')}; git push origin HEAD:main`),
        { bash: `printf 'protocol=https\\nhost=dev.azure.com\\n\\n' | git credential-cache get` },
      ]);
      assertSucceeded();
      assert.equal(job.steps.at(-1)?.stdout, '');
      assert.ok(sent().length > 0);
      assert.ok(!filesBelow(job.folders.root).some((file) => /kept$|credentials$/.test(file)));
    });

    it('sends no stale header of the user or of the repository', async () => {
      const keys = ['http', 'http.https://dev.azure.com/', 'http.https://dev.azure.com/MyOrg/'];
      const fetches = LEVELS.flatMap((level) =>
        keys.map(
          (key) => `git config ${level} --add '${key}.extraheader' '${STALE_HEADER}'; git fetch`,
        ),
      );
      await act([{ checkout: 'self' }, PREPARE, withGit(fetches.join('\n'))]);
      assertSucceeded();
      assert.ok(sent().length > 0 && sent().every((token) => workshop.tokens.includes(token)));
    });

    it('reads and writes the configuration of the user', async () => {
      const { stdout } = await act([
        { bash: 'git config --global user.name "Build agent"' },
        PREPARE,
        withGit(
          'git config --global user.email build@example.com; git config --global --list; git config user.name',
        ),
      ]);
      assertSucceeded();
      assert.equal(stdout, 'user.name=Build agent\nuser.email=build@example.com\nBuild agent\n');
    });

    it('leaves the helpers of other hosts', async () => {
      const helper = '!f() { echo username=them; echo password=theirs; }; f';
      const { stdout } = await act([
        { bash: `git config --global credential.helper '${helper}'` },
        PREPARE,
        withGit(`printf 'url=https://git.example.com/x\\n\\n' | git credential fill`),
      ]);
      assertSucceeded();
      assert.match(stdout, /^username=them\npassword=theirs$/m);
    });

    it('counts safe.directory of the user', async function () {
      if (process.getuid?.() !== 0) {
        skip(this, 'only root can give a folder to another user');
      }
      const { result } = await act([
        { checkout: 'self' },
        { bash: 'chown -R 12345 .; git config --global --add safe.directory "$PWD"' },
        PREPARE,
        withGit('git fetch'),
      ]);
      assert.equal(result, 'Succeeded');
    });
  });

  describe('with the token in hand and a stale header', () => {
    const key = 'http.https://dev.azure.com/MyOrg/.extraheader';
    const value = 'Authorization: Bearer $(devops.token)';
    const stale = { bash: `git config --global http.extraheader '${STALE_HEADER}'` };
    const steps = (env: YamlStep['env'] = {}): readonly YamlStep[] => [
      { task: 'AzureDevOpsToken@1', name: 'devops' },
      stale,
      { bash: `git clone --quiet ${APP}`, env },
    ];

    it('sends one header if the list is emptied first', async () => {
      await act(
        steps({
          GIT_CONFIG_COUNT: 2,
          GIT_CONFIG_KEY_0: key,
          GIT_CONFIG_VALUE_0: '',
          GIT_CONFIG_KEY_1: key,
          GIT_CONFIG_VALUE_1: value,
        }),
      );
      assertSucceeded();
      assert.equal(fileOf('app', 'app.txt'), 'the app\n');
    });

    it('is refused with 400 otherwise, as the page says', async () => {
      const { result, stderr } = await act(
        steps({ GIT_CONFIG_COUNT: 1, GIT_CONFIG_KEY_0: key, GIT_CONFIG_VALUE_0: value }),
      );
      assert.equal(result, 'Failed');
      assert.match(stderr, /The requested URL returned error: 400/);
    });
  });

  it('writes no token to the traces of git', async () => {
    const trace = (name: string) => `$(Agent.TempDirectory)/${name}.trace`;
    await act([
      PREPARE,
      withGit(`git clone --quiet ${APP}`, {
        GIT_TRACE: trace('git'),
        GIT_TRACE_CURL: trace('curl'),
        GIT_TRACE2_PERF: trace('perf'),
      }),
    ]);
    assertSucceeded();
    const text = readFileSync(join(job.folders.temp, 'curl.trace'), 'utf8');
    assert.match(text, /Authorization: Basic <redacted>/);
    assert.ok(workshop.argumentLists().some((list) => list.includes('git-credential.js')));
  });

  it('gives git no token that a trace would show in the log', async () => {
    const variables = { 'git.trace.curl': '1', 'git.trace.redact': '0' };
    const { result, log } = await act([PREPARE, withGit(`git ls-remote ${APP}`)], { variables });
    assert.equal(result, 'Failed');
    assert.match(log.join('\n'), /^.*the variable GIT_TRACE_REDACT lets its trace show the token/m);
    assert.equal(workshop.tokens.length, 1);
    assert.deepEqual(sent(), []);
  });

  describe('with a server whose certificate git cannot verify', () => {
    const unverified = (url: string) => `export GIT_CONFIG_PARAMETERS="'${url}'='false'"`;
    const LONGER = 'http.https://dev.azure.com/MyOrg/SecretSauce/.sslVerify';
    const variable = /GIT_SSL_NO_VERIFY makes it accept any certificate/;
    const setting = /http\.sslVerify=false makes it accept any certificate/;
    const verification = /certificate verification failed/;

    it('sends it no token, however git is told to accept any', async () => {
      const list = `git ls-remote ${APP}`;
      const cases: readonly (readonly [script: string, expected: RegExp])[] = [
        [`export GIT_SSL_NO_VERIFY=; ${list}`, variable],
        [`git config --global http.sslVerify false; ${list}`, verification],
        [`${unverified('http.sslVerify')}; ${list}`, verification],
        [`${unverified(LONGER)}; ${list}`, setting],
        [`${unverified(LONGER)}; export GIT_CONFIG=/dev/null; ${list}`, setting],
        [`git init --quiet local; cd local; git config ${LONGER} no; ${list}`, setting],
        [`git clone --quiet -c ${LONGER}=0 ${APP}`, setting],
      ];
      const script = cases.map(
        ([one], index) =>
          `echo "case ${index}" >&2; (${one}) || true; git config --global --unset http.sslVerify || true`,
      );
      const { stderr } = await act([
        PREPARE,
        withGit(script.join('\n'), { GIT_SSL_CAINFO: '/dev/null' }),
      ]);
      const shown = stderr.split(/^case \d+$/m).slice(1);
      cases.forEach(([, expected], index) => {
        assert.match(shown[index] ?? '', expected, `case ${index}`);
      });
      assert.equal(workshop.tokens.length, 1);
      assert.deepEqual(sent(), []);
    });

    it('sends Git LFS no token if that accepts any certificate', async function () {
      if (!has('git', 'lfs', 'version')) {
        skip(this, 'Git LFS is not installed');
      }
      const script = `git init --quiet app; cd app; git config http.sslVerify false; git remote add origin ${APP}; git lfs locks`;
      const { result, stderr } = await act([
        PREPARE,
        withGit(script, { GIT_SSL_CAINFO: '/dev/null' }),
      ]);
      assert.equal(result, 'Failed');
      assert.match(stderr, setting);
      assert.deepEqual(sent(), []);
    });
  });

  it('gives another organization nothing, and git says so itself', async () => {
    const url = 'https://dev.azure.com/OtherOrg/SecretSauce/_git/tools';
    const { result, stderr } = await act([PREPARE, withGit(`git clone --quiet ${url}`)]);
    assert.equal(result, 'Failed');
    assert.match(stderr.trim(), /^fatal: could not read Username for '[^\n]*$/);
    assert.deepEqual(sent(), []);
    assert.equal(workshop.tokens.length, 1);
  });

  it('is prepared by a step that says so, and by no other', async () => {
    const folder = () =>
      readdirSync(job.folders.temp).filter((name) => name.startsWith('git-credentials-'));
    await act([{ task: 'AzureDevOpsToken@1', name: 'devops' }]);
    assert.deepEqual(folder(), []);
    assert.equal(job.steps[0]?.outputs.has('gitConfig'), false);
  });

  describe('whatever a later step sets', () => {
    it('asks the identity source of the step, with the code and the trust of the step', async () => {
      const requests: string[] = [];
      const other = createServer((request, response) => {
        requests.push(request.url ?? '');
        response.end('{}');
      });
      await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
      const address = `http://127.0.0.1:${(other.address() as AddressInfo).port}/`;
      const evil = '"$(Agent.TempDirectory)/evil.cjs"';
      const { result, stderr } = await act([
        PREPARE,
        {
          bash: `printf "require('fs').writeFileSync('$(Agent.TempDirectory)/ran', process.argv[1])" > ${evil}`,
        },
        withGit(`git clone --quiet ${APP}`, {
          IDENTITY_ENDPOINT: address,
          IDENTITY_HEADER: 'x',
          IMDS_ENDPOINT: address,
          MSI_ENDPOINT: address,
          AZURE_POD_IDENTITY_AUTHORITY_HOST: address,
          AZURE_FEDERATED_TOKEN_FILE: '/etc/hostname',
          AZURE_CLIENT_ID: '01234567-89ab-cdef-0123-456789abcdef',
          NODE_OPTIONS: '--require=$(Agent.TempDirectory)/evil.cjs',
          NODE_PATH: '$(Agent.TempDirectory)',
          NODE_TLS_REJECT_UNAUTHORIZED: 0,
          NODE_EXTRA_CA_CERTS: '/nonexistent',
          OPENSSL_CONF: '/nonexistent',
          NODE_DEBUG: 'http',
        }),
      ]);
      other.close();
      assert.equal(result, 'Succeeded', stderr);
      assert.equal(stderr, '');
      assert.deepEqual(requests, []);
      assert.equal(existsSync(join(job.folders.temp, 'ran')), false);
    });

    it('starts Node.js without each variable that loads code or moves the trust', async () => {
      const names = [...IDENTITY_NAMES, ...NODE_NAMES, 'NODE_OPTIONS', 'LD_LIBRARY_PATH'];
      const harmful = names.filter((name) => !['LD_PRELOAD', 'LD_AUDIT'].includes(name));
      const node = '$(Agent.TempDirectory)/node';
      await act([
        PREPARE,
        {
          bash: `printf '#!/bin/sh\\nenv > "$(Agent.TempDirectory)/environment"\\n' > ${node}; chmod +x ${node}; sed -i.old "s#'${process.execPath}'#'${node}'#g" "$CONFIG"`,
          env: { CONFIG: '$(devops.gitConfig)' },
        },
        withGit(
          `printf 'url=${APP}\\n\\n' | git credential fill || true`,
          Object.fromEntries(harmful.map((name) => [name, '/nonexistent'])),
        ),
      ]);
      const environment = readFileSync(join(job.folders.temp, 'environment'), 'utf8');
      assert.match(environment, /^GIT_CONFIG_COUNT=1$/m);
      const found = names.filter((name) => new RegExp(`^${name}=`, 'm').test(environment));
      assert.deepEqual(found, []);
    });
  });

  describe('with a state that was changed', () => {
    // The sed of macOS needs an extension after -i.
    const change = (script: string): YamlStep => ({
      bash: `cd "$(dirname "$CONFIG")"; ${script}`,
      env: { CONFIG: '$(devops.gitConfig)' },
    });

    for (const [what, script, message] of [
      [
        'names an identity endpoint on the internet',
        `sed -i.old 's#"environment": {#"environment": { "MSI_ENDPOINT": "http://evil.example.com/",#' state.json`,
        /evil\.example\.com.*MSI_ENDPOINT/,
      ],
      [
        'has lost the Node.js of the agent',
        `sed -i.old "s#'${process.execPath}'#'/nonexistent/node'#g" config`,
        /the credential helper does not start: .*node/,
      ],
      [
        'has another Node.js, which does not run',
        `printf 'no program' > node; chmod +x node; sed -i.old "s#'${process.execPath}'#'$PWD/node'#g" config`,
        /the credential helper does not start/,
      ],
    ] as const) {
      it(`says in one sentence that it ${what}, and ends git`, async () => {
        const { result, stderr } = await act([
          PREPARE,
          change(script),
          withGit(`git clone --quiet ${APP}`),
        ]);
        assert.equal(result, 'Failed');
        const own = stderr.split('\n').filter((line) => line.includes('Troubleshooting: '));
        assert.match(own[0] ?? '', message);
        assert.match(stderr, /^fatal: credential helper .* told us to quit$/m);
        assert.equal(workshop.tokens.length, 1);
        assert.deepEqual(sent(), []);
      });
    }
  });

  describe('with a service connection', () => {
    const credentials = [{ issuer: ISSUER, subject: SUBJECT }];
    const assertions: string[] = [];
    const machine: WorkshopOptions = {
      entra: { applications: [{ ...APPLICATION, credentials }] },
      organization: {
        oidc: {
          connectionId: CONNECTION_ID,
          issuer: ISSUER,
          subject: SUBJECT,
          onToken: (token) => assertions.push(token),
        },
        members: [{ objectId: APPLICATION.objectId, displayName: 'pipelines' }],
      },
    };
    const prepare: YamlStep = {
      ...PREPARE,
      inputs: {
        gitCredentials: true,
        connectionType: 'azureDevOps',
        azureDevOpsServiceConnection: CONNECTION_ID,
      },
    };
    const options = { machine, endpoints: { [CONNECTION_ID]: azureDevOps() } };

    it('uses the access token of the job that the step maps', async () => {
      const variables = { 'system.accesstoken': { value: JOB_TOKEN, isSecret: true } };
      const env = { SYSTEM_ACCESSTOKEN: '$(System.AccessToken)' };
      await act([prepare, withGit(`git clone --quiet ${APP}`, env)], { ...options, variables });
      assertSucceeded();
      assert.equal(fileOf('app', 'app.txt'), 'the app\n');
      assert.equal(workshop.entra?.tokens.length, 2);
      assert.ok(assertions.length >= 2);
    });
  });
});
