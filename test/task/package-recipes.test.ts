// The recipes for clients of packages, step by step as their YAML has them, with the files that their pages show: the built
// task under the emulator of the agent, the real clients, and a feed that demands the token. Only a proxy leads to it.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { connect, createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { TASK_FOLDER } from '../../scripts/build-task';
import { readText } from '../contract/files';
import { readBlocks, readSamples, type Sample } from '../contract/samples';
import type { AgentFolders } from '../emulators/agent/job-setting';
import { runJob, type Job } from '../emulators/agent/run-job';
import { authorityFile } from '../emulators/certificates';
import { startIdentityEndpoint, type IdentityEndpoint } from '../emulators/identity-endpoint';
import {
  FEED_HOST,
  FEED_PATH,
  startFeed,
  TARBALL_URL,
  type Feed,
} from '../emulators/organization/feed';
import { packForCargo } from '../emulators/organization/feed-cargo';
import { hashOf, packForNpm, packForPython, PEPPER } from '../emulators/organization/feed-content';
import { startOrganization, type OrganizationServer } from '../emulators/organization/organization';
import { STORE_HOST } from '../emulators/organization/rest-api';
import { startProxy, type Proxy } from '../emulators/proxy';
import { assertNotIn, filesBelow } from './secrecy';
import { skip } from '../skip';

const has = (command: string, ...args: readonly string[]) =>
  spawnSync(command, args, { stdio: 'ignore' }).status === 0;
const find = (command: string) =>
  execFileSync('sh', ['-c', `command -v ${command}`], { encoding: 'utf8' }).trim();
const quote = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

/** What Maven needs beside itself, from a repository that earlier builds on this machine have filled. */
const MAVEN_UPSTREAM = join(homedir(), '.m2', 'repository');
const MAVEN_PLUGIN = '3.1.4';
const STAND_IN = join(import.meta.dirname, '../emulators/organization/feed-nuget-client.cjs');
const ALONE = join(import.meta.dirname, 'fixtures', 'alone.cjs');

interface Client {
  readonly isThere: () => boolean;
  /** The commands that are noted with their arguments, and what is run for each. */
  readonly commands: (
    /** The port of the proxy, and a socket that leads to it. */
    proxy: readonly [port: string, socket: string],
  ) => Readonly<Record<string, readonly string[]>>;
}

/** The Python whose pip it is; a name on the path may be a script that looks for it at home. */
const findPython = () =>
  execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).trim();

const versionOf = (command: string) =>
  has(command, '--version')
    ? spawnSync(command, ['--version'], { encoding: 'utf8' }).stdout.trim()
    : '';

const CLIENTS = {
  npm: {
    isThere: () => has('npm', '--version'),
    commands: () => ({ npm: [find('npm')], node: [process.execPath] }),
  },
  pnpm: {
    isThere: () => has('pnpm', '--version'),
    commands: () => ({ pnpm: [find('pnpm')], node: [process.execPath] }),
  },
  'Yarn 4': {
    isThere: () => /^[4-9]/.test(versionOf('yarn')),
    commands: () => ({ yarn: [find('yarn')], node: [process.execPath] }),
  },
  'Yarn 1': {
    isThere: () => versionOf('yarn').startsWith('1.'),
    commands: () => ({ yarn: [find('yarn')], node: [process.execPath] }),
  },
  cargo: {
    isThere: () => has('cargo', '--version'),
    commands: () => ({ cargo: [find('cargo')] }),
  },
  pip: {
    isThere: () => has('bash', '--version') && has('python3', '-m', 'pip', '--version'),
    commands: () => ({ pip: [findPython(), '-m', 'pip'] }),
  },
  uv: {
    isThere: () => has('uv', '--version'),
    commands: () => ({ uv: [find('uv')] }),
  },
  poetry: {
    isThere: () => has('poetry', '--version'),
    commands: () => ({ poetry: [find('poetry')] }),
  },
  twine: {
    isThere: () => has('twine', '--version'),
    commands: () => ({ twine: [find('twine')] }),
  },
  maven: {
    isThere: () =>
      has('mvn', '--version') &&
      has('keytool', '-help') &&
      ['install', 'deploy'].every((name) =>
        existsSync(
          join(MAVEN_UPSTREAM, `org/apache/maven/plugins/maven-${name}-plugin/${MAVEN_PLUGIN}`),
        ),
      ),
    commands: () => ({ mvn: [find('mvn')], java: [find('java')] }),
  },
  gradle: {
    isThere: () =>
      has('gradle', '--version') &&
      has('keytool', '-help') &&
      has('unshare', '--net', 'ip', 'link'),
    commands: (proxy) => ({
      // It listens on every address, for builds that ask one another for locks.
      gradle: ['unshare', '--net', process.execPath, ALONE, ...proxy, find('gradle')],
      java: [find('java')],
    }),
  },
  /** In place of dotnet. */
  standIn: {
    isThere: () => true,
    commands: () => ({ dotnet: [process.execPath, STAND_IN] }),
  },
} as const satisfies Readonly<Record<string, Client>>;

