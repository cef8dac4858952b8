// The recipes for other tools, step by step as their YAML has them: the built task under the emulator of the agent, and
// servers that demand the token. A tool that is installed is run for real; what cannot be run has a stand-in on PATH, which
// shows how the step hands the token over, and no more.
import assert from 'node:assert/strict';
import { spawn, spawnSync, type SpawnOptionsWithoutStdio } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { readText } from '../contract/files';
import { readBlocks, readSamples, type Sample } from '../contract/samples';
import type { AgentFolders } from '../emulators/agent/job-setting';
import { authorityFile } from '../emulators/certificates';
import { FEED_HOST } from '../emulators/organization/feed';
import { PEPPER } from '../emulators/organization/feed-content';
import { DockerEngine, findDocker, type Docker } from './docker-engine';
import { onMachine, writeLock, writeManifest, type RecipeMachine } from './recipe-machine';
import { assertNotIn, filesBelow } from './secrecy';
import { skip } from '../skip';

const STAND_IN = join(import.meta.dirname, 'fixtures', 'stand-in.cjs');
const NETWORK = join(import.meta.dirname, '../emulators/network.cjs');
const IS_WINDOWS = process.platform === 'win32';
/** The Azure CLI: extensions of the user of this machine, whose home the job does not have. No tool reports to its maker. */
const SETTINGS = {
  AZURE_EXTENSION_DIR: join(homedir(), '.azure', 'cliextensions'),
  AZURE_CORE_COLLECT_TELEMETRY: 'no',
  PYTHONDONTWRITEBYTECODE: '1',
  POWERSHELL_TELEMETRY_OPTOUT: '1',
  CHECKPOINT_DISABLE: '1',
};

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

/**
 * Puts an executable on PATH that notes how it is called.
 * @param real the one that does the work; without it nothing does
 */
function putTool(
  { tools }: RecipeMachine,
  tool: string,
  { real, folder = tools }: { readonly real?: string | undefined; readonly folder?: string } = {},
): void {
  const options = JSON.stringify({ tool, notes: join(tools, 'notes'), real });
  const text = `#!${process.execPath}\nrequire(${JSON.stringify(STAND_IN)})(${options});\n`;
  writeFileSync(join(folder, tool), text, { mode: 0o755 });
}

function callsOf({ tools }: RecipeMachine): readonly Call[] {
  const notes = join(tools, 'notes');
  const lines = existsSync(notes) ? readFileSync(notes, 'utf8').trim().split('\n') : [];
  return lines.map((line) => JSON.parse(line) as Call);
}

