// Bad input: each input of task.json with each class of malformation. Nothing is sent, and every problem is told at once.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolders } from '../emulators/agent/job-setting';
import { cleanUp } from '../emulators/agent/run-step';
import { task } from '../contract/files';
import { perform } from '../stage';

/** What can be wrong with a value, by kind. */
const MACRO = '$(noSuchVariable)';
const CONTROL = 'a\u0007b';
const LONG = 'x'.repeat(5_000);

/** What each input refuses, by the class of its malformation; `null`: there is no such value that it would refuse. */
const CASES: Readonly<Record<string, Readonly<Record<Malformation, string | null>>>> = {
  connectionType: choice(),
  clientId: guid(),
  objectId: guid(),
  resourceId: guid('/subscriptions/x'),
  azureDevOpsServiceConnection: connection(),
  azureSubscription: connection(),
  minimumLifetimeInMinutes: number('1441'),
  organization: {
    macro: MACRO,
    otherType: '5.5',
    tooLong: LONG,
    control: CONTROL,
    hostile: 'https://evil.example/MyOrg',
    outOfRange: 'My Org',
  },
  verifyMembership: boolean(),
  allowedHosts: {
    macro: MACRO,
    otherType: '["a"]',
    tooLong: `${LONG}:x`,
    control: CONTROL,
    hostile: '*.example.com',
    outOfRange: 'https://devops.example.com',
  },
  url: {
    macro: MACRO,
    otherType: 'ftp://dev.azure.com/MyOrg/_apis/projects',
    // A long path is for the server to refuse.
    tooLong: null,
    control: `_apis/projects${CONTROL}`,
    hostile: '../OtherOrg/_apis/projects',
    outOfRange: 'https://evil.example/_apis/projects',
  },
  method: choice(),
  apiVersion: choice('7'),
  headers: {
    macro: MACRO,
    otherType: '[1]',
    tooLong: LONG,
    control: `X-A: ${CONTROL}`,
    hostile: 'Authorization: Bearer x',
    outOfRange: '{"X-A": {}}',
  },
  // Whatever it is, it is sent as it stands; a GET sends none.
  body: {
    macro: MACRO,
    otherType: '5',
    tooLong: LONG,
    control: CONTROL,
    hostile: '##vso[task.complete]',
    outOfRange: '{',
  },
  bodyFile: {
    macro: MACRO,
    otherType: 'folder',
    tooLong: LONG,
    control: CONTROL,
    hostile: '../../../../etc/nothing',
    outOfRange: 'nowhere.json',
  },
  query: expression(),
  allPages: boolean(),
  outputFile: {
    macro: `${MACRO}/x`,
    otherType: 'folder',
    tooLong: LONG,
    control: CONTROL,
    hostile: 'folder/..',
    outOfRange: 'folder/',
  },
  secretResult: boolean(),
  expectedStatus: choice('200;404'),
  failWhen: expression(),
  waitUntil: expression(),
  waitIntervalInSeconds: number('3600.1'),
  waitTimeoutInMinutes: number('0.0'),
  requestTimeoutInSeconds: number('3601'),
  maxRetries: number('21'),
};

type Malformation = 'macro' | 'otherType' | 'tooLong' | 'control' | 'hostile' | 'outOfRange';

function guid(outOfRange = '01234567-89ab-cdef-0123-456789abcde') {
  return {
    macro: MACRO,
    otherType: '5',
    tooLong: LONG,
    control: CONTROL,
    hostile: `x'&y=`,
    outOfRange,
  };
}

function connection() {
  return {
    macro: MACRO,
    otherType: '{}',
    tooLong: LONG,
    control: CONTROL,
    hostile: 'x&api-version=1',
    outOfRange: 'no-such-connection',
  };
}

function number(outOfRange: string) {
  return {
    macro: MACRO,
    otherType: 'five',
    tooLong: '1'.repeat(400),
    control: CONTROL,
    hostile: '1e1',
    outOfRange,
  };
}

function boolean() {
  return {
    macro: MACRO,
    otherType: '1',
    tooLong: LONG,
    control: CONTROL,
    hostile: 'true;',
    outOfRange: 'yes',
  };
}

function choice(outOfRange = 'NONE') {
  return {
    macro: MACRO,
    otherType: '{}',
    tooLong: LONG,
    control: CONTROL,
    hostile: 'GET /x',
    outOfRange,
  };
}

function expression() {
  return {
    macro: MACRO,
    otherType: '{}',
    // A long name is one.
    tooLong: null,
    control: CONTROL,
    hostile: "value['x",
    outOfRange: 'nothing(@)',
  };
}

/** What else a step needs for the input to matter. */
const FIRST_OF_CALL = task.inputs.findIndex(({ name }) => name === 'url');
const NEEDED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  ...Object.fromEntries(
    task.inputs.map(({ name }, index) => [
      name,
      index < FIRST_OF_CALL ? {} : { url: '_apis/projects' },
    ]),
  ),
  azureDevOpsServiceConnection: { connectionType: 'azureDevOps' },
  azureSubscription: { connectionType: 'azureRM' },
  waitIntervalInSeconds: { url: '_apis/projects', waitUntil: 'count' },
  waitTimeoutInMinutes: { url: '_apis/projects', waitUntil: 'count' },
};

const isOfCall = (name: string) =>
  task.inputs.findIndex((input) => input.name === name) >= FIRST_OF_CALL;