/** The files that a page shows at its top and below a heading, each after a line that ends with its name. */
function readFiles({ page, heading }: Sample): ReadonlyMap<string, string> {
  const [top = '', ...sections] = readText(page).split(/^## /m);
  const own = sections.find((section) => section.startsWith(`${heading}\n`)) ?? assert.fail();
  const shown = `${top}${own}`.matchAll(/`([^`\s]+)`:\n\n```(?:ini|xml|text|toml)\n([^]*?)^```$/gm);
  return new Map([...shown].map(([, name = '', text = '']) => [name, text]));
}

interface Recipe {
  readonly client: keyof typeof CLIENTS;
  /** How the client shows the token. */
  readonly scheme: 'Basic' | 'Bearer';
  /** Puts into the sources what the page takes for granted. */
  readonly prepare: (folders: AgentFolders, files: ReadonlyMap<string, string>) => void;
  readonly proof: (folders: AgentFolders, feed: Feed) => void;
}

const readInstalled = ({ sources }: AgentFolders) =>
  readFileSync(join(sources, 'node_modules', 'pepper', 'pepper.txt'), 'utf8');

/** Somewhere below a virtual environment. */
function assertInstalled(folder: string): void {
  const [file = ''] = filesBelow(folder).filter((name) => name.endsWith('/pepper.py'));
  assert.equal(readFileSync(file, 'utf8'), `# ${PEPPER}`);
}

function writeManifest({ sources }: AgentFolders): void {
  const manifest = { name: 'stew', version: '2.0.0', dependencies: { pepper: '1.0.0' } };
  writeFileSync(join(sources, 'package.json'), JSON.stringify(manifest));
}

function writeLock({ sources }: AgentFolders): void {
  const integrity = `sha512-${hashOf('sha512', packForNpm(), 'base64')}`;
  const root = { name: 'stew', version: '2.0.0', dependencies: { pepper: '1.0.0' } };
  const pepper = { version: '1.0.0', resolved: TARBALL_URL, integrity };
  const packages = { '': root, 'node_modules/pepper': pepper };
  writeFileSync(
    join(sources, 'package-lock.json'),
    JSON.stringify({ ...root, lockfileVersion: 3, requires: true, packages }),
  );
}

/** Whether Gradle is not the 4.4.1 of Debian: that one lacks what carries files to a repository of Maven over HTTPS. */
const canPublish = () =>
  !spawnSync('gradle', ['--version'], { encoding: 'utf8' }).stdout.includes('\nGradle 4.');

