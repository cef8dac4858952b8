// The recipes, step by step as their YAML has them: the built task under the emulator of the agent, the real git, and
// servers that demand the token. Nothing but a proxy leads to the servers, so that git and the task are not told otherwise.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { readSamples } from '../contract/samples';
import type { AgentFolders } from '../emulators/agent/job-setting';
import type { Job } from '../emulators/agent/run-job';
import { readToken } from '../emulators/organization/organization';
import { needGit, skip } from '../skip';
import { assertKept } from './secrecy';
import { has } from '../emulators/git-machine';
import { Workshop } from './workshop';

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
  'The token in hand': ({ sources }) => {
    assert.ok(existsSync(join(sources, 'library', 'library.txt')));
    assert.ok(existsSync(join(sources, 'tools', 'tools.txt')));
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
        needGit(this);
        if (needsLfs && !has('git', 'lfs', 'version')) {
          skip(this, 'Git LFS is not installed');
        }
        workshop = await Workshop.open();
        job = await workshop.run(sample.steps);
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
        const tokens = workshop
          .gitRequests()
          // Without a header, git asks for a credential only when it needs one.
          .flatMap(({ headers }) => readToken(headers.authorization) ?? [])
          // With a user name in the URL, git first sends that and no password.
          .filter((token) => token !== '');
        assert.ok(tokens.length > 0);
        assert.ok(tokens.every((token) => workshop.tokens.includes(token)));
      });

      it('shows it to nobody else', () => {
        const { elsewhere } = workshop;
        assert.ok(elsewhere.requests.every(({ headers }) => headers.authorization === undefined));
      });

      it('leaves it in no argument list, URL, file and log', () => {
        const { organization, elsewhere, proxy, endpoint } = workshop;
        const lists = workshop.argumentLists();
        assert.ok(
          lists.some((list) => list.includes('remote-https')),
          'git was not traced',
        );
        assertKept(endpoint.tokens, job ?? assert.fail(), [
          ['an argument list', lists.join('\n')],
          ['a URL', organization.requests.map(({ url }) => url.href).join('\n')],
          ['the requests to others', JSON.stringify([elsewhere.requests, proxy.requests])],
        ]);
      });
    });
  }
});
