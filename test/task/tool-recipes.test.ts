// The recipes for other tools, step by step as their YAML has them: the built task under the emulator of the agent, and
// servers that demand the token. A tool that is installed is run for real; what cannot be run has a stand-in on PATH, which
// shows how the step hands the token over, and no more.
import assert from 'node:assert/strict';
import { spawn, spawnSync, type SpawnOptionsWithoutStdio } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { homedir, tmpdir } from 'node:os';
import { basename, delimiter, join } from 'node:path';
import { zipSync } from 'fflate';
import { TASK_FOLDER } from '../../scripts/build-task';
import { readText } from '../contract/files';
import { readBlocks, readSamples, type Sample } from '../contract/samples';
import type { AgentFolders } from '../emulators/agent/job-setting';
import { runJob, type Job } from '../emulators/agent/run-job';
import { authorityFile } from '../emulators/certificates';
import { startIdentityEndpoint, type IdentityEndpoint } from '../emulators/identity-endpoint';
import { startOrganization, type OrganizationServer } from '../emulators/organization/organization';
import { startProxy, type Proxy } from '../emulators/proxy';
import { startPublicServer, type PublicServer } from '../emulators/public-server';
import { DockerEngine, findDocker, type Docker } from './docker-engine';
import { assertNotIn, filesBelow } from './secrecy';
import { skip } from '../skip';

const STAND_IN = join(import.meta.dirname, 'fixtures', 'stand-in.cjs');
const NETWORK = join(import.meta.dirname, '../emulators/network.cjs');
const IS_WINDOWS = process.platform === 'win32';
const FEED_HOST = 'pkgs.dev.azure.com';

/** How a tool was called. */
interface Call {
  readonly tool: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly input: string;
}

/** Where an executable is; undefined where it is not installed, or does not run. */
function findTool(tool: string, ...args: readonly string[]): string | undefined {
  const isThere = !IS_WINDOWS && spawnSync(tool, args, { stdio: 'ignore' }).status === 0;
  const found = spawnSync('which', [tool], { encoding: 'utf8' });
  return isThere && found.status === 0 ? found.stdout.trim() : undefined;
}

/** Runs a command while the servers of this process answer it. */
async function runShell(command: string, options: SpawnOptionsWithoutStdio) {
  const child = spawn('sh', ['-c', command], { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (piece: Buffer) => {
      output += piece.toString();
    });
  }
  const status = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  return { status, output };
}

/** A folder for PATH whose executables note how they are called. */
class NotedTools {
  readonly folder = mkdtempSync(join(tmpdir(), 'tools-'));
  readonly #notes = join(this.folder, 'notes');

