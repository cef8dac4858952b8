import assert from 'node:assert/strict';
import { CALL_DEFAULTS } from '../../tasks/AzureDevOpsTokenV1/src/inputs/read-rest-call';
import { INPUT_NAMES } from '../../tasks/AzureDevOpsTokenV1/src/inputs/read-inputs';
import { CONNECTION_TYPES } from '../../tasks/AzureDevOpsTokenV1/src/inputs/read-identity';
import { METHODS } from '../../tasks/AzureDevOpsTokenV1/src/http/method';
import { describeOldNode } from '../../tasks/AzureDevOpsTokenV1/src/node-version';
import { OUTPUT_NAMES } from '../../tasks/AzureDevOpsTokenV1/src/outputs';
import { readJson, task } from './files';

const manifest = readJson('tasks/AzureDevOpsTokenV1/task.json');
const extension = readJson('vss-extension.json');
const project = readJson('package.json');
interface EditorInput {
  readonly name: string;
  readonly type: string;
  readonly groupName: string;
  readonly defaultValue: string;
  readonly helpMarkDown: string;
  readonly visibleRule?: string;
  readonly options?: Readonly<Record<string, string>>;
  readonly properties?: { readonly rows: string; readonly resizable: string };
}

// Not filePath: of an empty one the agent makes a folder, and which one the task cannot know in each job.
const INPUT_TYPES = ['string', 'boolean', 'pickList', 'multiLine', 'int'];

