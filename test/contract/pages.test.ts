import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  findOutputMistakes,
  findStepMistakes,
  findTokenArguments,
  hasSecretInUrl,
  isOurs,
} from './check-sample';
import { listFiles, listPages, readJson, readTables, readText, task } from './files';
import { ROOT, TASK_FOLDER } from '../../scripts/build-task';
import { findFormMistakes } from './pipeline-schema';
import { readSamples } from './samples';

const overview = readText('overview.md');

/** What the list items of a section define, with their defaults: "- `name` (default `value`): …". */
function readDefinitions(page: string, title: string): readonly (readonly [string, string])[] {
  const [, section = ''] = readText(page).split(`\n## ${title}\n`);
  const [own = ''] = section.split('\n## ', 1);
  return [...own.matchAll(/^- `(\w+)`(?: \(default `([^`]*)`\))?: \S/gm)].map(
    ([, name = '', value = '']) => [name, value],
  );
}

for (const page of ['overview.md', 'docs/reference.md']) {
  describe(page, () => {
    it('has the inputs of the task, with their defaults', () => {
      assert.deepEqual(
        readDefinitions(page, 'Inputs'),
        task.inputs.map(({ name, defaultValue }) => [name, defaultValue ?? '']),
      );
    });

    it('has the inputs in the groups of the task', () => {
      const [, section = ''] = readText(page).split('\n## Inputs\n');
      const [own = ''] = section.split('\n## ', 1);
      const groups = own.split('\n### ').slice(1);
      const { groups: expected } = readJson('tasks/AzureDevOpsTokenV1/task.json');
      assert.deepEqual(
        groups.map((group) => group.split('\n', 1)[0]),
        (expected as readonly { displayName: string }[]).map(({ displayName }) => displayName),
      );
    });

    it('has the outputs of the task', () => {
      assert.deepEqual(
        readDefinitions(page, 'Outputs').map(([name]) => name),
        task.outputVariables.map(({ name }) => name),
      );
    });
  });
}

describe('overview.md', () => {
  it('names the agent that the task asks for', () => {
    const { minimumAgentVersion } = readJson('tasks/AzureDevOpsTokenV1/task.json');
    assert.ok(overview.includes(`version ${String(minimumAgentVersion)} or newer`));
  });

  it('has at most 2,500 words', () => {
    const words = overview.split(/\s+/).filter(Boolean);
    assert.ok(words.length <= 2500, String(words.length));
  });

  it('says what each input is in one short line', () => {
    const lines = overview
      .split('\n')
      .filter((line) => /^- `\w+`(?: \(default [^)]+\))?: /.test(line));
    assert.equal(lines.length, task.inputs.length + task.outputVariables.length);
    assert.deepEqual(
      lines.filter((line) => line.length > 100),
      [],
    );
  });

  it('names the commonest errors by their sections of the troubleshooting page', () => {
    const [, section = ''] = overview.split('\n## Common errors\n');
    const errors = [
      ...section.matchAll(/^\d+\. \[([^\]]+)\]\(docs\/troubleshooting\.md#([\w-]+)\): /gm),
    ];
    assert.equal(errors.length, 8);
    const page = readText('docs/troubleshooting.md');
    for (const [, heading = '', id = ''] of errors) {
      assert.ok(page.includes(`<a id="${id}"></a>\n\n### ${heading}\n`), heading);
    }
  });

  it('shows no picture that the Marketplace would refuse', () => {
    for (const [, target = ''] of overview.matchAll(/!\[[^\]]*\]\(([^)]+)\)/g)) {
      assert.match(target, /^images\/[\w-]+\.png$/);
    }
    assert.ok(!/<img|\.svg/i.test(overview));
  });
});

const GUID = '01234567-89ab-cdef-0123-456789abcdef';

