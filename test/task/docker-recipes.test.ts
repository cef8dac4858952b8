// The recipes for Docker with the real Docker: a daemon of their own, in a network of its own and with folders of its own, builds
// the images that the page shows. No registry is needed: the base images have a shell, and in place of npm or pip a script that notes
// the secret as it finds it. What npm and pip do with it is in tool-recipes.test.ts.
import assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { TASK_FOLDER } from '../../scripts/build-task';
import { readBlocks, readSamples, type Sample } from '../contract/samples';
import { runJob, type Job } from '../emulators/agent/run-job';
import { startIdentityEndpoint, type IdentityEndpoint } from '../emulators/identity-endpoint';
import { startOrganization, type OrganizationServer } from '../emulators/organization/organization';
import { authorityFile } from '../emulators/certificates';
import { startProxy, type Proxy } from '../emulators/proxy';
import { assertNotIn, filesBelow } from './secrecy';

const PAGE = 'docs/recipes/docker.md';
const ATTEMPTS = 300;

const find = (command: string) =>
  spawnSync('sh', ['-c', `command -v ${command}`], { encoding: 'utf8' }).stdout.trim();

/** A client that can build with secrets: some come without what speaks to BuildKit. */
function findClient(): string | undefined {
  const env = { ...process.env, DOCKER_BUILDKIT: '1' };
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'docker'))
    .find((file) =>
      String(spawnSync(file, ['build', '--help'], { env }).stdout).includes('--secret'),
    );
}

/** Whether a daemon can be started, by its user and with a shell that needs no library. */
function isPossible(): boolean {
  const busybox = find('busybox');
  return (
    process.platform === 'linux' &&
    process.getuid?.() === 0 &&
    spawnSync('unshare', ['--net', '--mount', 'true']).status === 0 &&
    find('dockerd') !== '' &&
    findClient() !== undefined &&
    busybox !== '' &&
    spawnSync('ldd', [busybox]).status !== 0
  );
}

/** A daemon of Docker that nobody else uses. */
class Daemon {
  readonly root = mkdtempSync(join(tmpdir(), 'docker-'));
  readonly #client = findClient() ?? assert.fail();
  readonly environment = {
    PATH: [dirname(this.#client), process.env['PATH']].join(delimiter),
    DOCKER_HOST: `unix://${join(this.root, 'socket')}`,
    // The default since Docker Engine 23.0.
    DOCKER_BUILDKIT: '1',
    DOCKER_CONFIG: join(this.root, 'config'),
  };
  #process: ChildProcess | undefined;

  /** @returns whether it answers */
  async start(): Promise<boolean> {
    const daemon = ['dockerd', '--iptables=false', '--ip6tables=false', '--storage-driver=vfs'];
    const folders = ['--data-root', 'data', '--exec-root', 'exec', '--pidfile', 'pid'].map(
      (word) => (word.startsWith('--') ? word : join(this.root, word)),
    );
    const host = ['--host', this.environment.DOCKER_HOST];
    this.#process = spawn('unshare', ['--net', '--mount', ...daemon, ...folders, ...host], {
      stdio: 'ignore',
    });
    for (let attempt = 0; attempt < ATTEMPTS && this.#process.exitCode === null; attempt += 1) {
      if (this.run('version').status === 0) {
        return true;
      }
      await sleep(200);
    }
    return false;
  }

  run(...args: readonly string[]) {
    return spawnSync(this.#client, args, {
      env: { ...process.env, ...this.environment },
      maxBuffer: 1 << 28,
    });
  }

  /** Makes an image with a shell and one more command. */
  makeImage(tag: string, command: string, script: string): void {
    const bin = join(this.root, 'image', 'bin');
    rmSync(join(bin, '..'), { recursive: true, force: true });
    mkdirSync(bin, { recursive: true });
    copyFileSync(find('busybox'), join(bin, 'busybox'));
    ['sh', 'sha256sum', 'printf'].forEach((name) => {
      symlinkSync('busybox', join(bin, name));
    });
    writeFileSync(join(bin, command), `#!/bin/sh\n${script}\n`);
    chmodSync(join(bin, command), 0o755);
    const file = join(this.root, 'image.tar');
    assert.equal(spawnSync('tar', ['-C', join(bin, '..'), '-cf', file, '.']).status, 0);
    const imported = this.run('import', file, tag);
    assert.equal(imported.status, 0, String(imported.stderr));
  }

  /** The content of a file of an image. */
  readFile(tag: string, path: string): string {
    const id = String(this.run('create', tag, 'none').stdout).trim();
    const target = join(this.root, 'file');
    const copied = this.run('cp', `${id}:${path}`, target);
    assert.equal(copied.status, 0, String(copied.stderr));
    return readFileSync(target, 'utf8');
  }

  async stop(): Promise<void> {
    if (this.#process?.exitCode === null) {
      const ended = once(this.#process, 'exit');
      this.#process.kill();
      await ended;
    }
    rmSync(this.root, { recursive: true });
  }
}