/** By page and heading. */
const RECIPES: Readonly<Record<string, Recipe>> = {
  'npm.md: Install': {
    client: 'npm',
    scheme: 'Bearer',
    prepare: (folders) => {
      writeManifest(folders);
      writeLock(folders);
    },
    proof: (folders) => {
      assert.equal(readInstalled(folders), PEPPER);
    },
  },
  'npm.md: Publish': {
    client: 'npm',
    scheme: 'Bearer',
    prepare: writeManifest,
    proof: (_, { published }) => {
      assert.deepEqual([...published.keys()], ['stew-2.0.0.tgz']);
    },
  },
  'npm.md: pnpm': {
    client: 'pnpm',
    scheme: 'Bearer',
    prepare: writeManifest,
    proof: (folders) => {
      assert.equal(readInstalled(folders), PEPPER);
    },
  },
  'npm.md: Yarn 4': {
    client: 'Yarn 4',
    scheme: 'Bearer',
    prepare: writeManifest,
    proof: (folders) => {
      assert.equal(readInstalled(folders), PEPPER);
    },
  },
  'npm.md: Yarn 1': {
    client: 'Yarn 1',
    scheme: 'Bearer',
    prepare: (folders) => {
      writeManifest(folders);
      const tarball = packForNpm();
      writeFileSync(
        join(folders.sources, 'yarn.lock'),
        `# yarn lockfile v1\n\n\npepper@1.0.0:\n  version "1.0.0"
  resolved "${TARBALL_URL}#${hashOf('sha1', tarball, 'hex')}"
  integrity sha512-${hashOf('sha512', tarball, 'base64')}\n`,
      );
    },
    proof: (folders) => {
      assert.equal(readInstalled(folders), PEPPER);
    },
  },
  'cargo.md: Fetch': {
    client: 'cargo',
    scheme: 'Bearer',
    prepare: ({ sources }) => {
      mkdirSync(join(sources, 'src'));
      writeFileSync(join(sources, 'src', 'lib.rs'), '');
      writeFileSync(
        join(sources, 'Cargo.toml'),
        `[package]\nname = "stew"\nversion = "2.0.0"\nedition = "2021"
        [dependencies]\npepper = { version = "1", registry = "sauces" }\n`,
      );
    },
    proof: ({ home }) => {
      const crates = filesBelow(join(home, '.cargo', 'registry', 'cache'));
      assert.deepEqual(
        crates.map((file) => readFileSync(file)),
        [packForCargo()],
      );
    },
  },
  'python.md: Install with pip': {
    client: 'pip',
    scheme: 'Basic',
    prepare: ({ sources }) => {
      writeFileSync(join(sources, 'requirements.txt'), 'pepper==1.0.0\n');
    },
    proof: ({ home }) => {
      assert.equal(readFileSync(join(home, 'site', 'pepper.py'), 'utf8'), `# ${PEPPER}`);
    },
  },
  'python.md: Install with Poetry': {
    client: 'poetry',
    scheme: 'Basic',
    prepare: () => undefined,
    proof: ({ home }) => {
      assertInstalled(home);
    },
  },
  'python.md: Install with uv': {
    client: 'uv',
    scheme: 'Basic',
    prepare: () => undefined,
    proof: ({ sources }) => {
      assertInstalled(join(sources, '.venv'));
    },
  },
  'python.md: Publish with twine': {
    client: 'twine',
    scheme: 'Basic',
    prepare: ({ sources }) => {
      mkdirSync(join(sources, 'dist'));
      const wheel = join(sources, 'dist', 'stew-1.0.0-py3-none-any.whl');
      writeFileSync(wheel, packForPython('stew'));
    },
    proof: ({ sources }, { published }) => {
      const name = 'stew-1.0.0-py3-none-any.whl';
      assert.deepEqual(published.get(name), readFileSync(join(sources, 'dist', name)));
    },
  },
  ...Object.fromEntries(
    ['Restore', 'Push', 'Without the provider'].map((heading): [string, Recipe] => [
      `nuget.md: ${heading}`,
      {
        client: 'standIn',
        scheme: 'Basic',
        prepare: ({ sources }) => {
          writeFileSync(join(sources, 'Stew.1.0.0.nupkg'), 'a package');
        },
        proof: (_, { published, requests }) => {
          assert.deepEqual(
            requests.map(({ status }) => status),
            heading === 'Push' ? [401, 200, 202] : [401, 200],
          );
          assert.equal(
            published.get('nuget')?.toString(),
            heading === 'Push' ? 'a package' : undefined,
          );
        },
      },
    ]),
  ),
  'maven.md: Maven': {
    client: 'maven',
    scheme: 'Basic',
    prepare: ({ sources }, files) => {
      const plugins = ['install', 'deploy'].map(
        (name) =>
          `<plugin><artifactId>maven-${name}-plugin</artifactId><version>${MAVEN_PLUGIN}</version></plugin>`,
      );
      writeFileSync(
        join(sources, 'pom.xml'),
        `<project xmlns="http://maven.apache.org/POM/4.0.0">
          <modelVersion>4.0.0</modelVersion>
          <parent>
            <groupId>com.example</groupId><artifactId>pepper</artifactId><version>1.0.0</version>
            <relativePath />
          </parent>
          <artifactId>stew</artifactId>
          <packaging>pom</packaging>
          ${files.get('pom.xml') ?? assert.fail()}
          <build><plugins>${plugins.join('')}</plugins></build>
        </project>`,
      );
    },
    proof: ({ sources }, { published, requests }) => {
      const pom = published.get('com/example/stew/1.0.0/stew-1.0.0.pom');
      assert.deepEqual(pom, readFileSync(join(sources, 'pom.xml')));
      assert.ok(
        requests.some(({ url, status }) => url.endsWith('pepper-1.0.0.pom') && status === 200),
      );
    },
  },
  'maven.md: Gradle': {
    client: 'gradle',
    scheme: 'Basic',
    prepare: ({ sources }) => {
      const { text: repositories } =
        readBlocks('docs/recipes/maven.md').find(({ language }) => language === 'groovy') ??
        assert.fail();
      // The wrapper of a repository downloads its Gradle; here it is the one of the machine.
      writeFileSync(join(sources, 'gradlew'), '#!/bin/sh\nexec gradle "$@"\n');
      chmodSync(join(sources, 'gradlew'), 0o755);
      writeFileSync(join(sources, 'settings.gradle'), "rootProject.name = 'stew'\n");
      writeFileSync(join(sources, 'stew.txt'), 'a stew');
      writeFileSync(
        join(sources, 'build.gradle'),
        `group = 'com.example'
        version = '1.0.0'
        configurations { spices }
        ${repositories}
        dependencies { spices 'com.example:pepper:1.0.0@pom' }
        task resolve { doLast { println configurations.spices.singleFile.text } }
        if (${String(canPublish())}) {
          apply plugin: 'maven-publish'
          publishing {
            ${repositories}
            publications { stew(MavenPublication) { artifact file('stew.txt') } }
          }
          publish.dependsOn resolve
        } else {
          task publish(dependsOn: resolve)
        }`,
      );
    },
    proof: (_, { published, requests }) => {
      const stew = published.get('com/example/stew/1.0.0/stew-1.0.0.txt')?.toString();
      assert.equal(stew, canPublish() ? 'a stew' : undefined);
      assert.ok(
        requests.some(({ url, status }) => url.endsWith('pepper-1.0.0.pom') && status === 200),
      );
    },
  },
};