  /** @param real the one that does the work; without it nothing does */
  put(tool: string, real?: string, folder = this.folder): void {
    const options = JSON.stringify({ tool, notes: this.#notes, real });
    const file = join(folder, tool);
    const text = `#!${process.execPath}\nrequire(${JSON.stringify(STAND_IN)})(${options});\n`;
    writeFileSync(file, text, { mode: 0o755 });
  }

  calls(): readonly Call[] {
    return readdirSync(this.folder).includes(basename(this.#notes))
      ? readFileSync(this.#notes, 'utf8')
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line) as Call)
      : [];
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}

type Servers = Pick<Workshop, 'endpoint' | 'organization' | 'feed' | 'proxy'>;

/** A machine from which the internet is reached through a proxy, and what it led to. */
class Workshop {
  readonly endpoint: IdentityEndpoint;
  readonly organization: OrganizationServer;
  readonly feed: PublicServer;
  readonly proxy: Proxy;
  readonly tools = new NotedTools();
  #job: Job | undefined;

  private constructor({ endpoint, organization, feed, proxy }: Servers) {
    this.endpoint = endpoint;
    this.organization = organization;
    this.feed = feed;
    this.proxy = proxy;
  }

  static async open(): Promise<Workshop> {
    const endpoint = await startIdentityEndpoint();
    const organization = await startOrganization({ issued: endpoint.tokens });
    const feed = await startPublicServer(FEED_HOST, (request, response) => {
      serveFeed(request, response, endpoint.tokens);
    });
    const proxy = await startProxy({
      routes: { 'dev.azure.com:443': organization.port, [`${FEED_HOST}:443`]: feed.port },
    });
    return new Workshop({ endpoint, organization, feed, proxy });
  }

  get job(): Job {
    return this.#job ?? assert.fail('nothing was carried out');
  }

  get token(): string {
    return this.endpoint.tokens[0] ?? assert.fail('no token was issued');
  }

  /** What tools find in the environment of the machine. */
  async network(): Promise<Readonly<Record<string, string>>> {
    const authority = await authorityFile();
    return {
      HTTPS_PROXY: this.proxy.origin,
      https_proxy: this.proxy.origin,
      NODE_EXTRA_CA_CERTS: authority,
      CURL_CA_BUNDLE: authority,
      REQUESTS_CA_BUNDLE: authority,
      SSL_CERT_FILE: authority,
      PIP_CERT: authority,
    };
  }

  async carryOut(
    { steps }: Pick<Sample, 'steps'>,
    { prepare, more = {} }: { prepare?: (folders: AgentFolders) => void; more?: object } = {},
  ): Promise<Job> {
    this.#job = await runJob({
      taskFolder: TASK_FOLDER,
      steps,
      ...(prepare === undefined ? {} : { prepare }),
      machineEnvironment: {
        ...(await this.network()),
        AZURE_POD_IDENTITY_AUTHORITY_HOST: this.endpoint.origin,
        // The Azure CLI: extensions of the user of this machine, whose home the job has not; no word to Microsoft.
        AZURE_EXTENSION_DIR: join(homedir(), '.azure', 'cliextensions'),
        AZURE_CORE_COLLECT_TELEMETRY: 'no',
        PYTHONDONTWRITEBYTECODE: '1',
        POWERSHELL_TELEMETRY_OPTOUT: '1',
        CHECKPOINT_DISABLE: '1',
        PATH: [this.tools.folder, process.env['PATH']].join(delimiter),
        ...more,
      },
    });
    return this.#job;
  }

  assertSucceeded(): void {
    for (const { result, issues, stdout, stderr } of this.job.steps) {
      assert.equal(result, 'Succeeded', `${JSON.stringify(issues)}${stdout}${stderr}`);
    }
  }

  /** Not in an argument, a URL, a file that is left, a line of the log. */
  assertKept(): void {
    const { steps, folders } = this.job;
    const calls = this.tools.calls();
    assert.ok(calls.length > 0, 'no tool was called');
    const urls = this.organization.requests.map(({ url }) => url.href);
    const files = filesBelow(folders.root);
    assert.ok(files.length > 0);
    assertNotIn(this.token, [
      ['an argument', JSON.stringify(calls.map(({ args }) => args))],
      ['a URL', JSON.stringify([urls, this.feed.requests.map(({ url }) => url)])],
      ['what the proxy saw', JSON.stringify(this.proxy.requests)],
      ['the log', steps.flatMap(({ log }) => log).join('\n')],
      ...files.map((file) => [file, readFileSync(file, 'latin1')] as const),
    ]);
  }

  async close(): Promise<void> {
    const { endpoint, organization, feed, proxy } = this;
    if (this.#job !== undefined) {
      rmSync(this.#job.folders.root, { recursive: true });
    }
    this.tools.remove();
    await Promise.all([endpoint.close(), organization.close(), feed.close(), proxy.close()]);
  }
}

/** The steps with something else in place of the token. */
function withoutToken({ steps }: Sample): Pick<Sample, 'steps'> {
  const text = JSON.stringify(steps).replaceAll('$(devops.token)', 'expired');
  return { steps: JSON.parse(text) as Sample['steps'] };
}

function sampleOf(page: string, heading: string): Sample {
  return (
    readSamples(page).find((sample) => sample.heading === heading) ??
    assert.fail(`${page} has no YAML under ${heading}`)
  );
}

/** What stands in a fence of this language under a heading of a page. */
function blockOf(page: string, heading: string, language: string): string {
  const [section = ''] = readText(page).split(`## ${heading}\n`)[1]?.split('\n## ') ?? [];
  const block = new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``).exec(section)?.[1];
  return block ?? assert.fail(`${page} has no ${language} under ${heading}`);
}

const saysIn = (line: string) => (workshop: Workshop) => {
  const log = workshop.job.steps.flatMap((step) => step.log);
  assert.ok(log.includes(line), log.join('\n'));
};

/** By page: the tool, how to see that it is there, and what shows that a recipe did what its heading says. */
const REAL: Readonly<
  Record<
    string,
    {
      readonly tool: string;
      readonly probe: readonly string[];
      /** Other executables of the scripts. */
      readonly needs?: readonly string[];
      readonly scheme: 'Bearer' | 'Basic';
      /** The files of the sources, and more variables of the machine. */
      readonly prepare?: (folders: AgentFolders) => void;
      readonly more?: (workshop: Workshop) => Readonly<Record<string, string>>;
      /** A step ends at an error because of a line that the agent puts before its script; the emulator does not. */
      readonly isEndedByAgent?: boolean;
      /** In the log of a step that succeeds although the token was refused. */
      readonly reportsRefusal?: RegExp;
      readonly proofs: Readonly<Record<string, (workshop: Workshop) => void>>;
    }
  >
> = {
  'docs/recipes/curl.md': {
    tool: 'curl',
    probe: ['--version'],
    needs: ['jq'],
    scheme: 'Bearer',
    proofs: {
      Read: saysIn('SecretSauce'),
      Send: (workshop) => {
        saysIn('1')(workshop);
        const created = workshop.organization.requests.find(({ method }) => method === 'POST');
        assert.match(created?.body.toString() ?? '', /Stir the sauce/);
      },
      'Before curl 7.55': saysIn('SecretSauce'),
    },
  },
  'docs/recipes/azure-cli.md': {
    tool: 'az',
    probe: ['extension', 'show', '--name', 'azure-devops'],
    scheme: 'Basic',
    proofs: {
      'List projects': saysIn('SecretSauce'),
      'List repositories': (workshop) => {
        ['app', 'library', 'media'].forEach((name) => {
          saysIn(name)(workshop);
        });
      },
    },
  },
  'docs/recipes/powershell.md': {
    tool: 'pwsh',
    probe: ['-Version'],
    scheme: 'Bearer',
    isEndedByAgent: true,
    proofs: {
      'PowerShell 7': saysIn('SecretSauce'),
      'Any PowerShell': saysIn('SecretSauce'),
    },
  },
  'docs/recipes/mcp.md': {
    tool: 'mcp-inspector',
    probe: ['--help'],
    needs: ['mcp-server-azuredevops'],
    scheme: 'Bearer',
    prepare: ({ sources }) => {
      const [{ text } = assert.fail()] = readBlocks('docs/recipes/mcp.md').filter(
        ({ language }) => language === 'json',
      );
      writeFileSync(join(sources, '.mcp.json'), text);
    },
    // The server requests nothing through a proxy.
    more: ({ organization }) => {
      const hosts = ['dev.azure.com', 'vssps.dev.azure.com'];
      return {
        NODE_OPTIONS: `--require=${NETWORK}`,
        NETWORK: JSON.stringify(Object.fromEntries(hosts.map((host) => [host, organization.port]))),
      };
    },
    reportsRefusal: /"isError": true/,
    proofs: {
      'List projects': ({ job }) => {
        assert.match(job.steps.flatMap(({ log }) => log).join('\n'), /"SecretSauce/);
      },
    },
  },
};

for (const [page, recipe] of Object.entries(REAL)) {
  const { tool, probe, needs = [], scheme, isEndedByAgent = false, proofs } = recipe;
  const optionsOf = (workshop: Workshop) => ({
    ...(recipe.prepare && { prepare: recipe.prepare }),
    ...(recipe.more && { more: recipe.more(workshop) }),
  });
  describe(`the recipes for ${tool}, with the real ${tool}`, () => {
    let real: string | undefined;

    before(function () {
      real = findTool(tool, ...probe);
      if (real === undefined || needs.some((other) => !findTool(other, '--version'))) {
        real = undefined;
      }
    });

    it('each have their proof', () => {
      assert.deepEqual(
        readSamples(page).map(({ heading }) => heading),
        Object.keys(proofs),
      );
    });

    for (const sample of readSamples(page)) {
      describe(sample.heading, () => {
        let workshop: Workshop | undefined;
        const opened = () => workshop ?? assert.fail();

        before(async function () {
          if (real === undefined) {
            skip(this, `${tool} is not installed`);
          }
          workshop = await Workshop.open();
          workshop.tools.put(tool, real);
          await workshop.carryOut(sample, optionsOf(workshop));
        });

        after(() => workshop?.close());

        it('does what it says', () => {
          opened().assertSucceeded();
          proofs[sample.heading]?.(opened());
        });

        it('shows the token to the organization', () => {
          const { token, organization } = opened();
          const basic = `Basic ${Buffer.from(`:${token}`).toString('base64')}`;
          // The task asks for the connection data itself, and whoever asks for locations need not be anybody.
          const own = organization.requests.filter(
            ({ url, method }) =>
              !['OPTIONS', 'HEAD'].includes(method) && !/connectiondata$/i.test(url.pathname),
          );
          assert.ok(own.length > 0);
          own.forEach(({ headers }) => {
            assert.equal(headers.authorization, scheme === 'Bearer' ? `Bearer ${token}` : basic);
          });
        });

        it('keeps it off command lines, out of URLs, files and the log', () => {
          opened().assertKept();
        });
      });
    }

    it('end the step, or report an error, if the token is refused', async function () {
      const [first] = readSamples(page);
      if (real === undefined || first === undefined) {
        skip(this, `${tool} is not installed`);
      }
      if (isEndedByAgent) {
        skip(this, 'the agent ends the step, and not the sample');
      }
      const workshop = await Workshop.open();
      try {
        workshop.tools.put(tool, real);
        const { steps } = await workshop.carryOut(withoutToken(first), optionsOf(workshop));
        const { reportsRefusal } = recipe;
        assert.deepEqual(
          steps.map(({ result }) => result),
          ['Succeeded', reportsRefusal === undefined ? 'Failed' : 'Succeeded'],
        );
        assert.match(steps.at(-1)?.log.join('\n') ?? '', reportsRefusal ?? /^/);
      } finally {
        await workshop.close();
      }
    });
  });
}

/** By page: a tool that is not run, and what has to be in its environment. */
const STOOD_IN: Readonly<
  Record<
    string,
    {
      readonly tool: string;
      /** By heading: the calls, and the variable that carries the token. */
      readonly expected: Readonly<
        Record<
          string,
          {
            readonly calls: readonly RegExp[];
            readonly variable: string;
            readonly value?: (token: string) => string;
            readonly more?: Readonly<Record<string, string>>;
          }
        >
      >;
    }
  >
> = {
  'docs/recipes/powershell.md': {
    tool: 'pwsh',
    expected: {
      'PowerShell 7': { calls: [/^-NoLogo .*-File .*\.ps1$/], variable: 'TOKEN' },
      'Any PowerShell': { calls: [/^-NoLogo .*-File .*\.ps1$/], variable: 'TOKEN' },
    },
  },
  'docs/recipes/terraform.md': {
    tool: 'terraform',
    expected: {
      'Plan and apply': {
        calls: [
          /^init -input=false$/,
          /^plan -input=false -out=changes.tfplan$/,
          /^apply -input=false changes.tfplan$/,
        ],
        variable: 'AZDO_PERSONAL_ACCESS_TOKEN',
        more: { AZDO_ORG_SERVICE_URL: 'https://dev.azure.com/MyOrg' },
      },
    },
  },
  'docs/recipes/vsce.md': {
    tool: 'npx',
    expected: {
      Publish: {
        calls: [/^--no-install vsce publish --packagePath sauce.vsix$/],
        variable: 'VSCE_PAT',
      },
    },
  },
  'docs/recipes/universal.md': {
    tool: 'az',
    expected: Object.fromEntries(
      [
        ['Download', '--path tools'],
        ['Publish', '--path dist'],
      ].map(([heading = '', path]) => [
        heading,
        {
          calls: [
            new RegExp(
              `^artifacts universal ${heading.toLowerCase()} --organization https://dev.azure.com/MyOrg --project SecretSauce --scope project --feed sauces --name pepper --version 1.0.0 ${path}$`,
            ),
          ],
          variable: 'AZURE_DEVOPS_EXT_PAT',
        },
      ]),
    ),
  },
  'docs/recipes/docker.md': {
    tool: 'docker',
    expected: {
      npm: {
        calls: [/^build --secret id=devops,env=NPM_TOKEN --tag app .$/],
        variable: 'NPM_TOKEN',
      },
      pip: {
        calls: [/^build --secret id=netrc,env=NETRC --tag app .$/],
        variable: 'NETRC',
        value: (token) => `machine ${FEED_HOST} login build password ${token}`,
      },
    },
  },
};

for (const [page, { tool, expected }] of Object.entries(STOOD_IN)) {
  describe(`the recipes for ${tool}, with a stand-in for ${tool}`, () => {
    it('are all known', () => {
      assert.deepEqual(
        readSamples(page).map(({ heading }) => heading),
        Object.keys(expected),
      );
    });

    for (const [heading, { calls, variable, value, more = {} }] of Object.entries(expected)) {
      describe(heading, () => {
        let workshop: Workshop | undefined;
        const opened = () => workshop ?? assert.fail();

        before(async function () {
          if (IS_WINDOWS) {
            skip(this, 'Windows cannot start the stand-ins');
          }
          workshop = await Workshop.open();
          workshop.tools.put(tool);
          await workshop.carryOut(sampleOf(page, heading));
        });

        after(() => workshop?.close());

        it('calls it as it says', () => {
          opened().assertSucceeded();
          const made = opened()
            .tools.calls()
            .map(({ args }) => args.join(' '));
          assert.equal(made.length, calls.length, made.join('\n'));
          calls.forEach((pattern, index) => {
            assert.match(made[index] ?? '', pattern);
          });
        });

        it('hands the token over in one variable of the environment', () => {
          const { token, tools } = opened();
          for (const { environment, input } of tools.calls()) {
            assert.equal(environment[variable], value?.(token) ?? token);
            for (const [name, wanted] of Object.entries(more)) {
              assert.equal(environment[name], wanted);
            }
            const others = Object.entries(environment).filter(([name]) => name !== variable);
            assertNotIn(token, [
              ['another variable', JSON.stringify(others)],
              ['the standard input', input],
            ]);
          }
        });

        it('keeps it off command lines, out of URLs, files and the log', () => {
          opened().assertKept();
        });
      });
    }
  });
}

describe('the recipe for terraform, with the real terraform and a stand-in for its provider', () => {
  const page = 'docs/recipes/terraform.md';
  const PROVIDER = 'terraform-provider-azuredevops_v1.0.0';
  let mirror: string | undefined;
  let workshop: Workshop | undefined;
  const opened = () => workshop ?? assert.fail();
  const callsOf = (tool: string) =>
    opened()
      .tools.calls()
      .filter((call) => call.tool === tool);

  before(async function () {
    const real = findTool('terraform', 'version');
    if (real === undefined) {
      skip(this, 'terraform is not installed');
    }
    mirror = mkdtempSync(join(tmpdir(), 'mirror-'));
    const platform = `${process.platform}_${process.arch === 'x64' ? 'amd64' : process.arch}`;
    const name = ['registry.terraform.io', 'microsoft', 'azuredevops'];
    const folder = join(mirror, ...name, '1.0.0', platform);
    const configuration = join(mirror, 'terraform.rc');
    mkdirSync(folder, { recursive: true });
    writeFileSync(
      configuration,
      `provider_installation {\n  filesystem_mirror {\n    path = "${mirror}"\n  }\n}\n`,
    );
    workshop = await Workshop.open();
    workshop.tools.put('terraform', real);
    workshop.tools.put(PROVIDER, undefined, folder);
    await workshop.carryOut(sampleOf(page, 'Plan and apply'), {
      prepare: ({ sources }) => {
        writeFileSync(join(sources, 'main.tf'), blockOf(page, 'Plan and apply', 'hcl'));
      },
      more: { TF_CLI_CONFIG_FILE: configuration },
    });
  });

  after(async () => {
    await workshop?.close();
    if (mirror !== undefined) {
      rmSync(mirror, { recursive: true });
    }
  });

  it('finds its provider, and asks it for the plan', () => {
    assert.deepEqual(
      callsOf('terraform').map(({ args }) => args[0]),
      ['init', 'plan'],
    );
    // The stand-in speaks no protocol: there the step ends.
    assert.equal(opened().job.steps.at(-1)?.result, 'Failed');
  });

  it('hands the token on to it in one variable of the environment', () => {
    const [call = assert.fail('no provider was started')] = callsOf(PROVIDER);
    const { AZDO_PERSONAL_ACCESS_TOKEN: token, ...others } = call.environment;
    assert.equal(token, opened().token);
    assert.equal(others['AZDO_ORG_SERVICE_URL'], 'https://dev.azure.com/MyOrg');
    assertNotIn(opened().token, [['another variable', JSON.stringify(others)]]);
  });

  it('keeps it off command lines, out of files and the log', () => {
    opened().assertKept();
  });
});

const PACKAGE = { name: 'stew', version: '1.0.0' };

/** A package of npm, and one of pip. */
const TARBALL = packForNpm();
const WHEEL = packForPip();
const WHEEL_NAME = `${PACKAGE.name}-${PACKAGE.version}-py3-none-any.whl`;
const NPM_PATH = '/MyOrg/SecretSauce/_packaging/kitchen/npm/registry/';
const PIP_PATH = '/MyOrg/SecretSauce/_packaging/kitchen/pypi/';

function packForNpm(): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'stew-'));
  mkdirSync(join(folder, 'package'));
  writeFileSync(join(folder, 'package', 'package.json'), JSON.stringify(PACKAGE));
  const packed = spawnSync('tar', ['-czf', '-', '-C', folder, 'package']);
  rmSync(folder, { recursive: true });
  return packed.stdout;
}

