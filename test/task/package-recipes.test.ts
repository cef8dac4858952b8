// The recipes for clients of packages, step by step as their YAML has them, with the files that their pages show: the built
// task under the emulator of the agent, the real clients, and a feed that demands the token. Only a proxy leads to it.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { readText } from '../contract/files';
import { readBlocks, readSamples, type Sample } from '../contract/samples';
import type { AgentFolders } from '../emulators/agent/job-setting';
import { authorityFile } from '../emulators/certificates';
import { FEED_PATH, TARBALL_URL, type Feed } from '../emulators/organization/feed';
import { packForCargo } from '../emulators/organization/feed-cargo';
import { hashOf, packForNpm, packForPython, PEPPER } from '../emulators/organization/feed-content';
import { readToken } from '../emulators/organization/organization';
import {
  MAVEN_UPSTREAM,
  onMachine,
  writeLock,
  writeManifest,
  type RecipeMachine,
} from './recipe-machine';
import { filesBelow } from './secrecy';
import { skip } from '../skip';

const has = (command: string, ...args: readonly string[]) =>
  spawnSync(command, args, { stdio: 'ignore' }).status === 0;
const find = (command: string) =>
  execFileSync('sh', ['-c', `command -v ${command}`], { encoding: 'utf8' }).trim();
const quote = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

const MAVEN_PLUGIN = '3.1.4';
const STAND_IN = join(import.meta.dirname, '../emulators/organization/feed-nuget-client.cjs');
const ALONE = join(import.meta.dirname, 'fixtures', 'alone.cjs');

/** Where a client runs. */
interface ClientSetting {
  /** Of the job. */
  readonly home: string;
  /** The file with the certificate authority that the client has to trust. */
  readonly authority: string;
  /** The address of the proxy. */
  readonly proxy: string;
  /** A folder that is no part of the job. */
  readonly tools: string;
}

interface Client {
  readonly isThere: () => boolean;
  /** The commands that are noted with their arguments, and what is run for each. */
  readonly commands: (setting: ClientSetting) => Readonly<Record<string, readonly string[]>>;
  /** What only this client needs in its environment. */
  readonly environment?: (setting: ClientSetting) => Readonly<Record<string, string>>;
}

/** The Python whose pip it is; a name on the path may be a script that looks for it at home. */
const findPython = () =>
  execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).trim();

const versionOf = (command: string) =>
  has(command, '--version')
    ? spawnSync(command, ['--version'], { encoding: 'utf8' }).stdout.trim()
    : '';

/** A client that runs in Node.js. */
const onNode = (name: string) => ({
  commands: () => ({ [name]: [find(name)], node: [process.execPath] }),
});

