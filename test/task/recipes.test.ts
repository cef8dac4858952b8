// The recipes, step by step as their YAML has them: the built task under the emulator of the agent, the real git, and
// servers that demand the token. Nothing but a proxy leads to the servers, so that git and the task are not told otherwise.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TASK_FOLDER } from '../../scripts/build-task';
import { readSamples, type Sample } from '../contract/samples';
import type { AgentFolders } from '../emulators/agent/job-setting';
import { runJob, type Job } from '../emulators/agent/run-job';
import { authorityFile } from '../emulators/certificates';
import { startIdentityEndpoint, type IdentityEndpoint } from '../emulators/identity-endpoint';
import { openGitServer, type GitServer } from '../emulators/organization/git-server';
import { startOrganization, type OrganizationServer } from '../emulators/organization/organization';
import { startPublicServer, type PublicServer } from '../emulators/public-server';
import { startProxy, type Proxy } from '../emulators/proxy';
import { assertNotIn, filesBelow } from './secrecy';
import { skip } from '../skip';

const PUBLIC_HOST = 'git.example.com';

const has = (command: string, ...args: readonly string[]) =>
  spawnSync(command, args, { stdio: 'ignore' }).status === 0;

/** The server part of git, and a shell for the scripts. */
const hasBackend = () =>
  has('bash', '-c', 'test -x "$(git --exec-path)/git-http-backend"') &&
  process.platform !== 'win32';

/** Where a recipe is carried out. */
class Workshop {
  readonly endpoint: IdentityEndpoint;
  readonly git: GitServer;
  readonly organization: OrganizationServer;
  readonly elsewhere: PublicServer;
  readonly proxy: Proxy;
  /** What git notes of itself: every process with its arguments. */
  readonly trace = mkdtempSync(join(tmpdir(), 'trace-'));

  private constructor(
    parts: Pick<Workshop, 'endpoint' | 'git' | 'organization' | 'elsewhere' | 'proxy'>,
  ) {
    this.endpoint = parts.endpoint;
    this.git = parts.git;
    this.organization = parts.organization;
    this.elsewhere = parts.elsewhere;
    this.proxy = parts.proxy;
  }

  static async open(): Promise<Workshop> {
    const endpoint = await startIdentityEndpoint();
    const git = openGitServer();
    git.seed('MyOrg/SecretSauce/library', { 'library.txt': 'a library\n' });
    git.seed('OtherOrg/SecretSauce/tools', { 'tools.txt': 'the tools\n' });
    git.seed('public/format', { 'format.txt': 'a format\n' });
    git.seed('MyOrg/SecretSauce/app', {
      'app.txt': 'the app\n',
      library: { repository: 'MyOrg/SecretSauce/library', url: '../library' },
      format: { repository: 'public/format', url: `https://${PUBLIC_HOST}/public/format` },
    });
    git.seed('MyOrg/SecretSauce/media', {
      '.gitattributes': '*.png filter=lfs diff=lfs merge=lfs -text\n',
      'logo.png': git.keepLargeFile('a large picture'),
    });
    const { serveGit } = git;
    const organization = await startOrganization({ issued: endpoint.tokens, serveGit });
    const elsewhere = await startPublicServer(PUBLIC_HOST, serveGit);
    const proxy = await startProxy({
      routes: {
        'dev.azure.com:443': organization.port,
        [`${PUBLIC_HOST}:443`]: elsewhere.port,
      },
    });
    return new Workshop({ endpoint, git, organization, elsewhere, proxy });
  }

  async carryOut({ steps }: Sample): Promise<Job> {
    return runJob({
      taskFolder: TASK_FOLDER,
      steps,
      variables: { 'build.buildnumber': '20260131.1' },
      checkOut: (folders) => {
        this.#checkOut(folders);
      },
      machineEnvironment: {
        AZURE_POD_IDENTITY_AUTHORITY_HOST: this.endpoint.origin,
        HTTPS_PROXY: this.proxy.origin,
        https_proxy: this.proxy.origin,
        NODE_EXTRA_CA_CERTS: await authorityFile(),
        GIT_SSL_CAINFO: await authorityFile(),
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_TRACE2_EVENT: this.trace,
      },
    });
  }

  /** What `checkout: self` leaves: the sources, the URL with the name of the organization before it, no token. */
  #checkOut({ sources }: AgentFolders): void {
    const bare = this.git.git('MyOrg/SecretSauce/app', 'rev-parse', '--absolute-git-dir');
    const run = (...args: readonly string[]) => execFileSync('git', args, { cwd: sources });
    run('clone', '--quiet', bare, '.');
    run('remote', 'set-url', 'origin', 'https://MyOrg@dev.azure.com/MyOrg/SecretSauce/_git/app');
  }

  async close(): Promise<void> {
    this.git.close();
    rmSync(this.trace, { recursive: true });
    const { endpoint, organization, elsewhere, proxy } = this;
    await Promise.all([endpoint.close(), organization.close(), elsewhere.close(), proxy.close()]);
  }

  /** Every argument list of a git process, as text. */
  argumentLists(): readonly string[] {
    return readdirSync(this.trace)
      .flatMap((name) => readFileSync(join(this.trace, name), 'utf8').split('\n'))
      .filter((line) => line.includes('"argv":'));
  }
}