describe('the look at a step', () => {
  for (const [mistake, step] of [
    ['token is no input', { inputs: { token: 'x' } }],
    ['method takes GET,', { inputs: { url: '_apis/projects', method: 'FETCH' } }],
    ['connectionType takes', { inputs: { connectionType: 'personal' } }],
    ['allPages takes true, false', { inputs: { url: '_apis/projects', allPages: 'all' } }],
    ['body does nothing unless', { inputs: { url: '_apis/projects', body: '{}' } }],
    ['allPages does nothing unless', { inputs: { url: 'x', method: 'PUT', allPages: true } }],
    ['query does nothing unless', { inputs: { query: 'value' } }],
    ['azureSubscription is missing', { inputs: { connectionType: 'azureRM' } }],
    ['clientId does nothing unless', { inputs: { connectionType: 'azureRM', clientId: GUID } }],
    ['objectId', { inputs: { clientId: GUID, objectId: GUID } }],
    ['clientId', { inputs: { clientId: 'deploy' } }],
    ['url', { inputs: { url: '../OtherOrg/_apis/projects' } }],
    ['query', { inputs: { url: '_apis/projects', query: 'value[' } }],
    ['outputFile', { inputs: { url: '_apis/tokens/pats' } }],
    ['the version', { task: 'AzureDevOpsToken@2' }],
  ] as const) {
    it(`finds ${JSON.stringify(step)}`, () => {
      const mistakes = findStepMistakes({ task: 'AzureDevOpsToken@1', ...step });
      assert.ok(mistakes.join('\n').includes(mistake), mistakes.join('\n'));
    });
  }

  for (const inputs of [
    {},
    { url: 'SecretSauce/_apis/build/builds/$(Build.BuildId)' },
    { url: '${{ parameters.project }}/_apis/wit/workitems/$Task', method: 'POST', body: '[]' },
    { clientId: '${{ parameters.clientId }}' },
    { connectionType: 'azureRM', azureSubscription: 'azure' },
    { connectionType: 'azureDevOps', azureDevOpsServiceConnection: 'devops' },
  ] as const) {
    it(`lets ${JSON.stringify(inputs)} pass`, () => {
      assert.deepEqual(findStepMistakes({ task: 'AzureDevOpsToken@1', inputs }), []);
    });
  }
});

describe('the look at the form of a pipeline', () => {
  const job = { job: 'Test', pool: { vmImage: 'ubuntu-latest' }, steps: [{ bash: 'true' }] };
  const deployment = {
    deployment: 'Release',
    environment: 'marketplace',
    strategy: { runOnce: { deploy: { steps: [{ download: 'none' }] } } },
  };

  for (const document of [
    null,
    'steps',
    {},
    [{ task: 'AzureDevOpsToken@1', names: 'devops' }],
    [{ name: 'devops', task: 'AzureDevOpsToken@1' }],
    [{ task: 'AzureDevOpsToken@1', name: 'my devops' }],
    [{ task: 'AzureDevOpsToken@1', continueOnError: 'yes, please' }],
    [{ task: 'AzureDevOpsToken@1', inputs: { url: ['x'] } }],
    [{ task: 'AzureDevOpsToken@1', target: { commands: 'restrict' } }],
    [{ task: 'AzureDevOpsToken@1', target: { settableVariables: 'all' } }],
    [{ bash: 'true', script: 'true' }],
    [{ bash: 'true', inputs: {} }],
    [{ checkout: 'self', persistCredential: false }],
    [{ template: 'sign-in.yml', inputs: {} }],
    [{ parameters: {}, template: 'sign-in.yml' }],
    { steps: [], trigger: 'never' },
    { steps: [], trigger: { branches: { include: 'main' } } },
    { steps: [], pr: { branches: ['main'] } },
    { steps: [], parameters: [{ name: 'a', type: 'bool' }] },
    { steps: [], parameters: { a: true } },
    { steps: [], stages: [] },
    { jobs: [{ ...job, deployment: 'x' }] },
    { jobs: [{ ...job, strategy: { runOnce: {} } }] },
    { jobs: [{ ...job, strategy: { matrix: { 'linux-20': { image: 'x' } } } }] },
    { jobs: [{ ...job, strategy: { matrix: {} } }] },
    { jobs: [{ ...job, pool: { image: 'x' } }] },
    { jobs: [{ ...deployment, steps: [] }] },
    { jobs: [{ ...deployment, strategy: { matrix: { a: {} } } }] },
    { stages: [{ stage: 'A', steps: [] }] },
    { stages: [{ stage: 'A', dependson: 'B', jobs: [job] }] },
  ]) {
    it(`finds ${JSON.stringify(document)}`, () => {
      assert.notDeepEqual(findFormMistakes(document), []);
    });
  }

  for (const document of [
    [{ task: 'AzureDevOpsToken@1' }],
    [{ template: 'sign-in.yml', parameters: { clientId: 'x' } }],
    { steps: [], trigger: ['main', 'releases/*'], pr: 'none' },
    { jobs: [job, deployment] },
    { stages: [{ stage: 'A', dependsOn: ['B'], jobs: [job] }] },
  ]) {
    it(`lets ${JSON.stringify(document)} pass`, () => {
      assert.deepEqual(findFormMistakes(document), []);
    });
  }
});