/** It makes its virtual environment in the home of the job. */
const poetryOptions = (home: string) => ({
  POETRY_CACHE_DIR: join(home, '.cache', 'pypoetry'),
  POETRY_CONFIG_DIR: join(home, '.config', 'pypoetry'),
});

const uvOptions = (home: string, authority: string) => ({
  SSL_CERT_FILE: authority,
  UV_CACHE_DIR: join(home, '.cache'),
  UV_PYTHON: findPython(),
  UV_PYTHON_DOWNLOADS: 'never',
});

/** In a pipeline, Yarn changes no lock file; the test has none at the start. */
const yarnOptions = (proxy: string, authority: string) => ({
  YARN_HTTPS_PROXY: proxy,
  YARN_HTTPS_CA_FILE_PATH: authority,
  YARN_NODE_LINKER: 'node-modules',
  YARN_ENABLE_IMMUTABLE_INSTALLS: 'false',
  YARN_ENABLE_TELEMETRY: '0',
  // The feed does not say when a version was published.
  YARN_NPM_MINIMAL_AGE_GATE: '0',
});

/** The toolchain is that of the machine; what Cargo keeps is in the home of the job. */
const cargoOptions = (home: string, authority: string) => ({
  CARGO_HOME: join(home, '.cargo'),
  CARGO_HTTP_CAINFO: authority,
  RUSTUP_HOME: process.env['RUSTUP_HOME'] ?? join(homedir(), '.rustup'),
});