/** What shows that a recipe did what its heading says, by heading. */
const PROOFS: Readonly<Record<string, (folders: AgentFolders, workshop: Workshop) => void>> = {
  Clone: ({ sources }) => {
    assert.equal(readFileSync(join(sources, 'app', 'app.txt'), 'utf8'), 'the app\n');
  },
  Push: (_, { git }) => {
    assert.equal(git.git('MyOrg/SecretSauce/app', 'show', 'main:last-build.txt'), '20260131.1');
    const author = git.git('MyOrg/SecretSauce/app', 'log', '-1', '--format=%an <%ae>', 'main');
    assert.equal(author, 'Build agent <build@example.com>');
  },
  Submodules: ({ sources }, { elsewhere, organization }) => {
    const read = (...path: readonly string[]) =>
      readFileSync(join(sources, 'app', ...path), 'utf8');
    assert.equal(read('library', 'library.txt'), 'a library\n');
    assert.equal(read('format', 'format.txt'), 'a format\n');
    assert.ok(organization.requests.some(({ url }) => url.pathname.includes('/_git/library/')));
    assert.ok(elsewhere.requests.length > 0);
  },
  'Large files (Git LFS)': ({ sources }, { git }) => {
    assert.equal(readFileSync(join(sources, 'media', 'logo.png'), 'utf8'), 'a large picture');
    const pushed = readFileSync(join(sources, 'media', 'film.bin'), 'utf8');
    assert.deepEqual(git.largeFiles(), ['a large picture', pushed]);
    assert.match(git.git('MyOrg/SecretSauce/media', 'show', 'main:film.bin'), /^version https:/);
  },
  'Several organizations': ({ sources }) => {
    assert.ok(existsSync(join(sources, 'library', 'library.txt')));
    assert.ok(existsSync(join(sources, 'tools', 'tools.txt')));
  },
  Windows: ({ sources }) => {
    assert.ok(existsSync(join(sources, 'library', 'library.txt')));
  },
  'After `checkout`': (_, { git }) => {
    const of = (branch: string) => git.git('MyOrg/SecretSauce/app', 'rev-parse', branch);
    assert.equal(of('tested'), of('main'));
  },
};

describe('the recipes for git', () => {
  const samples = readSamples('docs/recipes/git.md');

  it('each have their proof', () => {
    assert.deepEqual(
      samples.map(({ heading }) => heading),
      Object.keys(PROOFS),
    );
  });

  for (const sample of samples) {
    describe(sample.heading, () => {
      let workshop: Workshop;
      let job: Job | undefined;

      before(async function () {
        const needsLfs = JSON.stringify(sample.steps).includes('git lfs');
        if (!hasBackend() || (needsLfs && !has('git', 'lfs', 'version'))) {
          skip(this, needsLfs ? 'git or Git LFS is not installed' : 'git is not installed');
        }
        workshop = await Workshop.open();
        job = await workshop.carryOut(sample);
      });

      after(async () => {
        if (job !== undefined) {
          rmSync(job.folders.root, { recursive: true });
          await workshop.close();
        }
      });

      it('does what it says', () => {
        for (const { result, stdout, stderr } of job?.steps ?? []) {
          assert.equal(result, 'Succeeded', `${stdout}${stderr}`);
        }
        PROOFS[sample.heading]?.(job?.folders ?? assert.fail(), workshop);
      });

      it('shows the token to the organization, and is let in', () => {
        const calls = workshop.organization.requests.filter(({ url }) =>
          url.pathname.includes('/_git/'),
        );
        assert.ok(calls.length > 0);
        for (const { headers } of calls) {
          assert.ok(
            workshop.endpoint.tokens.some((token) => headers.authorization === `Bearer ${token}`),
          );
        }
      });

      it('shows it to nobody else', () => {
        const { elsewhere, proxy, endpoint } = workshop;
        assert.ok(elsewhere.requests.every(({ headers }) => headers.authorization === undefined));
        const all = JSON.stringify([elsewhere.requests, proxy.requests]);
        endpoint.tokens.forEach((token) => {
          assertNotIn(token, [['the requests to others', all]]);
        });
      });

      it('has it in no argument list and no URL', () => {
        const { organization, endpoint } = workshop;
        const lists = workshop.argumentLists();
        assert.ok(
          lists.some((list) => list.includes('remote-https')),
          'git was not traced',
        );
        const urls = organization.requests.map(({ url }) => url.href).join('\n');
        endpoint.tokens.forEach((token) => {
          assertNotIn(token, [
            ['an argument list', lists.join('\n')],
            ['a URL', urls],
          ]);
        });
      });

      it('leaves it in no file and no log', () => {
        const { root } = job?.folders ?? assert.fail();
        const logs = job?.steps.flatMap(({ log }) => log).join('\n') ?? '';
        const files = filesBelow(root);
        assert.ok(files.length > 0);
        workshop.endpoint.tokens.forEach((token) => {
          assertNotIn(token, [
            ['the log', logs],
            ...files.map((file) => [file, readFileSync(file, 'latin1')] as const),
          ]);
        });
      });
    });
  }
});