function packForPip(): Uint8Array {
  const { name, version } = PACKAGE;
  const info = `${name}-${version}.dist-info`;
  const text = (value: string) => Buffer.from(value);
  return zipSync({
    [`${name}.py`]: text('salt = 1\n'),
    [`${info}/METADATA`]: text(`Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n`),
    [`${info}/WHEEL`]: text(
      'Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
    ),
    [`${info}/RECORD`]: text(
      [`${name}.py`, ...['METADATA', 'WHEEL', 'RECORD'].map((file) => `${info}/${file}`)]
        .map((file) => `${file},,\n`)
        .join(''),
    ),
  });
}

/** A feed of Azure Artifacts with one package, for whoever has the token: as a bearer token, or as a password. */
function serveFeed(
  request: IncomingMessage,
  response: ServerResponse,
  tokens: readonly string[],
): void {
  const { authorization = '', host = '' } = request.headers;
  const [scheme = '', value = ''] = authorization.split(' ');
  const shown = scheme === 'Basic' ? Buffer.from(value, 'base64').toString().split(':')[1] : value;
  const path = (request.url ?? '').replace(/\?.*/, '');
  if (!tokens.includes(shown ?? '')) {
    response.writeHead(401, { 'www-authenticate': 'Basic realm="https://pkgs.dev.azure.com/"' });
    response.end();
  } else if (path.endsWith('.tgz')) {
    response.end(TARBALL);
  } else if (path.endsWith('.whl')) {
    response.end(WHEEL);
  } else if (path === `${PIP_PATH}simple/${PACKAGE.name}/`) {
    response.setHeader('content-type', 'text/html');
    response.end(`<a href="https://${host}${PIP_PATH}download/${WHEEL_NAME}">${WHEEL_NAME}</a>`);
  } else {
    response.writeHead(404).end();
  }
}