describe('the look at outputs', () => {
  for (const [mistake, document] of [
    ['has no such output', { env: { A: '$(devops.tokens)' } }],
    ['has no such step', { env: { A: '$(other.token)' } }],
    ['not by env:', { bash: 'git -c a=$(devops.token)' }],
    ['not by env:', { inputs: { url: '$(devops.result)' } }],
    ['leaves its job', { variables: { a: "$[ dependencies.a.outputs['devops.token'] ]" } }],
    ['leaves its job', { variables: { a: "$[ dependencies.a.outputs['d.devops.no'] ]" } }],
  ] as const) {
    it(`finds ${JSON.stringify(document)}`, () => {
      const mistakes = findOutputMistakes({ jobs: [{ steps: [document] }] }, ['devops']);
      assert.ok(mistakes.length === 1 && mistakes[0]?.includes(mistake), mistakes.join('\n'));
    });
  }

  it('lets an output in env: pass, one of another job, and the variables of the agent', () => {
    const document = {
      variables: { id: "$[ dependencies.a.outputs['devops.clientId'] ]" },
      steps: [{ bash: 'echo $(Build.BuildId)', env: { A: 'Bearer $(devops.token)' } }],
    };
    assert.deepEqual(findOutputMistakes(document, ['devops']), []);
  });
});

describe('the look at scripts', () => {
  const env = { TOKEN: '$(devops.token)' };
  for (const script of [
    { bash: 'curl -H "Authorization: Bearer $TOKEN" https://dev.azure.com/MyOrg' },
    { bash: 'set -e; curl \\\n  -u ":${TOKEN}" https://dev.azure.com/MyOrg' },
    { bash: 'a=$(az devops login --token "$TOKEN")' },
    { script: 'curl -u :%TOKEN% https://dev.azure.com/MyOrg' },
    { pwsh: 'git -c http.extraheader="Authorization: Bearer $env:TOKEN" fetch' },
  ]) {
    it(`finds ${JSON.stringify(script)}`, () => {
      assert.equal(findTokenArguments({ ...script, env }).length, 1);
    });
  }

  for (const script of [
    { bash: `printf 'Authorization: Bearer %s' "$TOKEN" | curl -H @- https://dev.azure.com` },
    { bash: 'curl -K - https://dev.azure.com <<< "header = \\"Authorization: Bearer $TOKEN\\""' },
    { bash: 'cat > a <<END\nAuthorization: Bearer $TOKEN\nEND\nls' },
    { bash: 'base64=$(printf ":%s" "$TOKEN" | base64)' },
    { bash: 'NPM_TOKEN="$TOKEN" npm publish' },
    { pwsh: '$headers = @{ Authorization = "Bearer $env:TOKEN" }' },
    { bash: 'npm publish' },
  ]) {
    it(`lets ${JSON.stringify(script)} pass`, () => {
      assert.deepEqual(findTokenArguments({ ...script, env }), []);
    });
  }
});

describe('the look at URLs', () => {
  for (const [url, isSecret] of [
    ['https://build:x@dev.azure.com/MyOrg', true],
    ['https://:%TOKEN%@dev.azure.com/MyOrg', true],
    ['https://$TOKEN@dev.azure.com/MyOrg', true],
    ['https://$(devops.token)@dev.azure.com/MyOrg', true],
    // A name is no secret.
    ['https://MyOrg@dev.azure.com/MyOrg', false],
    ['https://dev.azure.com:443/MyOrg/_git/a@b', false],
  ] as const) {
    it(`${isSecret ? 'finds' : 'lets pass'} ${url}`, () => {
      assert.equal(hasSecretInUrl({ bash: `git clone ${url}` }), isSecret);
    });
  }
});

const pagesWithYaml = listPages()
  .map((page) => ({ page, samples: readSamples(page) }))
  .filter(({ samples }) => samples.length > 0);