async function refuse(inputs: Readonly<Record<string, string>>): Promise<string> {
  const folders = makeFolders();
  mkdirSync(join(folders.sources, 'folder'));
  const performance = await perform({ inputs }, { folders });
  const { step, requests, organization } = performance;
  cleanUp(step);
  assert.equal(step.result, 'Failed', JSON.stringify(inputs).slice(0, 200));
  assert.equal(step.issues.length, 1);
  assert.equal(requests.length, 0);
  assert.equal(organization?.connections(), 0);
  assert.equal(step.outputs.size, 0);
  const message = step.issues[0]?.message ?? '';
  assert.match(message, /^Reading the inputs of the step: /);
  // Neither what is too long nor what could act on the agent comes back.
  assert.ok(message.length < 8_000 && !message.includes('\u0007') && !message.includes('##vso['));
  return message;
}

describe('bad input', () => {
  it('has cases for every input of task.json, and for nothing else', () => {
    assert.deepEqual(
      Object.keys(CASES),
      task.inputs.map(({ name }) => name),
    );
  });

  for (const { name } of task.inputs) {
    const cases = Object.entries(CASES[name] ?? {}).filter(([, value]) => value !== null);
    for (const [malformation, value] of cases as [string, string][]) {
      it(`is refused before anything is sent: ${name}, ${malformation}`, async () => {
        const message = await refuse({ ...NEEDED[name], [name]: value });
        assert.ok(message.includes(`${name} `), message);
        if (malformation === 'macro' && name !== 'body') {
          assert.ok(
            message.includes('$(noSuchVariable): the pipeline has no such variable'),
            message,
          );
        }
      });
    }
  }

  for (const malformation of ['macro', 'otherType', 'control', 'hostile', 'outOfRange'] as const) {
    it(`of every input (${malformation}) is told in one message`, async () => {
      // Of the ids, only one may be set, which is a problem of its own.
      const names = task.inputs
        .map(({ name }) => name)
        // A step has one kind of connection, and does not read the inputs of the others.
        .filter((name) => !/^connectionType$|^azure/.test(name))
        .filter((name) => CASES[name]?.[malformation]);
      const message = await refuse(
        Object.fromEntries(names.map((name) => [name, CASES[name]?.[malformation] ?? ''])),
      );
      for (const name of names) {
        assert.ok(
          message.includes(`\n- ${name} `) || message.includes(`${name} are`),
          `${name}: ${message}`,
        );
      }
    });
  }
});

describe('inputs that do not go together', () => {
  for (const [inputs, problem] of [
    [{ method: 'HEAD', waitUntil: 'x' }, 'waitUntil is set, and the answer to a HEAD has no body'],
    [{ method: 'POST', allPages: 'true' }, 'allPages is set, and pages are asked for with a GET'],
    [{ method: 'HEAD', allPages: 'true' }, 'allPages is set, and pages are asked for with a GET'],
  ] as const) {
    it(`are refused before anything is sent: ${JSON.stringify(inputs)}`, async () => {
      const message = await refuse({ url: '_apis/projects', ...inputs });
      assert.ok(message.includes(problem), message);
    });
  }
});

describe('a path that would leave the organization, or a host that may not get the token', () => {
  for (const url of [
    '../OtherOrg/_apis/projects',
    '_apis/../../OtherOrg/_apis/projects',
    '_apis/%2e%2e/%2E./OtherOrg',
    '_apis/%252e%252e/x',
    './_apis/projects',
    '//evil.example/_apis/projects',
    '/OtherOrg/_apis/projects',
    '_apis//projects',
    '\\\\evil.example\\x',
    '..\\OtherOrg\\_apis',
    '..%2fOtherOrg%2f_apis',
    '%2f%2fevil.example/x',
    '..%5cOtherOrg',
    '.\t./OtherOrg/_apis',
    '_apis/pro\njects',
    'https:/evil.example/x',
    'https:evil.example/x',
    'https://dev.azure.com@evil.example/MyOrg/_apis/projects',
    'https://user:password@dev.azure.com/MyOrg/_apis/projects',
    'https://dev.azure.com\\@evil.example/x',
    'https://dev.azure.com.evil.example/MyOrg/_apis/projects',
    'https://evil-dev.azure.com/x',
    'https://dev.azure.com:8443/MyOrg/_apis/projects',
    'http://dev.azure.com/MyOrg/_apis/projects',
    'https://127.0.0.1/x',
    'http://169.254.169.254/metadata/instance',
    'file:///etc/passwd',
    'javascript:alert(1)',
    '_apis/projects#x',
    '_apis/$(noSuchVariable)/x',
  ]) {
    it(`is refused before anything is sent: ${JSON.stringify(url)}`, async () => {
      assert.match(await refuse({ url }), /: url (?:is|names|holds) /);
    });
  }
});

describe('a blank input', () => {
  for (const { name } of task.inputs) {
    it(`stands for what an empty one does: ${name}`, async () => {
      const inputs = isOfCall(name) ? { url: '_apis/projects' } : {};
      for (const blank of ['', ' \t ', '\u00a0\n']) {
        const { step } = await perform({ inputs: { ...inputs, [name]: blank } });
        cleanUp(step);
        assert.equal(step.result, 'Succeeded', step.issues[0]?.message);
      }
    });
  }
});
