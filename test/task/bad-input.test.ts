// Bad input: nothing is sent, and every problem is told at once. That each malformation of each input is refused by itself, and each spelling
// of an address, is tested in test/unit/inputs/.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolders } from '../emulators/agent/job-setting';
import { cleanUp } from '../emulators/agent/run-step';
import { task } from '../contract/files';
import { perform } from '../stage';
import { CASES, NEEDED } from '../unit/inputs/bad-inputs';

/** What the inputs need to matter at all. */
const CALL = { url: '_apis/projects', waitUntil: 'count' };

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
  assert.match(message, /^/);
  // Neither what is too long nor what could act on the agent comes back.
  assert.ok(message.length < 8_000 && !message.includes('\u0007') && !message.includes('##vso['));
  return message;
}

describe('bad input', () => {
  for (const [name, value] of [
    ['azureDevOpsServiceConnection', 'no-such-connection'],
    ['azureSubscription', '$(noSuchVariable)'],
    ['outputFile', 'folder/'],
  ] as const) {
    it(`is refused before anything is sent: ${name}`, async () => {
      const message = await refuse({ ...NEEDED[name], [name]: value });
      assert.ok(message.includes(`${name} `), message);
    });
  }

  for (const malformation of ['macro', 'otherType', 'tooLong', 'hostile'] as const) {
    it(`of every input (${malformation}) is told in one message`, async () => {
      // Of the ids, only one may be set, which is a problem of its own.
      const names = task.inputs
        .map(({ name }) => name)
        // A step has one kind of connection, and does not read the inputs of the others.
        .filter((name) => !/^connectionType$|^azure/.test(name))
        .filter((name) => CASES[name]?.[malformation]);
      const message = await refuse({
        ...CALL,
        ...Object.fromEntries(names.map((name) => [name, CASES[name]?.[malformation] ?? ''])),
      });
      for (const name of names) {
        assert.ok(
          message.includes(`\n- ${name} `) || message.includes(`${name} are`),
          `${name}: ${message}`,
        );
      }
    });
  }
});

describe('a path that would leave the organization, or a host that may not get the token', () => {
  for (const url of [
    '_apis/%252e%252e/x',
    'https://dev.azure.com@evil.example/MyOrg/_apis/projects',
  ]) {
    it(`is refused before anything is sent: ${JSON.stringify(url)}`, async () => {
      assert.match(await refuse({ url }), /^url (?:is|contains) /);
    });
  }
});

describe('blank inputs', () => {
  it('stand for what empty ones do', async () => {
    const blanks = Object.fromEntries(task.inputs.map(({ name }) => [name, ' \t\u00a0\n']));
    const { step } = await perform({ inputs: { ...blanks, url: '_apis/projects' } });
    cleanUp(step);
    assert.equal(step.result, 'Succeeded', step.issues[0]?.message);
  });
});