describe('task.json', () => {
  it('has the names that are promised', () => {
    assert.match(String(manifest['id']), /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    assert.deepEqual(
      [manifest['name'], manifest['friendlyName'], manifest['category']],
      ['AzureDevOpsToken', 'Azure DevOps token (managed identity)', 'Utility'],
    );
    assert.deepEqual(manifest['visibility'], ['Build', 'Release']);
    assert.deepEqual(manifest['runsOn'], ['Agent', 'DeploymentGroup']);
    assert.equal(task.version.Major, 1);
  });

  it('keeps to the limits that tfx and the service check', () => {
    assert.ok(task.friendlyName.length <= 40);
    for (const { name, type } of task.inputs) {
      assert.match(name, /^[A-Za-z][A-Za-z0-9]*$/);
      assert.ok(INPUT_TYPES.includes(type) || type.startsWith('connectedService:'), type);
    }
  });

  it('has the inputs that the code reads, each with a label, a help and a group', () => {
    assert.deepEqual(
      task.inputs.map(({ name }) => name),
      INPUT_NAMES,
    );
    const groups = (manifest['groups'] as { name: string }[]).map(({ name }) => name);
    for (const input of manifest['inputs'] as Record<string, unknown>[]) {
      assert.ok(input['label'] !== '' && input['helpMarkDown'] !== '');
      assert.ok(groups.includes(String(input['groupName'])));
      // What is required of one kind of connection only is hidden with the others.
      const isOfConnection = String(input['type']).startsWith('connectedService:');
      assert.equal(input['required'], isOfConnection);
      assert.equal(
        String(input['visibleRule']).startsWith('connectionType = azure'),
        isOfConnection,
      );
    }
  });

  it('has the defaults that the code takes an empty input for', () => {
    for (const [name, value] of Object.entries(CALL_DEFAULTS)) {
      assert.equal(task.inputs.find((input) => input.name === name)?.defaultValue, value, name);
    }
  });

  it('has the outputs that the code sets, and lets it set no other variable', () => {
    assert.deepEqual(
      task.outputVariables.map(({ name }) => name),
      [...OUTPUT_NAMES],
    );
    assert.deepEqual(task.restrictions, {
      commands: { mode: 'restricted' },
      settableVariables: { allowed: [...OUTPUT_NAMES] },
    });
    assert.ok(task.outputVariables.every(({ description }) => description !== ''));
  });

  it('runs on Node.js 20 and 24, by the same file', () => {
    assert.deepEqual(task.execution, {
      Node20_1: { target: 'dist/index.js' },
      Node24: { target: 'dist/index.js' },
    });
  });

  it('asks for the agent that the complaint about an old Node.js names', () => {
    const version = '3.232.1';
    assert.equal(manifest['minimumAgentVersion'], version);
    assert.ok(describeOldNode('16.0.0')?.includes(version));
  });
});

describe('the classic editor', () => {
  const inputs = manifest['inputs'] as readonly EditorInput[];

  // It replaces $(input) by the value of the input: https://github.com/microsoft/azure-pipelines-tasks/issues/5120
  for (const [what, url, name] of [
    ['with its URL', 'SecretSauce/_apis/builds', 'Azure DevOps token SecretSauce/_apis/builds'],
    ['without a URL', '', 'Azure DevOps token'],
  ] as const) {
    it(`names a step ${what}`, () => {
      const shown = String(manifest['instanceNameFormat']).replaceAll('$(url)', url);
      assert.equal(shown.trimEnd(), name);
    });
  }

  it('has its groups in the order of the pages', () => {
    const groups = (manifest['groups'] as { name: string }[]).map(({ name }) => name);
    assert.deepEqual(groups, ['identity', 'rest', 'response', 'waiting', 'advanced']);
    const used = inputs.map(({ groupName }) => groupName);
    assert.deepEqual([...new Set(used)], groups);
  });

  it('gets rules with the operators of the in-box tasks, over inputs that there are', () => {
    const names = inputs.map(({ name }) => name);
    for (const { name, visibleRule } of inputs) {
      for (const term of visibleRule?.split(/ (?:&&|\|\|) /) ?? []) {
        const [, other = '', , value = ''] =
          /^(\w+) (=|==|!=|EndsWith|NotEndsWith) (""|\w+)$/.exec(term) ?? [];
        assert.ok(names.includes(other) && other !== name, `${name}: ${term}`);
        const options = inputs.find((input) => input.name === other)?.options;
        assert.ok(value === '""' || options === undefined || value in options, term);
      }
    }
  });

  const CALL = { url: 'x', waitUntil: 'x' };
  for (const [name, values, hidden] of [
    [
      'nothing of a call without its URL',
      {},
      inputs
        .filter(({ groupName }) => groupName !== 'identity')
        .map((input) => input.name)
        .filter((name) => name !== 'url'),
    ],
    [
      'no ids with a service connection',
      { ...CALL, connectionType: 'azureDevOps' },
      ['clientId', 'objectId', 'resourceId', 'azureSubscription', 'body', 'bodyFile'],
    ],
    [
      'one service connection at a time',
      { ...CALL, connectionType: 'azureRM' },
      ['clientId', 'objectId', 'resourceId', 'azureDevOpsServiceConnection', 'body', 'bodyFile'],
    ],
    ['no body with a GET', { url: 'x', waitUntil: 'x' }, ['body', 'bodyFile']],
    ['no pages with a PUT', { url: 'x', method: 'PUT', waitUntil: 'x' }, ['allPages']],
    [
      'no times where nothing is waited for',
      { url: 'x', method: 'POST' },
      ['waitIntervalInSeconds', 'waitTimeoutInMinutes'],
    ],
    [
      'nothing of an answer to a HEAD that has none',
      { url: 'x', method: 'HEAD' },
      [
        ...['body', 'bodyFile', 'query', 'allPages', 'outputFile', 'failWhen', 'waitUntil'],
        ...['waitIntervalInSeconds', 'waitTimeoutInMinutes'],
      ],
    ],
  ] as const) {
    it(`shows ${name}`, () => {
      const all = new Map(inputs.map((input) => [input.name, input.defaultValue]));
      Object.entries(values).forEach(([input, value]) => all.set(input, value));
      // The rules in use are conjunctions of (in)equalities.
      const isShown = ({ visibleRule = '' }: EditorInput) =>
        [...visibleRule.matchAll(/(\w+) (!?=) (\S+)/g)].every(
          ([, input = '', operator, value = '']) =>
            (all.get(input) === value.replace('""', '')) === (operator === '='),
        );
      const connections =
        'connectionType' in values ? [] : ['azureDevOpsServiceConnection', 'azureSubscription'];
      assert.deepEqual(
        inputs.filter((input) => !isShown(input)).map((input) => input.name),
        [...connections, ...hidden],
      );
    });
  }

  it('helps with one or two sentences, and an example', () => {
    for (const { name, type, helpMarkDown } of inputs) {
      const sentences = helpMarkDown.replace(/`[^`]*`/g, 'x').match(/[.](?=\s|$)/g) ?? [];
      assert.ok(sentences.length >= 1 && sentences.length <= 2, `${name}: ${helpMarkDown}`);
      assert.ok(type === 'boolean' || helpMarkDown.includes('`'), `${name} has no example`);
    }
  });

  it('has boxes of several lines that can be made larger', () => {
    const boxes = inputs.filter(({ type }) => type === 'multiLine');
    const rows = Object.fromEntries(boxes.map(({ name, properties }) => [name, properties?.rows]));
    assert.deepEqual(rows, { allowedHosts: '2', headers: '3', body: '10' });
    assert.ok(boxes.every(({ properties }) => properties?.resizable === 'true'));
  });

  it('offers the kinds of connection that the task takes', () => {
    const { options } = inputs.find(({ name }) => name === 'connectionType') ?? assert.fail();
    assert.deepEqual(Object.keys(options ?? {}), [...CONNECTION_TYPES]);
  });

  it('offers the methods that the task takes', () => {
    const { options } = inputs.find(({ name }) => name === 'method') ?? assert.fail();
    assert.deepEqual(Object.keys(options ?? {}), [...METHODS]);
  });
});

describe('vss-extension.json', () => {
  it('has the names that are promised', () => {
    assert.deepEqual(
      [extension['id'], extension['name'], extension['targets'], extension['categories']],
      [
        'azure-devops-managed-identity',
        'Azure DevOps Managed Identity',
        [{ id: 'Microsoft.VisualStudio.Services.Cloud' }],
        ['Azure Pipelines'],
      ],
    );
  });

  it('asks for no access to the organization', () => {
    assert.deepEqual(extension['scopes'], []);
  });

  it('has a description that the Marketplace takes', () => {
    assert.ok(String(extension['description']).length <= 200);
  });

  it('contributes the task', () => {
    const [contribution, ...others] = extension['contributions'] as Record<string, unknown>[];
    assert.equal(others.length, 0);
    assert.equal(contribution?.['type'], 'ms.vss-distributed-task.task');
    assert.deepEqual(contribution['properties'], { name: 'tasks/AzureDevOpsTokenV1' });
  });
});

describe('the version', () => {
  it('is one for the package, the extension and the task', () => {
    const { Major, Minor, Patch } = task.version;
    assert.equal(extension['version'], project['version']);
    assert.equal(`${Major}.${Minor}.${Patch}`, project['version']);
  });
});

describe('package.json', () => {
  it('pins every package to one version', () => {
    const { dependencies, devDependencies } = project as Record<string, Record<string, string>>;
    for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
      assert.match(version, /^\d+\.\d+\.\d+$/, name);
    }
  });

  it('keeps the libraries that still run on Node.js 20, as long as the task does', () => {
    const dependencies = project['dependencies'] as Record<string, string>;
    assert.equal(dependencies['@azure/identity'], '4.13.1');
    assert.equal(dependencies['@azure/core-rest-pipeline'], '1.24.0');
    const lock = readJson('package-lock.json')['packages'] as Record<string, { version: string }>;
    const versions = Object.entries(lock)
      .filter(([path]) => path.endsWith('node_modules/@azure/core-rest-pipeline'))
      .map(([, { version }]) => version);
    assert.deepEqual(versions, ['1.24.0']);
  });

  it('has at most sixteen scripts', () => {
    assert.ok(Object.keys(project['scripts'] as object).length <= 16);
  });
});