/** Not in an argument, a URL, a file that is left, a line of the log. */
function assertKept(machine: RecipeMachine): void {
  const calls = callsOf(machine);
  assert.ok(calls.length > 0, 'no tool was called');
  machine.assertKept([['an argument', JSON.stringify(calls.map(({ args }) => args))]]);
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

const saysIn = (line: string) => (machine: RecipeMachine) => {
  assert.ok(machine.log.includes(line), machine.log.join('\n'));
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
      readonly more?: (machine: RecipeMachine) => Readonly<Record<string, string>>;
      /** A step ends at an error because of a line that the agent puts before its script; the emulator does not. */
      readonly isEndedByAgent?: boolean;
      /** In the log of a step that succeeds although the token was refused. */
      readonly reportsRefusal?: RegExp;
      readonly proofs: Readonly<Record<string, (machine: RecipeMachine) => void>>;
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
      Send: (machine) => {
        saysIn('1')(machine);
        const created = machine.organization.requests.find(({ method }) => method === 'POST');
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
      'List repositories': (machine) => {
        ['app', 'library', 'media'].forEach((name) => {
          saysIn(name)(machine);
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
      'List projects': ({ log }) => {
        assert.match(log.join('\n'), /"SecretSauce/);
      },
    },
  },
};

for (const [page, recipe] of Object.entries(REAL)) {
  const { tool, probe, needs = [], scheme, isEndedByAgent = false, proofs } = recipe;
  let real: string | undefined;
  const runOn = (machine: RecipeMachine, { steps }: Pick<Sample, 'steps'>) => {
    putTool(machine, tool, { real });
    return machine.run(steps, {
      ...(recipe.prepare && { prepare: recipe.prepare }),
      environment: () => ({ ...SETTINGS, ...recipe.more?.(machine) }),
    });
  };
  const needTool = (context: Mocha.Context) => {
    if (real === undefined) {
      skip(context, `${tool} is not installed`);
    }
  };

  describe(`the recipes for ${tool}, with the real ${tool}`, () => {
    before(() => {
      real = needs.every((other) => findTool(other, '--version'))
        ? findTool(tool, ...probe)
        : undefined;
    });

    it('each have their proof', () => {
      assert.deepEqual(
        readSamples(page).map(({ heading }) => heading),
        Object.keys(proofs),
      );
    });

    for (const sample of readSamples(page)) {
      describe(sample.heading, () => {
        const opened = onMachine(needTool, (machine) => runOn(machine, sample));

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
          assertKept(opened());
        });
      });
    }

    describe('if the token is refused', () => {
      const opened = onMachine(
        (context) => {
          needTool(context);
          if (isEndedByAgent) {
            skip(context, 'the agent ends the step, and not the sample');
          }
        },
        (machine) => runOn(machine, withoutToken(readSamples(page)[0] ?? assert.fail())),
      );

      it('end the step, or report an error', () => {
        const { reportsRefusal } = recipe;
        const [task, script] = opened().job.steps;
        const expected = reportsRefusal === undefined ? 'Failed' : 'Succeeded';
        assert.deepEqual([task?.result, script?.result], ['Succeeded', expected]);
        assert.match(script?.log.join('\n') ?? '', reportsRefusal ?? /^/);
      });
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
        const opened = onMachine(
          (context) => {
            if (IS_WINDOWS) {
              skip(context, 'Windows cannot start the stand-ins');
            }
          },
          (machine) => {
            putTool(machine, tool);
            return machine.run(sampleOf(page, heading).steps);
          },
        );

        it('calls it as it says', () => {
          opened().assertSucceeded();
          const made = callsOf(opened()).map(({ args }) => args.join(' '));
          assert.equal(made.length, calls.length, made.join('\n'));
          calls.forEach((pattern, index) => {
            assert.match(made[index] ?? '', pattern);
          });
        });

        it('hands the token over in one variable of the environment', () => {
          const { token } = opened();
          for (const { environment, input } of callsOf(opened())) {
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
          assertKept(opened());
        });
      });
    }
  });
}

describe('the recipe for terraform, with the real terraform and a stand-in for its provider', () => {
  const page = 'docs/recipes/terraform.md';
  const PROVIDER = 'terraform-provider-azuredevops_v1.0.0';
  const mirror = mkdtempSync(join(tmpdir(), 'mirror-'));
  const ofTool = (tool: string) => callsOf(opened()).filter((call) => call.tool === tool);
  const opened = onMachine(
    (context) => {
      if (findTool('terraform', 'version') === undefined) {
        skip(context, 'terraform is not installed');
      }
    },
    (machine) => {
      const platform = `${process.platform}_${process.arch === 'x64' ? 'amd64' : process.arch}`;
      const name = ['registry.terraform.io', 'microsoft', 'azuredevops'];
      const folder = join(mirror, ...name, '1.0.0', platform);
      const configuration = join(mirror, 'terraform.rc');
      mkdirSync(folder, { recursive: true });
      writeFileSync(
        configuration,
        `provider_installation {\n  filesystem_mirror {\n    path = "${mirror}"\n  }\n}\n`,
      );
      putTool(machine, 'terraform', { real: findTool('terraform', 'version') });
      putTool(machine, PROVIDER, { folder });
      return machine.run(sampleOf(page, 'Plan and apply').steps, {
        prepare: ({ sources }) => {
          writeFileSync(join(sources, 'main.tf'), blockOf(page, 'Plan and apply', 'hcl'));
        },
        environment: () => ({ ...SETTINGS, TF_CLI_CONFIG_FILE: configuration }),
      });
    },
  );

  after(() => {
    rmSync(mirror, { recursive: true });
  });

  it('finds its provider, and asks it for the plan', () => {
    assert.deepEqual(
      ofTool('terraform').map(({ args }) => args[0]),
      ['init', 'plan'],
    );
    // The stand-in speaks no protocol: there the step ends.
    assert.equal(opened().job.steps.at(-1)?.result, 'Failed');
  });

  it('hands the token on to it in one variable of the environment', () => {
    const [call = assert.fail('no provider was started')] = ofTool(PROVIDER);
    const { AZDO_PERSONAL_ACCESS_TOKEN: token, ...others } = call.environment;
    assert.equal(token, opened().token);
    assert.equal(others['AZDO_ORG_SERVICE_URL'], 'https://dev.azure.com/MyOrg');
    assertNotIn(opened().token, [['another variable', JSON.stringify(others)]]);
  });

  it('keeps it off command lines, out of files and the log', () => {
    assertKept(opened());
  });
});

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
      /** The file of the package that it installs. */
      readonly installed: (app: string, home: string) => string;
    }
  >
> = {
  npm: {
    tool: 'npm',
    prepare: (app) => {
      writeManifest(app);
      writeLock(app);
      writeFileSync(join(app, '.npmrc'), blockOf('docs/recipes/docker.md', 'npm', 'ini'));
    },
    refusal: /E401/,
    environment: (_, authority) => ({
      npm_config_cafile: authority,
      npm_config_fetch_retries: '0',
      npm_config_update_notifier: 'false',
    }),
    installed: (app) => join(app, 'node_modules', 'pepper', 'pepper.txt'),
  },
  pip: {
    tool: 'pip',
    prepare: (app) => {
      writeFileSync(join(app, 'requirements.txt'), 'pepper==1.0.0\n');
    },
    // What pip says where nobody can be asked for a password.
    refusal: /No matching distribution found/,
    environment: (home) => ({ PIP_TARGET: join(home, 'packages'), PIP_NO_INPUT: '1' }),
    installed: (_, home) => join(home, 'packages', 'pepper.py'),
  },
};

describe('the commands of the Dockerfiles, with the secret where BuildKit would put it', () => {
  for (const [heading, command] of Object.entries(COMMANDS)) {
    const { tool, prepare, refusal, environment, installed } = command;
    describe(`with the real ${tool}`, () => {
      const page = 'docs/recipes/docker.md';
      const run = readRun(blockOf(page, heading, 'dockerfile'));
      const root = mkdtempSync(join(tmpdir(), 'image-'));
      const [app, home] = [join(root, 'app'), join(root, 'root')];
      const opened = onMachine(
        (context) => {
          if (findTool(tool, '--version') === undefined) {
            skip(context, `${tool} is not installed`);
          }
        },
        async (machine) => {
          mkdirSync(app);
          mkdirSync(home);
          prepare(app);
          putTool(machine, tool, { real: findTool(tool, '--version') });
          await machine.requestToken();
        },
      );

      after(() => {
        rmSync(root, { recursive: true });
      });

      /** Does what BuildKit does: the secret is there for the command, and for nothing else. */
      const build = async (token: string) => {
        const { bash = '', env = {} } = sampleOf(page, heading).steps.at(-1) ?? assert.fail();
        const [, id, variable = ''] = /--secret id=(\w+),env=(\w+)/.exec(bash) ?? assert.fail(bash);
        assert.equal(id, run.id);
        const secret = String(env[variable]).replace('$(devops.token)', token);
        const [, kind, place = ''] = /^(env|target)=(.*)$/.exec(run.rest) ?? assert.fail(run.rest);
        const file = join(home, place.replace('/root/', ''));
        if (kind === 'target') {
          assert.ok(place.startsWith('/root/'), place);
          writeFileSync(file, secret, { mode: 0o400 });
        }
        const ended = await runShell(run.command, {
          cwd: app,
          env: {
            ...(await opened().network()),
            HOME: home,
            ...environment(home, await authorityFile()),
            ...(kind === 'env' ? { [place]: secret } : {}),
          },
        });
        if (kind === 'target') {
          rmSync(file, { force: true });
        }
        return ended;
      };

      it('fail without the token', async () => {
        const { status, output } = await build('expired');
        assert.notEqual(status, 0, output);
        assert.match(output, refusal);
      });

      it('install with it, and leave it in no argument, URL, output or file of the image', async () => {
        const { token, feed } = opened();
        const { status, output } = await build(token);
        assert.equal(status, 0, output);
        assert.ok(readFileSync(installed(app, home), 'utf8').endsWith(PEPPER));
        assertNotIn(token, [
          ['an argument', JSON.stringify(callsOf(opened()).map(({ args }) => args))],
          ['a command', run.command],
          ['a URL', JSON.stringify(feed.requests.map(({ url }) => url))],
          ['the output', output],
          ...filesBelow(root).map((file) => [file, readFileSync(file, 'latin1')] as const),
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
      const built = () => {
        const { job, token } = opened();
        const [{ args, environment } = assert.fail('docker was not called')] = callsOf(opened());
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

      const opened = onMachine(
        async (context) => {
          const [major, minor] = NEEDED_ENGINE[heading] ?? assert.fail();
          const [itsMajor, itsMinor] = docker?.version ?? [0, 0];
          if (
            docker === undefined ||
            itsMajor < major ||
            (itsMajor === major && itsMinor < minor)
          ) {
            skip(context, `Docker ${major}.${minor} is not installed`);
          }
          // Not every machine that has it lets it start.
          engine = await DockerEngine.start(docker.client).catch(() =>
            skip(context, 'this machine does not let an engine of Docker start'),
          );
        },
        async (machine) => {
          const [, image = ''] = /^FROM (\S+)$/m.exec(dockerfile) ?? assert.fail();
          const [program = ''] = command.split(' ');
          const [, kind, place] = /^(env|target)=(.*)$/.exec(rest) ?? assert.fail(rest);
          const read = kind === 'env' ? `printf %s "$${place}"` : `cat ${place}`;
          const script = `${read} | sha256sum > /seen\ncat /proc/[0-9]*/cmdline > /commands\n`;
          await started().makeImage(image, program, `#!/bin/sh\n${script}`);
          putTool(machine, 'docker', { real: docker?.client });
          await machine.run(sampleOf(page, heading).steps, {
            prepare: ({ sources }) => {
              prepare(sources);
              writeFileSync(join(sources, 'Dockerfile'), dockerfile);
            },
            environment: () => started().environment,
          });
        },
      );

      after(() => engine?.close());

      it('show the secret to the command', async () => {
        opened().assertSucceeded();
        const { secret, token } = built();
        assert.ok(secret.includes(token));
        assert.equal(await readSeen('app'), hashOf(secret));
      });

      it('leave it in no layer and no configuration, nor anywhere else with the engine', async () => {
        const places = [...(await started().unpack('app')), started().data];
        const files = places.flatMap(filesBelow);
        assert.ok(files.some((file) => basename(file) === 'commands'));
        const history = await started().run(['history', '--no-trunc', 'app']);
        assert.ok(history.includes(command.split(' ')[0] ?? ''));
        assertNotIn(built().token, [
          ['the history', history],
          ...files.map((file) => [file, readFileSync(file, 'latin1')] as const),
        ]);
        assertKept(opened());
      });

      it('build no layer again because the token is another one', async () => {
        const { args, folder, secret, token, variable } = built();
        const environment = { [variable]: secret.replace(token, 'another') };
        await started().run(args, { folder, environment });
        assert.equal(await readSeen('app'), hashOf(secret));
      });

      it('take a secret that is missing for no error, unless it is required', async () => {
        const { folder } = built();
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
        const { folder, secret, token, variable } = built();
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