/** A `RUN` of a Dockerfile with a secret: what mounts it, and the command. */
function readRun(dockerfile: string): { id: string; rest: string; command: string } {
  const joined = dockerfile.replaceAll('\\\n', ' ');
  const [, id = '', rest = '', command = ''] =
    /^RUN --mount=type=secret,id=(\w+),(\S+)\s+(.*)$/m.exec(joined) ?? [];
  return { id, rest, command };
}

/** By heading of the page of Docker: what the command needs, and leaves. */
const COMMANDS: Readonly<
  Record<
    string,
    {
      readonly tool: string;
      readonly prepare: (app: string) => void;
      readonly refusal: RegExp;
      readonly environment: (home: string, authority: string) => Readonly<Record<string, string>>;
      readonly proof: (app: string, home: string) => void;
    }
  >
> = {
  npm: {
    tool: 'npm',
    prepare: (app) => {
      const { name, version } = PACKAGE;
      const integrity = `sha512-${createHash('sha512').update(TARBALL).digest('base64')}`;
      const resolved = `https://${FEED_HOST}${NPM_PATH}${name}/-/${name}-${version}.tgz`;
      const own = { name: 'app', version: '1.0.0', dependencies: { [name]: version } };
      const packages = { '': own, [`node_modules/${name}`]: { version, resolved, integrity } };
      const lock = { name: 'app', version: '1.0.0', lockfileVersion: 3, requires: true, packages };
      writeFileSync(join(app, 'package.json'), JSON.stringify(own));
      writeFileSync(join(app, 'package-lock.json'), JSON.stringify(lock));
      writeFileSync(join(app, '.npmrc'), blockOf('docs/recipes/docker.md', 'npm', 'ini'));
    },
    refusal: /E401/,
    environment: (_, authority) => ({
      npm_config_cafile: authority,
      npm_config_fetch_retries: '0',
      npm_config_update_notifier: 'false',
    }),
    proof: (app) => {
      const installed = join(app, 'node_modules', PACKAGE.name, 'package.json');
      assert.deepEqual(JSON.parse(readFileSync(installed, 'utf8')), PACKAGE);
    },
  },
  pip: {
    tool: 'pip',
    prepare: (app) => {
      writeFileSync(join(app, 'requirements.txt'), `${PACKAGE.name}==${PACKAGE.version}\n`);
    },
    // What pip says where nobody can be asked for a password.
    refusal: /No matching distribution found/,
    environment: (home) => ({ PIP_TARGET: join(home, 'packages'), PIP_NO_INPUT: '1' }),
    proof: (_, home) => {
      const module_ = readFileSync(join(home, 'packages', `${PACKAGE.name}.py`), 'utf8');
      assert.equal(module_, 'salt = 1\n');
    },
  },
};