const CLIENTS = {
  npm: { isThere: () => has('npm', '--version'), ...onNode('npm') },
  pnpm: { isThere: () => has('pnpm', '--version'), ...onNode('pnpm') },
  'Yarn 4': {
    isThere: () => /^[4-9]/.test(versionOf('yarn')),
    ...onNode('yarn'),
    /** In a pipeline, Yarn changes no lock file; the test has none at the start. */
    environment: ({ proxy, authority }) => ({
      YARN_HTTPS_PROXY: proxy,
      YARN_HTTPS_CA_FILE_PATH: authority,
      YARN_NODE_LINKER: 'node-modules',
      YARN_ENABLE_IMMUTABLE_INSTALLS: 'false',
      YARN_ENABLE_TELEMETRY: '0',
      // The feed does not say when a version was published.
      YARN_NPM_MINIMAL_AGE_GATE: '0',
    }),
  },
  'Yarn 1': { isThere: () => versionOf('yarn').startsWith('1.'), ...onNode('yarn') },
  cargo: {
    isThere: () => has('cargo', '--version'),
    commands: () => ({ cargo: [find('cargo')] }),
    /** The toolchain is that of the machine; what Cargo keeps is in the home of the job. */
    environment: ({ home, authority }) => ({
      CARGO_HOME: join(home, '.cargo'),
      CARGO_HTTP_CAINFO: authority,
      RUSTUP_HOME: process.env['RUSTUP_HOME'] ?? join(homedir(), '.rustup'),
    }),
  },
  pip: {
    isThere: () => has('bash', '--version') && has('python3', '-m', 'pip', '--version'),
    commands: () => ({ pip: [findPython(), '-m', 'pip'] }),
  },
  uv: {
    isThere: () => has('uv', '--version'),
    commands: () => ({ uv: [find('uv')] }),
    environment: ({ home }) => ({
      UV_CACHE_DIR: join(home, '.cache'),
      UV_PYTHON: findPython(),
      UV_PYTHON_DOWNLOADS: 'never',
    }),
  },
  poetry: {
    isThere: () => has('poetry', '--version'),
    commands: () => ({ poetry: [find('poetry')] }),
    /** It makes its virtual environment in the home of the job. */
    environment: ({ home }) => ({
      POETRY_CACHE_DIR: join(home, '.cache', 'pypoetry'),
      POETRY_CONFIG_DIR: join(home, '.config', 'pypoetry'),
    }),
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
    environment: (setting) => {
      const options = Object.entries({ 'user.home': setting.home, ...readJavaProperties(setting) });
      return { MAVEN_OPTS: options.map(([name, value]) => `-D${name}=${value}`).join(' ') };
    },
  },
  gradle: {
    isThere: () =>
      has('gradle', '--version') &&
      has('keytool', '-help') &&
      has('unshare', '--net', 'ip', 'link'),
    commands: ({ proxy, tools }) => ({
      gradle: [
        // It listens on every address, for builds that ask one another for locks.
        ...['unshare', '--net', process.execPath, ALONE],
        ...[new URL(proxy).port, socketIn(tools), find('gradle')],
      ],
      java: [find('java')],
    }),
    /** Gradle may build in a process that it starts, which has the properties of this file, and not those of its own process. */
    environment: (setting) => {
      const folder = join(setting.home, '.gradle');
      const properties = Object.entries(readJavaProperties(setting));
      mkdirSync(folder);
      writeFileSync(
        join(folder, 'gradle.properties'),
        properties.map(([name, value]) => `systemProp.${name}=${value}\n`).join(''),
      );
      return { GRADLE_USER_HOME: folder, GRADLE_OPTS: `-Duser.home=${setting.home}` };
    },
  },
  /** In place of dotnet. */
  standIn: {
    isThere: () => true,
    commands: () => ({ dotnet: [process.execPath, STAND_IN] }),
  },
} as const satisfies Readonly<Record<string, Client>>;

/** Leads to the proxy from networks in which there is no way to it. */
const socketIn = (tools: string) => join(tools, 'proxy');

/** What leads a Java program through the proxy, and lets it trust the feed. */
function readJavaProperties({
  tools,
  proxy,
  authority,
}: ClientSetting): Readonly<Record<string, string>> {
  const store = join(tools, 'authority.p12');
  execFileSync(
    'keytool',
    // prettier-ignore
    ['-importcert', '-noprompt', '-alias', 'authority', '-file', authority, '-keystore', store, '-storepass', 'changeit'],
    { stdio: 'ignore' },
  );
  const { hostname, port } = new URL(proxy);
  return {
    'https.proxyHost': hostname,
    'https.proxyPort': port,
    'javax.net.ssl.trustStore': store,
    'javax.net.ssl.trustStorePassword': 'changeit',
  };
}

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

/** A client of the registry of npm installs the package. */
const NPM: Recipe = {
  client: 'npm',
  scheme: 'Bearer',
  prepare: ({ sources }) => {
    writeManifest(sources);
  },
  proof: ({ sources }) => {
    const installed = join(sources, 'node_modules', 'pepper', 'pepper.txt');
    assert.equal(readFileSync(installed, 'utf8'), PEPPER);
  },
};

/** Somewhere below a virtual environment. */
function assertInstalled(folder: string): void {
  const [file = ''] = filesBelow(folder).filter((name) => name.endsWith('/pepper.py'));
  assert.equal(readFileSync(file, 'utf8'), `# ${PEPPER}`);
}

/** Whether Gradle is not the 4.4.1 of Debian: that one lacks what carries files to a repository of Maven over HTTPS. */
const canPublish = () =>
  !spawnSync('gradle', ['--version'], { encoding: 'utf8' }).stdout.includes('\nGradle 4.');