/** What is a Dockerfile without the line that has its syntax come from a registry: that of the daemon is taken. */
const withoutSyntax = (dockerfile: string) => dockerfile.replace(/^# syntax=.*\n/, '');

/** By heading: the command that has the secret, and how it notes it. */
const COMMANDS: Readonly<Record<string, { readonly script: string; readonly files: string[] }>> = {
  npm: {
    script: 'printf %s "$NPM_TOKEN" | sha256sum > /app/seen',
    files: ['package.json', 'package-lock.json', '.npmrc'],
  },
  pip: { script: 'sha256sum < /root/.netrc > /app/seen', files: ['requirements.txt'] },
};

describe('the recipes for docker, with the real Docker', () => {
  let daemon: Daemon | undefined;
  let endpoint: IdentityEndpoint;
  let organization: OrganizationServer;
  let proxy: Proxy;

  before(async function () {
    this.timeout(300_000);
    if (!isPossible()) {
      this.skip();
    }
    const started = new Daemon();
    if (!(await started.start())) {
      await started.stop();
      this.skip();
    }
    daemon = started;
    endpoint = await startIdentityEndpoint();
    organization = await startOrganization({ issued: endpoint.tokens });
    proxy = await startProxy({ routes: { 'dev.azure.com:443': organization.port } });
  });

  after(async () => {
    await daemon?.stop();
    if (daemon !== undefined) {
      await Promise.all([endpoint.close(), organization.close(), proxy.close()]);
    }
  });

  async function build(docker: Daemon, { heading, steps }: Sample): Promise<Job> {
    const { script, files } = COMMANDS[heading] ?? assert.fail(heading);
    const { text: dockerfile } =
      readBlocks(PAGE).find(
        (block) => block.heading === heading && block.language === 'dockerfile',
      ) ?? assert.fail(heading);
    const [, base = ''] = /^FROM (\S+)$/m.exec(dockerfile) ?? [];
    docker.makeImage(base, heading, script);
    return runJob({
      taskFolder: TASK_FOLDER,
      steps,
      prepare: ({ sources }) => {
        writeFileSync(join(sources, 'Dockerfile'), withoutSyntax(dockerfile));
        files.forEach((file) => {
          writeFileSync(join(sources, file), '');
        });
      },
      machineEnvironment: {
        ...docker.environment,
        AZURE_POD_IDENTITY_AUTHORITY_HOST: endpoint.origin,
        HTTPS_PROXY: proxy.origin,
        NODE_EXTRA_CA_CERTS: await authorityFile(),
      },
    });
  }

  it('are all known', () => {
    assert.deepEqual(
      readSamples(PAGE).map(({ heading }) => heading),
      Object.keys(COMMANDS),
    );
  });

  for (const sample of readSamples(PAGE)) {
    it(`hand the secret to the command of the image, and to nothing else: ${sample.heading}`, async function () {
      this.timeout(300_000);
      const docker = daemon ?? assert.fail();
      const { steps, folders } = await build(docker, sample);
      const output = steps.flatMap(({ log }) => log).join('\n');
      rmSync(folders.root, { recursive: true });
      // The Docker of before Dockerfiles of version 1.10 knows no secret in a variable.
      if (/unexpected key 'env'|secret should have syntax/.test(output)) {
        this.skip();
      }
      assert.equal(steps.at(-1)?.result, 'Succeeded', output);
      const token = endpoint.tokens.at(-1) ?? assert.fail();
      const value = Object.values(sample.steps.at(-1)?.env ?? {}).join('');
      const secret = value.replace('$(devops.token)', token);
      const [seen = ''] = docker.readFile('app', '/app/seen').split(' ');
      assert.equal(seen, createHash('sha256').update(secret).digest('hex'));
      assertNotIn(token, [
        ['the log', output],
        ['the history', String(docker.run('history', '--no-trunc', 'app').stdout)],
        ['the configuration', String(docker.run('inspect', 'app').stdout)],
        ['the image', docker.run('save', 'app').stdout.toString('latin1')],
        // Its layers, and what it keeps for other builds.
        ...filesBelow(docker.root).map((file) => [file, readFileSync(file, 'latin1')] as const),
      ]);
    });
  }
});