describe('the commands of the Dockerfiles, with the secret where BuildKit would put it', () => {
  for (const [heading, { tool, prepare, refusal, environment, proof }] of Object.entries(
    COMMANDS,
  )) {
    describe(`with the real ${tool}`, () => {
      const page = 'docs/recipes/docker.md';
      const run = readRun(blockOf(page, heading, 'dockerfile'));
      let [root, app, home] = ['', '', ''];
      let workshop: Workshop | undefined;
      let secret = '';

      /** Does what BuildKit does: the secret is there for the command, and for nothing else. */
      const build = async (value: string) => {
        const [, kind, place = ''] = /^(env|target)=(.*)$/.exec(run.rest) ?? assert.fail(run.rest);
        const file = join(home, place.replace('/root/', ''));
        if (kind === 'target') {
          assert.ok(place.startsWith('/root/'), place);
          writeFileSync(file, value, { mode: 0o400 });
        }
        const ended = await runShell(run.command, {
          cwd: app,
          env: {
            PATH: [workshop?.tools.folder, process.env['PATH']].join(delimiter),
            HOME: home,
            ...(await workshop?.network()),
            ...environment(home, await authorityFile()),
            ...(kind === 'env' ? { [place]: value } : {}),
          },
        });
        if (kind === 'target') {
          rmSync(file, { force: true });
        }
        return ended;
      };

      before(async function () {
        const real = findTool(tool, '--version');
        if (real === undefined) {
          skip(this, `${tool} is not installed`);
        }
        root = mkdtempSync(join(tmpdir(), 'image-'));
        [app, home] = [join(root, 'app'), join(root, 'root')];
        [app, home].forEach((folder) => {
          mkdirSync(folder);
        });
        prepare(app);
        workshop = await Workshop.open();
        workshop.tools.put('docker');
        await workshop.carryOut(sampleOf(page, heading));
        workshop.assertSucceeded();
        const [{ args, environment: given } = assert.fail()] = workshop.tools.calls();
        const [, id, variable = ''] =
          /^id=(\w+),env=(\w+)$/.exec(args[args.indexOf('--secret') + 1] ?? '') ?? assert.fail();
        assert.equal(id, run.id);
        secret = given[variable] ?? '';
        workshop.tools.put(tool, real);
      });

      after(async () => {
        await workshop?.close();
        rmSync(root, { recursive: true, force: true });
      });

      it('fail without the token', async () => {
        const { status, output } = await build(secret.replace(workshop?.token ?? '', 'expired'));
        assert.notEqual(status, 0, output);
        assert.match(output, refusal);
      });

      it('install with it, and leave it in no argument, URL, output or file of the image', async () => {
        const { status, output } = await build(secret);
        assert.equal(status, 0, output);
        proof(app, home);
        const { token, feed, tools } = workshop ?? assert.fail();
        const args = tools.calls().map((call) => call.args);
        const files = filesBelow(root);
        assertNotIn(token, [
          ['an argument', JSON.stringify(args)],
          ['a command', run.command],
          ['a URL', JSON.stringify(feed.requests.map(({ url }) => url))],
          ['the output', output],
          ...files.map((file) => [file, readFileSync(file, 'latin1')] as const),
        ]);
      });
    });
  }
});