/** By page and heading. */
const RECIPES: Readonly<Record<string, Recipe>> = {
  'npm.md: Install': {
    ...NPM,
    prepare: ({ sources }) => {
      writeManifest(sources);
      writeLock(sources);
    },
  },
  'npm.md: Publish': {
    ...NPM,
    proof: (_, { published }) => {
      assert.deepEqual([...published.keys()], ['stew-2.0.0.tgz']);
    },
  },
  'npm.md: pnpm': { ...NPM, client: 'pnpm' },
  'npm.md: Yarn 4': { ...NPM, client: 'Yarn 4' },
  'npm.md: Yarn 1': {
    ...NPM,
    client: 'Yarn 1',
    prepare: ({ sources }) => {
      writeManifest(sources);
      const tarball = packForNpm();
      writeFileSync(
        join(sources, 'yarn.lock'),
        `# yarn lockfile v1\n\n\npepper@1.0.0:\n  version "1.0.0"
  resolved "${TARBALL_URL}#${hashOf('sha1', tarball, 'hex')}"
  integrity sha512-${hashOf('sha512', tarball, 'base64')}\n`,
      );
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

/** What the clients were called with, line by line. */
const callsIn = (tools: string) => join(tools, 'calls');

/** Puts each command of a client on PATH, which notes its arguments before it does what it does. */
function putCommands(client: Client, setting: ClientSetting): void {
  for (const [name, command] of Object.entries(client.commands(setting))) {
    const lines = [
      '#!/bin/sh',
      `printf '%s\\n' "${name}" "$@" >> ${quote(callsIn(setting.tools))}`,
      `exec ${command.map(quote).join(' ')} "$@"`,
    ];
    writeFileSync(join(setting.tools, name), `${lines.join('\n')}\n`, { mode: 0o755 });
  }
}

/** Runs the steps of a recipe on a machine whose clients keep to the folders of the job. */
async function carryOut(machine: RecipeMachine, sample: Sample, recipe: Recipe): Promise<void> {
  const { tools, proxy } = machine;
  const authority = await authorityFile();
  const files = readFiles(sample);
  const client: Client = CLIENTS[recipe.client];
  const relay = createServer((near) => {
    const far = connect(Number(new URL(proxy.origin).port), '127.0.0.1');
    near.on('error', () => far.destroy()).pipe(far);
    far.on('error', () => near.destroy()).pipe(near);
  }).listen(socketIn(tools));
  await machine.run(sample.steps, {
    prepare: (folders) => {
      for (const [name, text] of files) {
        mkdirSync(dirname(join(folders.sources, name)), { recursive: true });
        writeFileSync(join(folders.sources, name), text);
      }
      recipe.prepare(folders, files);
    },
    environment: ({ home }) => {
      const setting = { home, authority, proxy: proxy.origin, tools };
      putCommands(client, setting);
      return {
        NPM_CONFIG_CAFILE: authority,
        PNPM_CONFIG_CAFILE: authority,
        NPM_CONFIG_FETCH_RETRIES: '0',
        PIP_CONFIG_FILE: '/dev/null',
        PIP_TARGET: join(home, 'site'),
        ...client.environment?.(setting),
      };
    },
  });
  relay.close();
}

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
      const opened = onMachine(
        (context) => {
          if (process.platform === 'win32' || !CLIENTS[recipe.client].isThere()) {
            skip(context, `${recipe.client} is not installed`);
          }
        },
        (machine) => carryOut(machine, sample, recipe),
      );

      it('does what it says', () => {
        opened().assertSucceeded();
        recipe.proof(opened().job.folders, opened().feed);
      });

      it('shows the token to the feed, and is let in', () => {
        const { feed, endpoint } = opened();
        const letIn = feed.requests.filter(({ status }) => status < 400);
        assert.ok(letIn.length > 0);
        for (const { authorization } of letIn) {
          assert.ok(authorization?.startsWith(`${recipe.scheme} `));
          assert.ok(endpoint.tokens.includes(readToken(authorization) ?? ''));
        }
        assert.ok(feed.requests.every(({ url }) => url.startsWith(FEED_PATH)));
      });

      it('shows it to nobody else', () => {
        const { store } = opened().feed;
        assert.ok(store.requests.every(({ headers }) => headers.authorization === undefined));
      });

      it('leaves it in no argument list, URL, file and log', () => {
        const lists = readFileSync(callsIn(opened().tools), 'utf8');
        assert.ok(lists.length > 0, 'no call was noted');
        opened().assertKept([['an argument list', lists]]);
      });
    });
  }
});
