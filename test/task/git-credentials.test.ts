// git with the credentials of a step: the real git, the configuration that the built task writes, and servers that demand a token.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Job, JobOptions, YamlStep } from '../emulators/agent/run-job';
import type { Step } from '../emulators/agent/run-step';
import { readToken } from '../emulators/organization/organization';
import { needAgentNode, skip } from '../skip';
import { assertNotIn, filesBelow } from './secrecy';
import { has, hasBackend, Workshop, type WorkshopOptions } from './workshop';

const APP = 'https://dev.azure.com/MyOrg/SecretSauce/_git/app';
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
    if (!hasBackend()) {
      skip(this, 'git is not installed');
    }
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
    const { root } = job.folders;
    try {
      const files = [...filesBelow(root), ...filesBelow(workshop.trace)];
      for (const token of workshop.tokens) {
        assertNotIn(token, [
          ['the log', job.steps.flatMap(({ log }) => log).join('\n')],
          ...files.map((file) => [file, readFileSync(file, 'latin1')] as const),
        ]);
      }
    } finally {
      rmSync(root, { recursive: true });
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

  it('fetches submodules at the same time', async () => {
    await act([PREPARE, withGit(`git clone --quiet --recurse-submodules --jobs 4 ${APP}`)]);
    assertSucceeded();
    assert.equal(fileOf('app', 'library', 'library.txt'), 'a library\n');
    assert.equal(fileOf('app', 'format', 'format.txt'), 'a format\n');
    assert.ok(
      workshop.elsewhere.requests.every(({ headers }) => headers.authorization === undefined),
    );
  });

  it('moves large files with Git LFS', async function () {
    if (!has('git', 'lfs', 'version')) {
      skip(this, 'Git LFS is not installed');
    }
    const url = APP.replace(/app$/, 'media');
    const script = `git clone --quiet ${url}; cd media; git lfs install --local; git lfs pull; git lfs track '*.bin'; ${commit('film.bin')}; git push origin HEAD:main`;
    await act([PREPARE, withGit(script)]);
    assertSucceeded();
    assert.equal(fileOf('media', 'logo.png'), 'a large picture');
    assert.deepEqual(workshop.git.largeFiles(), ['a large picture', 'x\n']);
  });

  it('reaches two organizations in two steps', async () => {
    const other = 'https://dev.azure.com/OtherOrg/SecretSauce/_git/tools';
    await act([
      PREPARE,
      { ...PREPARE, name: 'other', inputs: { gitCredentials: true, organization: 'OtherOrg' } },
      withGit(`git clone --quiet ${APP}`),
      withGit(`git clone --quiet ${other}`, { GIT_CONFIG_VALUE_0: '$(other.gitConfig)' }),
    ]);
    assertSucceeded();
    assert.equal(fileOf('app', 'app.txt'), 'the app\n');
    assert.equal(fileOf('tools', 'tools.txt'), 'the tools\n');
  });

  for (const [what, url] of [
    ['an organization in lower case', APP.replace('MyOrg', 'myorg')],
    ['an organization in capital letters', APP.replace('MyOrg', 'MYORG')],
    ['the older host', 'https://myorg.visualstudio.com/DefaultCollection/SecretSauce/_git/app'],
    ['a user name in the URL', APP.replace('//', '//MyOrg@')],
  ] as const) {
    it(`clones by ${what}`, async () => {
      await act([PREPARE, withGit(`git clone --quiet ${url}`)]);
      assertSucceeded();
      assert.equal(fileOf('app', 'app.txt'), 'the app\n');
    });
  }

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
    for (const [where, option] of [
      ['of the user', '--global'],
      ['of the repository', '--local'],
    ] as const) {
      for (const key of ['credential.helper', 'credential.https://dev.azure.com.helper']) {
        it(`gives a helper ${where} nothing to store: ${key}`, async () => {
          const helpers = ['store', 'cache', `store --file "$PWD/kept"`];
          const configure = helpers
            .map((helper) => `git config ${option} --add ${key} '${helper}'`)
            .join('; ');
          await act([
            { checkout: 'self' },
            PREPARE,
            { bash: configure },
            withGit(`git fetch; ${commit('y.txt')}; git push origin HEAD:main`),
            {
              bash: `printf 'protocol=https\\nhost=dev.azure.com\\n\\n' | git credential-cache get`,
            },
          ]);
          assertSucceeded();
          assert.equal(job.steps.at(-1)?.stdout, '');
          assert.ok(sent().length > 0);
          assert.ok(!filesBelow(job.folders.root).some((file) => /kept$|credentials$/.test(file)));
        });
      }

      for (const key of [
        'http.extraheader',
        'http.https://dev.azure.com/.extraheader',
        'http.https://dev.azure.com/MyOrg/.extraheader',
      ]) {
        it(`sends no stale header ${where}: ${key}`, async () => {
          await act([
            { checkout: 'self' },
            PREPARE,
            { bash: `git config ${option} --add '${key}' '${STALE_HEADER}'` },
            withGit('git fetch'),
          ]);
          assertSucceeded();
          assert.ok(sent().length > 0 && sent().every((token) => workshop.tokens.includes(token)));
        });
      }
    }

    it('explains that the header of checkout is sent instead, with persistCredentials', async () => {
      const { result, stderr } = await act([
        { checkout: 'self' },
        PREPARE,
        { bash: `git config 'http.${APP}.extraheader' '${STALE_HEADER}'` },
        withGit('git fetch'),
      ]);
      assert.equal(result, 'Failed');
      assert.match(stderr, /The server refused the credential for .*remove persistCredentials/);
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

  it('gives another organization nothing, and git says so itself', async () => {
    const url = 'https://dev.azure.com/OtherOrg/SecretSauce/_git/tools';
    const { result, stderr } = await act([PREPARE, withGit(`git clone --quiet ${url}`)]);
    assert.equal(result, 'Failed');
    assert.match(stderr.trim(), /^fatal: could not read Username for '[^\n]*$/);
    assert.deepEqual(sent(), []);
    assert.equal(workshop.tokens.length, 1);
  });

  it('explains in one sentence why there is no token', async () => {
    const machine = {
      endpoint: {
        faults: [
          undefined,
          { kind: 'answer', status: 400, body: { error_description: 'Identity not found' } },
        ],
      },
    } as const;
    const { result, stderr } = await act([PREPARE, withGit(`git clone --quiet ${APP}`)], {
      machine,
    });
    assert.equal(result, 'Failed');
    const [first, ...rest] = stderr.trim().split('\n');
    assert.match(first ?? '', /Identity not found.*Troubleshooting: /);
    assert.match(rest.join('\n'), /^fatal: credential helper .* told us to quit$/);
  });

  it('is prepared by a step that says so, and by no other', async () => {
    const folder = () =>
      readdirSync(job.folders.temp).filter((name) => name.startsWith('git-credentials-'));
    await act([{ task: 'AzureDevOpsToken@1', name: 'devops' }]);
    assert.deepEqual(folder(), []);
    assert.equal(job.steps[0]?.outputs.has('gitConfig'), false);
  });
});