/** From which version on an engine knows by itself what the Dockerfile asks of it; a newer syntax would have to be pulled. */
const NEEDED_ENGINE: Readonly<Record<string, readonly [number, number]>> = {
  // `env` of a mount is in version 1.10 of the syntax, with BuildKit 0.16: https://github.com/moby/moby/pull/48469
  npm: [27, 3],
  pip: [20, 10],
};

describe('the recipes for docker, with the real docker and stand-ins for npm and pip in the image', () => {
  const page = 'docs/recipes/docker.md';
  let docker: Docker | undefined;
  const hashOf = (text: string) => createHash('sha256').update(text).digest('hex');

  before(() => {
    docker = findDocker();
  });

  for (const [heading, { prepare }] of Object.entries(COMMANDS)) {
    describe(heading, () => {
      const [, ...lines] = blockOf(page, heading, 'dockerfile').split('\n');
      const dockerfile = lines.join('\n');
      const { rest, command } = readRun(dockerfile);
      let engine: DockerEngine | undefined;
      let workshop: Workshop | undefined;
      const opened = () => {
        const { job, tools, token } = workshop ?? assert.fail();
        const [{ args, environment } = assert.fail('docker was not called')] = tools.calls();
        const [, variable = ''] = /^id=\w+,env=(\w+)$/.exec(args[2] ?? '') ?? assert.fail();
        const secret = environment[variable] ?? '';
        return { args, folder: job.folders.sources, secret, token, variable };
      };
      const started = () => engine ?? assert.fail();
      /** The hash of the secret that the command saw. */
      const readSeen = async (image: string) => {
        const places = await started().unpack(image);
        const file = places.map((place) => join(place, 'seen')).find((path) => existsSync(path));
        return readFileSync(file ?? assert.fail('the command was not run'), 'utf8').split(' ')[0];
      };

      before(async function () {
        const [major, minor] = NEEDED_ENGINE[heading] ?? assert.fail();
        const [itsMajor, itsMinor] = docker?.version ?? [0, 0];
        if (docker === undefined || itsMajor < major || (itsMajor === major && itsMinor < minor)) {
          skip(this, `Docker ${major}.${minor} is not installed`);
        }
        // Not every machine that has it lets it start.
        engine = await DockerEngine.start(docker.client).catch(() =>
          skip(this, 'this machine does not let an engine of Docker start'),
        );
        const [, image = ''] = /^FROM (\S+)$/m.exec(dockerfile) ?? assert.fail();
        const [program = ''] = command.split(' ');
        const [, kind, place] = /^(env|target)=(.*)$/.exec(rest) ?? assert.fail(rest);
        const read = kind === 'env' ? `printf %s "$${place}"` : `cat ${place}`;
        const script = `${read} | sha256sum > /seen\ncat /proc/[0-9]*/cmdline > /commands\n`;
        await engine.makeImage(image, program, `#!/bin/sh\n${script}`);
        workshop = await Workshop.open();
        workshop.tools.put('docker', docker.client);
        await workshop.carryOut(sampleOf(page, heading), {
          prepare: ({ sources }) => {
            prepare(sources);
            writeFileSync(join(sources, 'Dockerfile'), dockerfile);
          },
          more: engine.environment,
        });
      });

      after(async () => {
        await workshop?.close();
        await engine?.close();
      });

      it('show the secret to the command', async () => {
        workshop?.assertSucceeded();
        const { secret, token } = opened();
        assert.ok(secret.includes(token));
        assert.equal(await readSeen('app'), hashOf(secret));
      });

      it('leave it in no layer and no configuration, nor anywhere else with the engine', async () => {
        const places = [...(await started().unpack('app')), started().data];
        const files = places.flatMap(filesBelow);
        assert.ok(files.some((file) => basename(file) === 'commands'));
        const history = await started().run(['history', '--no-trunc', 'app']);
        assert.ok(history.includes(command.split(' ')[0] ?? ''));
        assertNotIn(opened().token, [
          ['the history', history],
          ...files.map((file) => [file, readFileSync(file, 'latin1')] as const),
        ]);
        workshop?.assertKept();
      });

      it('build no layer again because the token is another one', async () => {
        const { args, folder, secret, token, variable } = opened();
        const environment = { [variable]: secret.replace(token, 'another') };
        await started().run(args, { folder, environment });
        assert.equal(await readSeen('app'), hashOf(secret));
      });

      it('take a secret that is missing for no error, unless it is required', async () => {
        const { folder } = opened();
        const required = dockerfile.replace('type=secret,', 'type=secret,required=true,');
        writeFileSync(join(folder, 'Dockerfile.required'), required);
        const build = ['build', '--no-cache', '--tag', 'missing'];
        await started().run([...build, '.'], { folder });
        assert.equal(await readSeen('missing'), hashOf(''));
        await assert.rejects(
          started().run([...build, '--file', 'Dockerfile.required', '.'], { folder }),
          /secret .*not found/,
        );
      });

      it('are not what a build argument is, which stays in the history', async () => {
        const { folder, secret, token, variable } = opened();
        const [from = ''] = dockerfile.split('\n');
        writeFileSync(join(folder, 'Dockerfile.argument'), `${from}\nARG ${variable}\nRUN :\n`);
        await started().run(
          ['build', '--build-arg', variable, '--file', 'Dockerfile.argument', '--tag', 'arg', '.'],
          { folder, environment: { [variable]: secret } },
        );
        assert.ok((await started().run(['history', '--no-trunc', 'arg'])).includes(token));
      });
    });
  }
});