/** Where a recipe is carried out. */
class Kitchen {
  /** What the clients were called with, line by line. */
  readonly calls = join(mkdtempSync(join(tmpdir(), 'calls-')), 'calls');
  /** A folder of this test that is no part of the job. */
  readonly tools = mkdtempSync(join(tmpdir(), 'tools-'));
  readonly endpoint: IdentityEndpoint;
  readonly feed: Feed;
  readonly organization: OrganizationServer;
  readonly proxy: Proxy;
  /** Leads to the proxy from networks in which there is no way to it. */
  readonly #socket = join(this.tools, 'proxy');
  readonly #relay = createServer((near) => {
    const far = connect(Number(new URL(this.proxy.origin).port), '127.0.0.1');
    near.on('error', () => far.destroy()).pipe(far);
    far.on('error', () => near.destroy()).pipe(near);
  });

  private constructor(parts: Pick<Kitchen, 'endpoint' | 'feed' | 'organization' | 'proxy'>) {
    this.endpoint = parts.endpoint;
    this.feed = parts.feed;
    this.organization = parts.organization;
    this.proxy = parts.proxy;
    this.#relay.listen(this.#socket);
    writeFileSync(this.calls, '');
  }

  static async open(): Promise<Kitchen> {
    const endpoint = await startIdentityEndpoint();
    const issued = endpoint.tokens;
    const feed = await startFeed({ issued, mavenUpstream: MAVEN_UPSTREAM });
    const organization = await startOrganization({ issued });
    const routes = {
      'dev.azure.com:443': organization.port,
      [`${FEED_HOST}:443`]: feed.port,
      [`${STORE_HOST}:443`]: feed.store.port,
    };
    return new Kitchen({ endpoint, feed, organization, proxy: await startProxy({ routes }) });
  }

  async carryOut(sample: Sample, recipe: Recipe): Promise<Job> {
    const authority = await authorityFile();
    const files = readFiles(sample);
    const environment: Record<string, string> = {};
    return runJob({
      taskFolder: TASK_FOLDER,
      steps: sample.steps,
      prepare: (folders) => {
        for (const [name, text] of files) {
          mkdirSync(dirname(join(folders.sources, name)), { recursive: true });
          writeFileSync(join(folders.sources, name), text);
        }
        recipe.prepare(folders, files);
        Object.assign(environment, this.#environmentOf(recipe, folders, authority));
      },
      machineEnvironment: environment,
    });
  }

  /** The machine of an agent on which the clients are installed and keep to the folders of the job. */
  #environmentOf(
    recipe: Recipe,
    { home }: AgentFolders,
    authority: string,
  ): Readonly<Record<string, string>> {
    const { origin } = this.proxy;
    return {
      AZURE_POD_IDENTITY_AUTHORITY_HOST: this.endpoint.origin,
      PATH: [this.#noteCommands(recipe), process.env['PATH'] ?? ''].join(delimiter),
      HTTPS_PROXY: origin,
      https_proxy: origin,
      NODE_EXTRA_CA_CERTS: authority,
      NPM_CONFIG_CAFILE: authority,
      PNPM_CONFIG_CAFILE: authority,
      NPM_CONFIG_FETCH_RETRIES: '0',
      PIP_CERT: authority,
      REQUESTS_CA_BUNDLE: authority,
      PIP_CONFIG_FILE: '/dev/null',
      PIP_TARGET: join(home, 'site'),
      ...(recipe.client === 'poetry' ? poetryOptions(home) : {}),
      ...(recipe.client === 'uv' ? uvOptions(home, authority) : {}),
      ...(recipe.client === 'Yarn 4' ? yarnOptions(origin, authority) : {}),
      ...(recipe.client === 'cargo' ? cargoOptions(home, authority) : {}),
      ...(recipe.client === 'maven' ? this.#mavenOptions(home, authority) : {}),
      ...(recipe.client === 'gradle' ? this.#gradleOptions(home, authority) : {}),
    };
  }

  /** A folder with each command of the client, which notes its arguments before it does what it does. */
  #noteCommands({ client }: Recipe): string {
    const { port } = new URL(this.proxy.origin);
    const commands = CLIENTS[client].commands([port, this.#socket]);
    for (const [name, command] of Object.entries(commands)) {
      const lines = [
        '#!/bin/sh',
        `printf '%s\\n' "${name}" "$@" >> ${quote(this.calls)}`,
        `exec ${command.map(quote).join(' ')} "$@"`,
      ];
      writeFileSync(join(this.tools, name), `${lines.join('\n')}\n`);
      chmodSync(join(this.tools, name), 0o755);
    }
    return this.tools;
  }

  #mavenOptions(home: string, authority: string): Readonly<Record<string, string>> {
    const options = Object.entries({ 'user.home': home, ...this.#javaProperties(authority) });
    return { MAVEN_OPTS: options.map(([name, value]) => `-D${name}=${value}`).join(' ') };
  }

  /** Gradle may build in a process that it starts, which has the properties of this file, and not those of its own process. */
  #gradleOptions(home: string, authority: string): Readonly<Record<string, string>> {
    const folder = join(home, '.gradle');
    const properties = Object.entries(this.#javaProperties(authority));
    mkdirSync(folder);
    writeFileSync(
      join(folder, 'gradle.properties'),
      properties.map(([name, value]) => `systemProp.${name}=${value}\n`).join(''),
    );
    return { GRADLE_USER_HOME: folder, GRADLE_OPTS: `-Duser.home=${home}` };
  }

  /** What leads a Java program through the proxy, and lets it trust the feed. */
  #javaProperties(authority: string): Readonly<Record<string, string>> {
    const store = join(this.tools, 'authority.p12');
    execFileSync(
      'keytool',
      // prettier-ignore
      ['-importcert', '-noprompt', '-alias', 'authority', '-file', authority, '-keystore', store, '-storepass', 'changeit'],
      { stdio: 'ignore' },
    );
    const { hostname, port } = new URL(this.proxy.origin);
    return {
      'https.proxyHost': hostname,
      'https.proxyPort': port,
      'javax.net.ssl.trustStore': store,
      'javax.net.ssl.trustStorePassword': 'changeit',
    };
  }

  async close(): Promise<void> {
    this.#relay.close();
    rmSync(this.tools, { recursive: true });
    rmSync(join(this.calls, '..'), { recursive: true });
    const { endpoint, feed, organization, proxy } = this;
    await Promise.all([endpoint.close(), feed.close(), organization.close(), proxy.close()]);
  }
}

const tokenOf = (authorization = '') => {
  const [scheme = '', value = ''] = authorization.split(' ');
  return scheme === 'Basic'
    ? Buffer.from(value, 'base64')
        .toString()
        .replace(/^[^:]*:/, '')
    : value;
};

describe('the recipes for packages', () => {
  const samples = ['npm', 'python', 'nuget', 'maven', 'cargo'].flatMap((name) =>
    readSamples(`docs/recipes/${name}.md`),
  );
  const keyOf = ({ page, heading }: Sample) => `${page.replace(/^.*\//, '')}: ${heading}`;

  it('each have their proof', () => {
    assert.deepEqual(samples.map(keyOf).toSorted(), Object.keys(RECIPES).toSorted());
  });

  for (const sample of samples) {
    const recipe = RECIPES[keyOf(sample)] ?? assert.fail(keyOf(sample));
    describe(keyOf(sample), () => {
      let kitchen: Kitchen;
      let job: Job | undefined;

      before(async function () {
        if (process.platform === 'win32' || !CLIENTS[recipe.client].isThere()) {
          skip(this, `${recipe.client} is not installed`);
        }
        kitchen = await Kitchen.open();
        job = await kitchen.carryOut(sample, recipe);
      });

      after(async () => {
        if (job !== undefined) {
          rmSync(job.folders.root, { recursive: true });
          await kitchen.close();
        }
      });

      it('does what it says', () => {
        const done = job ?? assert.fail();
        for (const { result, stdout, stderr } of done.steps) {
          assert.equal(result, 'Succeeded', `${stdout}${stderr}`);
        }
        recipe.proof(done.folders, kitchen.feed);
      });

      it('shows the token to the feed, and is let in', () => {
        const { requests } = kitchen.feed;
        const letIn = requests.filter(({ status }) => status < 400);
        assert.ok(letIn.length > 0);
        for (const { authorization } of letIn) {
          assert.ok(authorization?.startsWith(`${recipe.scheme} `));
          assert.ok(kitchen.endpoint.tokens.includes(tokenOf(authorization)));
        }
        assert.ok(requests.every(({ url }) => url.startsWith(FEED_PATH)));
      });

      it('shows it to nobody else', () => {
        const { feed, proxy, endpoint } = kitchen;
        const all = JSON.stringify([feed.store.requests, proxy.requests]);
        endpoint.tokens.forEach((token) => {
          assertNotIn(token, [['the requests to others', all]]);
        });
        assert.ok(feed.store.requests.every(({ headers }) => headers.authorization === undefined));
      });

      it('has it in no argument list and no URL', () => {
        const { calls, feed, endpoint } = kitchen;
        const lists = readFileSync(calls, 'utf8');
        assert.ok(lists.length > 0, 'no call was noted');
        const urls = feed.requests.map(({ url }) => url).join('\n');
        endpoint.tokens.forEach((token) => {
          assertNotIn(token, [
            ['an argument list', lists],
            ['a URL', urls],
          ]);
        });
      });

      it('leaves it in no file and no log', () => {
        const done = job ?? assert.fail();
        const logs = done.steps.flatMap(({ log }) => log).join('\n');
        const files = filesBelow(done.folders.root);
        assert.ok(files.length > 0);
        kitchen.endpoint.tokens.forEach((token) => {
          assertNotIn(token, [
            ['the log', logs],
            ...files.map((file) => [file, readFileSync(file, 'latin1')] as const),
          ]);
        });
      });
    });
  }
});