describe('the YAML of the pages', () => {
  it('is there', () => {
    const pages = pagesWithYaml.map(({ page }) => page);
    assert.ok(['overview.md', 'docs/recipes/git.md'].every((page) => pages.includes(page)));
  });

  it('is all fenced in one way, so that none is missed', () => {
    for (const page of listPages()) {
      const fences = readText(page).match(/^[ >\t]*(?:```|~~~)\s*ya?ml.*$/gim) ?? [];
      assert.equal(fences.length, readSamples(page).length, page);
    }
  });

  for (const { page, samples } of pagesWithYaml) {
    const ours = samples.flatMap(({ steps }) => steps.filter(isOurs));
    const names = ours.flatMap(({ name }) => (typeof name === 'string' ? [name] : []));

    it(`of ${page} has a step of the task, and reads what it gives`, () => {
      assert.ok(ours.length > 0);
      assert.ok(samples.some(({ text }) => names.some((name) => text.includes(`$(${name}.`))));
    });

    for (const [index, { heading, document, steps }] of samples.entries()) {
      describe(`(${page}, sample ${index + 1}, ${heading})`, () => {
        it('has the form that Azure Pipelines wants', () => {
          assert.deepEqual(findFormMistakes(document), []);
        });

        it('has the inputs of the task, and such as it takes', () => {
          for (const step of steps.filter(isOurs)) {
            assert.deepEqual(findStepMistakes(step), [], JSON.stringify(step));
          }
        });

        it('hands outputs on through env: only, and such as there are', () => {
          assert.deepEqual(findOutputMistakes(document, names), []);
        });

        it('puts no token on a command line or into a URL', () => {
          for (const step of steps) {
            assert.deepEqual(findTokenArguments(step), []);
            assert.ok(!hasSecretInUrl(step), JSON.stringify(step));
          }
        });
      });
    }
  }
});

describe('the pages', () => {
  it('SECURITY.md names tests that exist, for each threat', () => {
    const [, threats = ''] =
      /^## Threats[^]*?$([^]*)^## How many cases/m.exec(readText('SECURITY.md')) ?? [];
    const items = threats.match(/^- \*\*[^]*?(?=^- \*\*|^#|^$)/gm) ?? [];
    assert.ok(items.length > 80);
    for (const item of items) {
      const [, tests = ''] = /^- \*\*.+\*\*\n {2}\S.*\n {2}Test: (.+)$/m.exec(item) ?? [];
      const paths = [...tests.matchAll(/`([^`]+)`/g)].map(([, path = '']) => path);
      assert.ok(paths.length > 0, item);
      paths.forEach((path) => {
        assert.ok(existsSync(join(ROOT, path)), path);
      });
    }
    assert.deepEqual(readTables(readText('SECURITY.md')), []);
  });

  it('SECURITY.md names the hosts, connection types and inputs of the task for a reviewer', () => {
    const [, page = ''] = /^## For a reviewer$([^]*?)^## /m.exec(readText('SECURITY.md')) ?? [];
    const { options } = task.inputs.find(({ name }) => name === 'connectionType') as {
      readonly options?: Readonly<Record<string, string>>;
    };
    for (const name of [...Object.keys(options ?? {}), 'allowedHosts', 'gitCredentials', 'url']) {
      assert.ok(page.includes(`\`${name}\``), name);
    }
    assert.ok(page.split(/\s+/).length < 700, 'a page that a reviewer can finish');
  });

  it('of recipes begin with what was tested, and with what was not', () => {
    const recipes = listPages().filter((page) => page.startsWith('docs/recipes/'));
    assert.ok(recipes.length > 10);
    for (const page of recipes) {
      const [, status = ''] = readText(page).split('\n\n');
      assert.match(
        status,
        /^(?:Tested (?:with|against)|Not run with) [^]*Not yet tested (?:with|in) /,
        page,
      );
    }
  });

  it('README.md names files and scripts that there are', () => {
    const readme = readText('README.md');
    for (const [, path = ''] of readme.matchAll(/`((?:tasks|test|docs|images)\/[^`…]*)`/g)) {
      assert.ok(existsSync(join(ROOT, path)), path);
    }
    const { scripts } = readJson('package.json');
    for (const [, script = ''] of readme.matchAll(/npm run (\w+)/g)) {
      assert.ok(script in (scripts as object), script);
    }
  });

  for (const page of [
    'CONTRIBUTING.md',
    'docs/architecture.md',
    'docs/decisions.md',
    'test/README.md',
  ]) {
    it(`${page} names source files that exist`, () => {
      const names = [...readText(page).matchAll(/`([\w./-]+\.(?:ts|cjs|mjs|json|md))`/g)];
      assert.ok(names.length > 10);
      for (const [, name = ''] of names) {
        assert.ok(
          listFiles().some((path) => `/${path}`.endsWith(`/${name}`)),
          name,
        );
      }
    });
  }

  it('test/README.md names tests that exist, each for a change that it notices', () => {
    const [, section = ''] = readText('test/README.md').split('## Changes that a test notices');
    const changes = section.match(/^- .*(?:\n {2}.*)*/gm) ?? [];
    assert.ok(changes.length > 30);
    for (const row of changes) {
      const [, file = '', title = ''] = /:\n {2}`([\w/.-]+\.test\.ts)` “([^”]+)”$/.exec(row) ?? [];
      assert.ok(file !== '', row);
      assert.ok(readText(`test/${file}`).includes(title), row);
    }
  });

  it('CONTRIBUTING.md has each module and folder of the source in its map', () => {
    const [, map = ''] = /^## The source$([^]*?)^## /m.exec(readText('CONTRIBUTING.md')) ?? [];
    const entries = readdirSync(join(TASK_FOLDER, 'src'), { withFileTypes: true });
    const names = entries.map((entry) => `${entry.name}${entry.isDirectory() ? '/' : ''}`);
    const missing = names.filter((name) => /\.ts$|\/$/.test(name) && !map.includes(`\`${name}\``));
    assert.deepEqual(missing, []);
  });

  it('say nothing of a file that is built', () => {
    assert.deepEqual(
      listFiles().filter((path) => /(?:^|\/)(?:dist|node_modules|coverage)\//.test(path)),
      [],
    );
  });
});
